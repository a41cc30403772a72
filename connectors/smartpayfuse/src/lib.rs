//! Barclaycard smartpayFuse, which is Cybersource Account Updater under another name: the same
//! paths, the same messages, other hosts.
//!
//! The provider makes batches by itself (daily for American Express, monthly for the rest) and shows
//! them in a list; a batch that is complete has a report of what became of its cards. Cards are
//! tokens of the provider's vault throughout, so no card number passes through here.

mod list;
mod map;
mod refusal;
mod report;
mod sign;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use reissue_connector_api::{
    Account, Batch, Collected, Connector, Environment, Fault, Found, FoundState, Job, Level,
    Manifest, Pans, Request, Response, Run, SecretName, Timing, Verb, Window, days,
    export_connector, hours, minutes,
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Builder;

use crate::list::{LIMIT, Paging};
use crate::map::job;
use crate::refusal::Asked;
use crate::sign::Credentials;
use crate::wire::Page;

export_connector!(SmartpayFuse);

/// An account at the provider.
pub struct SmartpayFuse {
    auth: Auth,
    credentials: Credentials,
}

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The merchant id, also called organisation id, as the portal shows it.
    pub merchant_id: String,
    /// The id of the shared-secret key, from the portal's key management.
    pub key_id: String,
    /// How requests are signed. The provider recommends `jwt` and calls `http-signature` deprecated.
    #[serde(default)]
    pub auth: Auth,
    /// The portfolio that owns the key, where the key is a portfolio's ("meta") key.
    pub portfolio_id: Option<String>,
    /// Where the provider mails news of batches that we submit. Listing and collecting do without.
    pub notification_email: Option<String>,
}

/// How requests are signed, both with the same shared secret.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// A JSON web token over the request, in `Authorization`.
    #[default]
    Jwt,
    /// A signature over chosen headers, in `Signature`.
    HttpSignature,
}

impl Connector for SmartpayFuse {
    const MANIFEST: Manifest = Manifest {
        name: "smartpayfuse",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Barclaycard smartpayFuse and Cybersource Account Updater",
        environments: &[
            environment("test", "https://api.smartpayfuse-test.barclaycard"),
            environment("production", "https://api.smartpayfuse.barclaycard"),
            environment("cybersource-test", "https://apitest.cybersource.com"),
            environment("cybersource-production", "https://api.cybersource.com"),
            environment("cybersource-india", "https://api.in.cybersource.com"),
        ],
        secrets: &[SecretName {
            name: "shared_secret",
            summary: "The key's shared secret in base64, shown once by the portal's key management",
            optional: false,
        }],
        pans: Pans::None,
        jobs: &[
            listing(
                job::AMEX_DAILY,
                "The daily report of changed American Express cards",
                "30 6 * * *",
                days(7),
            ),
            listing(
                job::HARVEST,
                "The monthly sweep of all stored Visa and Mastercard tokens",
                "0 7 * * *",
                days(45),
            ),
            listing(
                job::REGISTRY_REPORTS,
                "What was refused when American Express tokens were registered",
                "15 7 * * *",
                days(7),
            ),
            listing(
                job::ONE_OFF_REPORTS,
                "Answers to inquiries that other systems of the merchant submitted",
                "30 7 * * *",
                days(7),
            ),
        ],
    };

    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        settings.check()?;
        Ok(Self {
            auth: settings.auth,
            credentials: Credentials::new(settings, account)?,
        })
    }

    fn discover(&self, run: &Run<'_>, job: &str, window: Window) -> Result<Vec<Found>, Fault> {
        let mut found = Vec::new();
        let mut paging = Paging::default();
        while let Some(offset) = paging.offset() {
            let page = self.page(run, window, offset)?;
            for row in paging.take(&page) {
                if row.batch_id.is_empty() {
                    let line = "a row of the list of batches has no `batchId` and was left out";
                    run.log(Level::Warn, line);
                    continue;
                }
                match map::job_of(&row.batch_source) {
                    Some(its) if its == job => found.push(map::found(&row)),
                    Some(_) => {}
                    None => run.log(
                        Level::Warn,
                        format_args!(
                            "batch {} has the source `{}`, which no job lists: it was left out",
                            row.batch_id, row.batch_source
                        ),
                    ),
                }
            }
        }
        Ok(found)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let asked = Asked::Status(batch.id());
        let document = self.get(run, asked)?.json().map_err(asked.fails())?;
        let status = wire::Batch::read(&document).ok_or_else(|| asked.lacks("status"))?;
        match map::state(&status) {
            FoundState::Ready => {}
            FoundState::Running => return Ok(Collected::not_ready()),
            FoundState::Failed(text) => return Ok(Collected::Failed(text)),
        }

        let asked = Asked::Report(batch.id());
        let response = self.send(run, asked)?;
        if map::is_registration(&batch.job, &status) && matches!(response.status(), 403 | 404) {
            let totals = status.totals.counts(None);
            if let Some(rejected @ 1..) = totals.rejected {
                let line = format_args!("{rejected} tokens were refused, and no report says which");
                run.log(Level::Warn, line);
            }
            return Ok(Collected::Complete { totals });
        }
        let response = asked.accept(response)?;
        let totals = report::read(run, response, batch.id()).map_err(asked.fails())?;
        Ok(Collected::Complete { totals })
    }
}

impl SmartpayFuse {
    fn page(&self, run: &Run<'_>, window: Window, offset: u64) -> Result<Page, Fault> {
        let asked = Asked::List { window, offset };
        let document = self.get(run, asked)?.json().map_err(asked.fails())?;
        Page::read(document).ok_or_else(|| asked.lacks("_embedded.batches"))
    }

    /// The answer, if it is a success.
    fn get<'r>(&self, run: &'r Run<'_>, asked: Asked<'_>) -> Result<Response<'r>, Fault> {
        asked.accept(self.send(run, asked)?)
    }

    /// The answer, whatever it is. Every request is signed anew: a signature lives two minutes.
    fn send<'r>(&self, run: &'r Run<'_>, asked: Asked<'_>) -> Result<Response<'r>, Fault> {
        let request = request(asked).header("Accept", "application/json");
        let request = match self.auth {
            Auth::Jwt => {
                let jti = Builder::from_random_bytes(run.random()).into_uuid();
                sign::with_jwt(request, &self.credentials, run.now(), jti)
            }
            Auth::HttpSignature => sign::with_http_signature(request, &self.credentials, run.now()),
        };
        run.http(&request)
    }
}

/// URLs are built from ids: the links in answers are sometimes wrong, and requests are signed.
fn request(asked: Asked<'_>) -> Request {
    const COMPACT: &str = "%Y%m%dT%H%M%SZ";
    match asked {
        Asked::List { window, offset } => Request::get("/accountupdater/v1/batches")
            .query("offset", offset)
            .query("limit", LIMIT)
            .query("fromDate", window.from.format(COMPACT))
            .query("toDate", window.to.format(COMPACT)),
        Asked::Status(batch) => {
            Request::get("/accountupdater/v1/batches/{batch}/status").param("batch", batch)
        }
        Asked::Report(batch) => {
            Request::get("/accountupdater/v1/batches/{batch}/report").param("batch", batch)
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Fault> {
        let given = [
            ("merchant_id", Some(&self.merchant_id)),
            ("key_id", Some(&self.key_id)),
            ("portfolio_id", self.portfolio_id.as_ref()),
            ("notification_email", self.notification_email.as_ref()),
        ];
        for (key, value) in given {
            if value.is_some_and(|value| !fits_a_header(value)) {
                return Err(Fault::settings(format!(
                    "`{key}` is empty or holds a space, a quote or a letter that is not ASCII: \
                     copy it from the provider's portal"
                )));
            }
        }
        match &self.notification_email {
            Some(address) if !address.contains('@') => Err(Fault::settings(
                "`notification_email` is not a mail address: it has no `@`",
            )),
            _ => Ok(()),
        }
    }
}

fn fits_a_header(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
}

const fn environment(name: &'static str, base_url: &'static str) -> Environment {
    Environment { name, base_url }
}

/// A discover job. Its batches are mostly complete when they are first seen. The provider states
/// neither how long it keeps a report nor how soon it must be ready: 24 to 48 hours are usual.
const fn listing(
    name: &'static str,
    summary: &'static str,
    suggested_cron: &'static str,
    first_lookback: Duration,
) -> Job {
    Job {
        name,
        verb: Verb::Discover,
        summary,
        suggested_cron,
        first_lookback,
        largest_submission: 0,
        needs_enrolment: false,
        needs_webhook: false,
        timing: Timing {
            first_poll: minutes(1),
            poll_every: hours(1),
            kept_for: None,
            overdue_after: hours(96),
        },
    }
}
