//! BlueSnap's account updater: cards are asked about in batches, and the answers come days later.
//!
//! - `POST /services/2/account-updater` takes a batch of at most 2,000 cards, under an id of ours that
//!   must be unique and has at most 25 characters. Its answer says of each card whether it was accepted.
//! - `GET /services/2/account-updater/{id}` answers "not ready" (HTTP 200 with the code 20005) or with
//!   all results, 5 to 7 days after the first and until 45 days after it. The cards that were refused
//!   at once never occur in it.
//!
//! Because the id is ours, a submission whose answer was lost can be asked for. Full card numbers go
//! both ways, and every answer repeats them. BlueSnap's own sandbox takes batches and never has results.

mod map;
mod question;
mod refusal;
#[cfg(test)]
mod tests;
mod wire;

use base64::prelude::{BASE64_STANDARD, Engine};
use reissue_connector_api::{
    Account, Batch, Collected, Connector, Environment, ExposeSecret, Fault, Found, FoundState, Job,
    Kind, Manifest, Pans, Receipt, Reconciled, Request, Response, Run, SecretName, SecretString,
    Submission, Timing, Totals, Verb, days, export_connector, hours,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::map::Tally;
use crate::refusal::Asked;
use crate::wire::{Answer, Record};

export_connector!(BlueSnap);

const PATH: &str = "/services/2/account-updater";
const BATCH_PATH: &str = "/services/2/account-updater/{batch}";
const XML: &str = "application/xml";
/// The longest id that BlueSnap takes for a batch.
const LONGEST_ID: usize = 25;

/// An account at the provider.
pub struct BlueSnap {
    authorization: SecretString,
}

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The name of the API user, from the portal's API settings. BlueSnap answers only to the
    /// addresses that are listed there.
    pub username: String,
}

impl Connector for BlueSnap {
    const MANIFEST: Manifest = Manifest {
        name: "bluesnap",
        version: env!("CARGO_PKG_VERSION"),
        summary: "BlueSnap Account Updater",
        environments: &[
            Environment {
                name: "sandbox",
                base_url: "https://sandbox.bluesnap.com",
            },
            Environment {
                name: "production",
                base_url: "https://ws.bluesnap.com",
            },
        ],
        secrets: &[SecretName {
            name: "password",
            summary: "The API user's password, from the portal's API settings",
            optional: false,
            from_enrolment: false,
        }],
        pans: Pans::Both,
        jobs: &[Job {
            name: "inquiry",
            verb: Verb::Submit,
            summary: "What became of given Visa, Mastercard, American Express and Discover cards",
            suggested_cron: "0 2 * * MON",
            first_lookback: days(0),
            largest_submission: 2_000,
            needs_enrolment: false,
            needs_webhook: false,
            timing: Timing {
                first_poll: days(5),
                poll_every: hours(6),
                // 45 days from the submission: whether they count from there or from the first day
                // on which there are results is not documented.
                kept_for: Some(days(40)),
                overdue_after: days(10),
            },
        }],
    };

    type Settings = Settings;

    fn open(settings: Settings, account: &Account) -> Result<Self, Fault> {
        let username = settings.username;
        if username.is_empty() || username.contains(|c: char| c == ':' || c.is_control()) {
            return Err(Fault::settings(
                "`username` is empty or holds a colon or a control character: copy it from the \
                 portal's API settings",
            ));
        }
        // A file ends in a line feed.
        let password = account.secret("password")?.expose_secret();
        let password = password.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            return Err(Fault::settings("the secret `password` is empty"));
        }
        let credentials = BASE64_STANDARD.encode(format!("{username}:{password}"));
        Ok(Self {
            authorization: format!("Basic {credentials}").into(),
        })
    }

    fn submit(&self, run: &Run<'_>, _job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        if submission.id.len() > LONGEST_ID {
            return Err(Fault::new(
                Kind::Refused,
                format!(
                    "the submission's id has {} characters, and BlueSnap takes {LONGEST_ID}",
                    submission.id.len()
                ),
            ));
        }
        let asked = Asked::Create(&submission.id);
        let request = Request::post(PATH, XML, question::of(run, submission)?)
            // Harmless where the account updater does not heed it, and one more guard where it does.
            .header("Idempotency-Key", &submission.id);
        let response = self.send(run, asked, request)?;
        let mut tally = Tally::default();
        let answer = Answer::read(response, |record| tally.take(Record::acknowledged(record)?));
        let answer = answer.map_err(asked.fails())?;
        answer.is_ready(&submission.id).map_err(asked.fails())?;
        Ok(Receipt {
            found: found(submission, FoundState::Running),
            accepted: tally.accepted(),
            refused: tally.refused,
        })
    }

    /// A batch that BlueSnap does not know is answered like a lack of permission.
    fn reconcile(
        &self,
        run: &Run<'_>,
        _: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        let asked = Asked::Retrieve(&submission.id);
        let response = self.exchange(run, retrieve(&submission.id))?;
        if response.status() == 403 {
            return Ok(Reconciled::NotSeen);
        }
        let answer = Answer::read(asked.accept(response)?, |_| Ok(())).map_err(asked.fails())?;
        let state = match answer.is_ready(&submission.id).map_err(asked.fails())? {
            true => FoundState::Ready,
            false => FoundState::Running,
        };
        Ok(Reconciled::Accepted(Receipt {
            found: found(submission, state),
            accepted: None,
            refused: Vec::new(),
        }))
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let asked = Asked::Retrieve(batch.id());
        let response = self.send(run, asked, retrieve(batch.id()))?;
        let answer = Answer::read(response, |record| {
            run.emit(&map::update(&Record::read(record)?))
        });
        let answer = answer.map_err(asked.fails())?;
        if !answer.is_ready(batch.id()).map_err(asked.fails())? {
            return Ok(Collected::not_ready());
        }
        // BlueSnap counts nothing.
        let totals = Totals::default();
        Ok(Collected::Complete { totals })
    }
}

impl BlueSnap {
    /// The answer, if it is a success.
    fn send<'r>(
        &self,
        run: &'r Run<'_>,
        asked: Asked<'_>,
        request: Request,
    ) -> Result<Response<'r>, Fault> {
        asked.accept(self.exchange(run, request)?)
    }

    /// The answer, whatever it is.
    fn exchange<'r>(&self, run: &'r Run<'_>, request: Request) -> Result<Response<'r>, Fault> {
        let request = request
            .header("Authorization", self.authorization.expose_secret())
            .header("Accept", XML);
        run.http(&request)
    }
}

/// BlueSnap wants the type of a body that is not there.
fn retrieve(batch: &str) -> Request {
    Request::get(BATCH_PATH)
        .param("batch", batch)
        .header("Content-Type", XML)
}

/// The batch that a submission became: its id is ours.
fn found(submission: &Submission, state: FoundState) -> Found {
    let mut found = Found::new(&submission.id, state);
    found.submission = Some(submission.id.clone());
    found
}
