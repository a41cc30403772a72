//! Example, a provider that does not exist: the connector to copy. `connectors/README.md` leads
//! through it.
//!
//! Its whole API, with the account's key in the header `X-Api-Key`:
//!
//! - `GET /v1/reports?merchant=…&from=…&to=…&page=1` lists what Example made between two instants:
//!   `{"reports": [REPORT, …], "more": false}`.
//! - `GET /v1/reports/{id}` shows one REPORT: `{"id": "r-7", "state": "ready", "records": 3,
//!   "created_at": "2026-11-21T04:00:00Z", "purged_at": "2026-12-21T04:00:00Z"}`. The state is
//!   `preparing`, `ready` or `failed`; a failed one has a `reason`.
//! - `GET /v1/reports/{id}/records` gives the records of a ready one as JSON lines (`wire::Record`).
//! - What it refuses, it explains: `{"error": "no such merchant"}`.
//!
//! Cards are tokens of Example's vault throughout, so no card number passes through here.

mod map;
#[cfg(test)]
mod tests;
mod wire;

use reissue_connector_api::lines::LineReader;
use reissue_connector_api::{
    Account, Batch, Collected, Connector, Environment, ExposeSecret, Fault, Found, FoundState, Job,
    Manifest, Outcome, Pans, Request, Response, Run, SecretName, SecretString, Timing, Totals,
    Update, Verb, Window, days, export_connector, hours, minutes,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::wire::{Page, Record, Refusal, Report};

export_connector!(Example);

/// An account at the provider.
pub struct Example {
    merchant: String,
    api_key: SecretString,
}

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The merchant's name at Example, as its portal shows it.
    pub merchant: String,
}

impl Connector for Example {
    const MANIFEST: Manifest = Manifest {
        name: "example",
        version: env!("CARGO_PKG_VERSION"),
        summary: "A provider that does not exist, to copy from",
        environments: &[Environment {
            name: "production",
            base_url: "https://api.example.com",
        }],
        secrets: &[SecretName {
            name: "api_key",
            summary: "The key that Example's portal shows under Integrations",
            optional: false,
            from_enrolment: false,
        }],
        pans: Pans::None,
        jobs: &[Job {
            name: "daily",
            verb: Verb::Discover,
            summary: "The daily report of changed cards",
            suggested_cron: "30 6 * * *",
            first_lookback: days(7),
            largest_submission: 0,
            needs_enrolment: false,
            needs_webhook: false,
            timing: Timing {
                first_poll: minutes(1),
                poll_every: minutes(15),
                kept_for: Some(days(30)),
                overdue_after: hours(26),
            },
        }],
    };

    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        if settings.merchant.is_empty() {
            return Err(Fault::settings(
                "`merchant` is empty: copy it from Example's portal",
            ));
        }
        Ok(Self {
            merchant: settings.merchant,
            api_key: account.secret("api_key")?.clone(),
        })
    }

    fn discover(&self, run: &Run<'_>, _job: &str, window: Window) -> Result<Vec<Found>, Fault> {
        let mut found = Vec::new();
        for number in 1_u32.. {
            let request = Request::get("/v1/reports")
                .query("merchant", &self.merchant)
                .query("from", window.from.format("%Y-%m-%dT%H:%M:%SZ"))
                .query("to", window.to.format("%Y-%m-%dT%H:%M:%SZ"))
                .query("page", number);
            let page: Page = self.get(run, request, "listing the reports")?.json()?;
            found.extend(page.reports.iter().map(map::found));
            if !page.more {
                break;
            }
        }
        Ok(found)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let request = Request::get("/v1/reports/{id}").param("id", batch.id());
        let report: Report = self
            .get(run, request, "reading the state of the report")?
            .json()?;
        match map::state(&report) {
            FoundState::Ready => {}
            FoundState::Running => return Ok(Collected::not_ready()),
            FoundState::Failed(text) => return Ok(Collected::Failed(text)),
        }

        let request = Request::get("/v1/reports/{id}/records").param("id", batch.id());
        let records = self.get(run, request, "reading the records of the report")?;
        let lines = LineReader::new(records).each(|line| match line.json::<Record<'_>>()? {
            Some(record) => run.emit(&map::update(&record)),
            None => {
                tracing::warn!(line = line.number, "A record is not as documented.");
                run.emit(&Update::new(Outcome::Unknown))
            }
        })?;
        // Counts may be wrong, and the ledger compares them; but nothing is not a report of something.
        if lines == 0 && report.records.0 > Some(0) {
            return Err(Fault::garbled(
                "the report counts records, and the answer has none",
            ));
        }
        let totals = Totals {
            records: report.records.0,
            ..Totals::default()
        };
        Ok(Collected::Complete { totals })
    }
}

impl Example {
    /// The answer, if it is a success; else the fault that it means, in Example's own words.
    fn get<'r>(
        &self,
        run: &'r Run<'_>,
        request: Request,
        doing: &str,
    ) -> Result<Response<'r>, Fault> {
        let mut response = run.http(&request.header("X-Api-Key", self.api_key.expose_secret()))?;
        if response.is_success() {
            return Ok(response);
        }
        // Whoever answered may be a gateway that explains nothing, and that is no further fault.
        let refusal: Refusal = response.json().unwrap_or_default();
        Err(response.fault(doing, &refusal.error))
    }
}
