//! A batch as the provider keeps it, before any of its views bends the facts.

use std::sync::Arc;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::generate::Generated;

/// What the merchant calls itself at the provider; some views leave it out.
const MERCHANT_NAME: &str = "Merchant Name";

/// Where batches come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Source {
    /// The daily file of Amex updates.
    AmexMaintenance,
    /// The monthly harvest of all stored Visa and Mastercard tokens.
    Scheduler,
    /// Amex cards that were registered for the daily file.
    AmexRegistryApi,
    /// A one-off question about Visa and Mastercard tokens.
    TokenApi,
}

impl Source {
    /// The card schemes that were asked.
    pub(super) fn endpoints(self) -> &'static [&'static str] {
        match self {
            Self::AmexMaintenance | Self::AmexRegistryApi => &["AMEX"],
            Self::Scheduler | Self::TokenApi => &["VISA", "MASTERCARD"],
        }
    }
}

#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) source: Source,
    pub(super) created: DateTime<Utc>,
    pub(super) ready_at: DateTime<Utc>,
    /// What a merchant asked, where the batch answers that.
    pub(super) submission: Option<Submission>,
    /// A fixed word, where a test wants another than time gives.
    pub(super) status: Option<String>,
    pub(super) counts: Counts,
    pub(super) report: Report,
}

/// What a merchant asked.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) reference: Option<String>,
    pub(super) tokens: Arc<[String]>,
}

#[derive(Debug)]
pub(super) enum Report {
    Generated(Arc<Generated>),
    /// Given by a test, served byte by byte.
    Verbatim(Bytes),
    /// A registration without errors has none.
    Absent,
}

/// What the provider counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) totals: Option<Map<String, Value>>,
    pub(super) billing: Option<Map<String, Value>>,
    /// Given by a test: every view shows the totals as they are.
    pub(super) fixed: bool,
}

impl Batch {
    /// An inquiry: its report has a record for each token.
    pub(super) fn inquiry(
        seed: u64,
        id: String,
        submission: Submission,
        created: DateTime<Utc>,
        ready_at: DateTime<Utc>,
    ) -> Self {
        let records = submission.tokens.len() as u64;
        let report = Generated::new(seed, &id, Source::TokenApi, records);
        let report = Report::Generated(Arc::new(report.of_tokens(submission.tokens.clone())));
        let mut batch = Self {
            id,
            source: Source::TokenApi,
            created,
            ready_at,
            submission: Some(submission),
            status: None,
            counts: Counts::default(),
            report,
        };
        batch.counts = Counts::of(batch.source, &batch.report, batch.variant());
        batch
    }

    /// A registration: its report names the tokens that were refused.
    pub(super) fn registration(
        id: String,
        submission: Submission,
        report: Report,
        (accepted, rejected): (usize, usize),
        created: DateTime<Utc>,
        ready_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            source: Source::AmexRegistryApi,
            created,
            ready_at,
            submission: Some(submission),
            status: None,
            counts: Counts::registration(accepted as u64, rejected as u64),
            report,
        }
    }

    /// What the merchant calls the batch: its own reference, or its name for what the provider made by itself.
    pub(super) fn reference(&self) -> Option<&str> {
        match &self.submission {
            Some(submission) => submission.reference.as_deref(),
            None => Some(MERCHANT_NAME),
        }
    }

    /// A row of a list that never ends: nothing but the list knows it.
    pub(super) fn phantom(n: u64, created: DateTime<Utc>) -> Self {
        Self {
            id: format!("99{n:024}"),
            source: Source::AmexMaintenance,
            created,
            ready_at: created,
            submission: None,
            status: None,
            counts: Counts::default(),
            report: Report::Absent,
        }
    }

    /// Whether the report can be had.
    pub(super) fn is_complete(&self, now: DateTime<Utc>) -> bool {
        match &self.status {
            Some(word) => ["complete", "completed"]
                .iter()
                .any(|done| word.eq_ignore_ascii_case(done)),
            None => self.ready_at <= now,
        }
    }

    /// Which of the provider's inconsistent ways this batch shows: stable for a batch, mixed over batches.
    pub(super) fn variant(&self) -> u32 {
        self.id.bytes().map(u32::from).sum()
    }
}

impl Counts {
    /// The counts that agree with the report.
    pub(super) fn of(source: Source, report: &Report, variant: u32) -> Self {
        match report {
            Report::Generated(_) | Report::Absent if source == Source::AmexRegistryApi => {
                let rejected = if let Report::Generated(report) = report {
                    report.records
                } else {
                    0
                };
                Self::registration(12, rejected)
            }
            Report::Generated(report) => Self::generated(report, variant),
            Report::Verbatim(body) => serde_json::from_slice(body).map_or_else(
                |_| Self::default(),
                |mut body: Value| Self::new(body["totals"].take(), Some(body["billing"].take())),
            ),
            Report::Absent => Self::default(),
        }
    }

    /// Of a registration nobody was asked.
    fn registration(accepted: u64, rejected: u64) -> Self {
        let totals = json!({
            "acceptedRecords": accepted, "rejectedRecords": rejected, "updatedRecords": 0,
            "caResponses": 0, "caResponsesOmitted": 0,
        });
        Self::new(totals, None)
    }

    fn generated(report: &Generated, variant: u32) -> Self {
        let count = |response| -> u64 {
            let of_it = report
                .tally()
                .filter(|(shape, _)| shape.response == response);
            of_it.map(|(_, count)| count).sum()
        };
        let (nan, ned, acl, cch) = (count("NAN"), count("NED"), count("ACL"), count("CCH"));
        let rejected = count("DEC");
        // Of several answers for one card the surplus is left out.
        let omitted = if report.records > 0 {
            u64::from(variant % 3)
        } else {
            0
        };
        let totals = json!({
            "acceptedRecords": report.records - rejected,
            "rejectedRecords": rejected,
            "updatedRecords": nan + ned + acl,
            "caResponses": report.records + omitted,
            "caResponsesOmitted": omitted,
        });
        Self::new(
            totals,
            Some(json!({ "nan": nan, "ned": ned, "acl": acl, "cch": cch })),
        )
    }

    fn new(totals: Value, billing: Option<Value>) -> Self {
        let object = |value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        };
        Self {
            totals: object(totals),
            billing: billing.and_then(object),
            fixed: false,
        }
    }

    /// The totals that a test gave.
    pub(super) fn fixed(self, totals: Map<String, Value>) -> Self {
        Self {
            totals: Some(totals),
            fixed: true,
            ..self
        }
    }
}
