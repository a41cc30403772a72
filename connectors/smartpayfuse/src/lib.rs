//! Barclaycard smartpayFuse, which is Cybersource Account Updater under another name: the same
//! paths, the same messages, other hosts.
//!
//! The provider makes batches by itself (daily for American Express, monthly for the rest) and shows
//! them in a list, together with those that somebody submitted; a batch that is complete has a report
//! of what became of its cards. A submission carries a reference of ours, which the list or the status
//! shows again, so one whose answer was lost can be looked for. Cards are tokens of the provider's
//! vault throughout, so no card number passes through here.

mod asked;
mod jobs;
mod list;
mod map;
mod question;
mod report;
mod settings;
mod sign;
#[cfg(test)]
mod tests;
mod wire;

use chrono::TimeDelta;
use reissue_connector_api::{
    Account, Batch, Collected, Connector, Environment, Fault, Found, FoundState, Level, Manifest,
    Pans, Receipt, Reconciled, Request, Response, Run, SecretName, Submission, Window,
    export_connector,
};
use uuid::Builder;

use crate::asked::Asked;
use crate::list::Paging;
use crate::settings::{Auth, Settings};
use crate::sign::Credentials;
use crate::wire::{Created, Page};

export_connector!(SmartpayFuse);

/// How far back a submission is looked for: longer than anybody leaves one in doubt.
const RECONCILED: TimeDelta = TimeDelta::days(45);

/// An account at the provider.
pub struct SmartpayFuse {
    auth: Auth,
    notification_email: Option<String>,
    credentials: Credentials,
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
            from_enrolment: false,
        }],
        pans: Pans::None,
        jobs: &jobs::ALL,
    };

    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        settings.check()?;
        Ok(Self {
            auth: settings.auth,
            notification_email: settings.notification_email.clone(),
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

    fn submit(&self, run: &Run<'_>, job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        let email = self.notification_email.as_deref().ok_or_else(|| {
            Fault::settings(format!(
                "the job `{job}` needs `notification_email` in the account's settings: the provider \
                 mails news of each batch, and takes none without an address"
            ))
        })?;
        let body = question::body(run, job, submission, email)?;
        let asked = Asked::Create(&submission.id);
        let mut request = asked.request();
        request.body = Some(body.into());
        let mut answer = asked.accept(self.send(run, request)?)?;
        let document = answer.json().map_err(asked.fails())?;
        let created = Created::read(&document).ok_or_else(|| asked.lacks("batchId"))?;
        let mut found = Found::new(created.batch_id.as_str(), FoundState::Running);
        found.submission = Some(submission.id.clone());
        Ok(Receipt {
            found,
            accepted: created.batch_item_count.0,
            refused: Vec::new(),
        })
    }

    /// The list shows no reference of registrations; their status does.
    fn reconcile(
        &self,
        run: &Run<'_>,
        _: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        let to = run.now();
        let from = to - RECONCILED;
        let mut paging = Paging::default();
        while let Some(offset) = paging.offset() {
            let page = self.page(run, Window { from, to }, offset)?;
            for row in paging.take(&page) {
                let mut found = map::found(&row);
                if found.submission.is_none() && map::was_submitted(&row) {
                    let asked = Asked::Status(&row.batch_id);
                    let document = self.get(run, asked)?.json().map_err(asked.fails())?;
                    let status =
                        wire::Batch::read(&document).ok_or_else(|| asked.lacks("status"))?;
                    found.submission = map::submission(&status);
                }
                if found.submission.as_ref() == Some(&submission.id) {
                    return Ok(Reconciled::Accepted(Receipt {
                        accepted: found.totals.accepted,
                        found,
                        refused: Vec::new(),
                    }));
                }
            }
        }
        Ok(Reconciled::NotSeen)
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
        let response = self.send(run, asked.request())?;
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
        asked.accept(self.send(run, asked.request())?)
    }

    /// The answer, whatever it is. Every request is signed anew: a signature lives two minutes.
    fn send<'r>(&self, run: &'r Run<'_>, request: Request) -> Result<Response<'r>, Fault> {
        let request = request.header("Accept", "application/json");
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

const fn environment(name: &'static str, base_url: &'static str) -> Environment {
    Environment { name, base_url }
}
