//! `POST /accountupdater/v1/batches`: a merchant asks about tokens, or registers them for the daily report.
//!
//! An inquiry has one record for each token, of the shapes that occur in inquiries. A registration has records for
//! what was refused alone: tokens of a wrong length, and those that are registered already.

use std::collections::HashSet;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::{Value, json};

use crate::options::MAX_RECORDS;

use super::batch::{Batch, Report, Source, Submission};
use super::problem::Problem;
use super::{PATH, views};

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewBatch {
    #[serde(default, rename = "type")]
    kind: What,
    included: Included,
    merchant_reference: Option<String>,
    notification_email: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum What {
    #[default]
    OneOff,
    AmexRegistration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Included {
    tokens: Vec<Token>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Token {
    id: String,
    expiration_month: Option<String>,
    expiration_year: Option<String>,
}

impl NewBatch {
    /// The request, if it is as documented.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
        if !kind.is_some_and(|kind| kind.starts_with(b"application/json")) {
            return Err(Problem::media_type("Content-Type"));
        }
        let wanted: Self = serde_json::from_slice(body).map_err(|e| match e.classify() {
            Category::Data => invalid("body", &e.to_string()),
            _ => Problem::malformed_payload(),
        })?;
        wanted.check()?;
        Ok(wanted)
    }

    fn check(&self) -> Result<(), Problem> {
        if self.notification_email.is_none() {
            return Err(Problem::invalid(vec![json!({
                "path": "notificationEmail",
                "message": "Email address provided should not be 'null'",
                "localizationKey": "cybsapi.ondemand.batch.email.null",
            })]));
        }
        let email = self.notification_email.as_deref().unwrap_or_default();
        let reference = self.merchant_reference.as_deref().unwrap_or_default();
        let tokens = &self.included.tokens;
        let identifiers = tokens.iter().filter(|token| token.is_identifier()).count();
        if !email.contains('@') {
            return Err(invalid("notificationEmail", "must be a mail address"));
        }
        if reference.chars().count() > 255 {
            return Err(invalid(
                "merchantReference",
                "must have at most 255 characters",
            ));
        }
        if tokens.is_empty() || tokens.len() as u64 > MAX_RECORDS {
            return Err(invalid(
                "included.tokens",
                "must have 1 to 10000000 elements",
            ));
        }
        if identifiers != 0 && identifiers != tokens.len() {
            return Err(invalid("included.tokens", "must be of one kind"));
        }
        match tokens.iter().find(|token| !token.is_documented()) {
            Some(_) => Err(invalid("included.tokens", "must be as documented")),
            None => Ok(()),
        }
    }

    /// The batch that it becomes; `registered` are the tokens of earlier registrations.
    pub(super) fn becomes(
        self,
        id: String,
        seed: u64,
        registered: &mut HashSet<String>,
        now: DateTime<Utc>,
        worked_on: TimeDelta,
    ) -> Batch {
        let tokens = self.included.tokens.into_iter().map(|token| token.id);
        let submission = Submission {
            reference: self.merchant_reference,
            tokens: tokens.collect(),
        };
        let ready_at = now + worked_on;
        match self.kind {
            What::OneOff => Batch::inquiry(seed, id, submission, now, ready_at),
            What::AmexRegistration => {
                let refused = refused(&submission.tokens, registered);
                let report = report(&id, &submission, &refused, now);
                let (all, refused) = (submission.tokens.len(), refused.len());
                Batch::registration(
                    id,
                    submission,
                    report,
                    (all - refused, refused),
                    now,
                    ready_at,
                )
            }
        }
    }
}

impl Token {
    /// Instrument identifiers are numbers; the vault's other tokens are 32 hexadecimal digits.
    fn is_identifier(&self) -> bool {
        self.id.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_documented(&self) -> bool {
        let digits = |text: &Option<String>, count: usize| {
            let text = text.as_deref();
            text.is_none_or(|text| text.len() == count && text.bytes().all(|b| b.is_ascii_digit()))
        };
        (1..=32).contains(&self.id.len())
            && digits(&self.expiration_month, 2)
            && digits(&self.expiration_year, 4)
    }
}

/// What is said at once. The link to the status is an object in one of the provider's documents and a list in the
/// other.
pub(super) fn accepted(batch: &Batch, origin: &str) -> Value {
    let url = format!("{origin}{PATH}");
    let status = json!({ "href": format!("{url}/{}/status", batch.id) });
    let tokens = batch.submission.as_ref().map_or(0, |it| it.tokens.len());
    json!({
        "_links": {
            "self": { "href": url },
            "status": match batch.variant().is_multiple_of(2) {
                true => status,
                false => json!([status]),
            },
        },
        "batchId": batch.id,
        "batchItemCount": tokens,
    })
}

/// The tokens that are not registered by this, and why; the others are from now on.
fn refused<'t>(
    tokens: &'t [String],
    registered: &mut HashSet<String>,
) -> Vec<(&'t str, &'static str)> {
    let refusal = |token: &'t String| {
        let why = match token.len() {
            ..12 => "851",
            22 => "850",
            _ if !registered.insert(token.clone()) => "861",
            _ => return None,
        };
        Some((token.as_str(), why))
    };
    tokens.iter().filter_map(refusal).collect()
}

/// The report of a registration: what was refused, without ids. There is none if nothing was.
fn report(
    id: &str,
    submission: &Submission,
    refused: &[(&str, &str)],
    now: DateTime<Utc>,
) -> Report {
    if refused.is_empty() {
        return Report::Absent;
    }
    let record = |(token, reason): &(&str, &str)| {
        json!({
            "sourceRecord": { "token": token, "cardExpiryMonth": "01", "cardExpiryYear": "2031" },
            "responseRecord": { "response": "DEC", "reason": reason },
        })
    };
    let body = json!({
        "version": "1.0",
        "reportCreatedDate": views::colons(now),
        "batchId": id,
        "batchSource": Source::AmexRegistryApi,
        "batchCaEndpoints": "AMEX",
        "batchCreatedDate": views::colons(now),
        "merchantReference": submission.reference,
        "totals": {
            "acceptedRecords": submission.tokens.len() - refused.len(),
            "rejectedRecords": refused.len(),
        },
        "records": refused.iter().map(record).collect::<Vec<_>>(),
    });
    Report::Verbatim(Bytes::from(body.to_string()))
}

fn invalid(path: &str, message: &str) -> Problem {
    Problem::invalid(vec![json!({ "path": path, "message": message })])
}
