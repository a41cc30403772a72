//! What needs a person's eye, as pure functions of the ledger and the clock. `reissue status` shows
//! them first, and `watch` logs those that time alone brings about.

mod enrolment;
mod sink;
mod webhook;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::batch::{Batch, State};
use super::slots::Slots;
use crate::source::LeftOut;
use crate::wording::{counted, span};
pub use enrolment::settle;
pub use sink::{Backlog, Backlogs};
pub use webhook::UnknownBatches;

/// How long a batch that ended badly is shown.
const NEWS: TimeDelta = TimeDelta::days(7);

/// Something that needs a person's eye.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The batch, schedule, account, file or directory.
    pub about: String,
    /// What sort of thing.
    pub matter: Matter,
    /// What is the matter and what to do, to be read after `about`.
    pub text: String,
}

/// What sort of thing is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// A batch was purged before it was collected.
    Expired,
    /// The provider declined a batch.
    Refused,
    /// A batch waits for a person.
    Held,
    /// Nobody knows whether the provider has a submission.
    Unknown,
    /// A batch holds answers for cards that nobody asked about.
    Aside,
    /// Half the time until a batch is purged is gone.
    PurgeNears,
    /// A quarter of it is left.
    PurgeClose,
    /// The provider has worked on a batch for too long.
    Overdue,
    /// A batch is tried again and again.
    Failing,
    /// A slot cannot be served.
    Unserved,
    /// A file of cards is not read.
    FileLeftOut,
    /// A file whose cards are in submissions is still there.
    FileNotPutAway,
    /// A report that should exist has not appeared.
    NothingNew,
    /// An account cannot be used before it is enrolled at its provider.
    NotEnrolled,
    /// The provider does not have an account's webhook.
    WebhookUnregistered,
    /// An account's webhook is called by somebody who is not its provider.
    Forged,
    /// The provider refuses an account's credentials.
    Parked,
    /// A connector's call does not return.
    Hanging,
    /// An account waits because its connector is quarantined.
    Quarantined,
    /// A connector has crashed the daemon.
    Crashed,
    /// A file is not used as a connector.
    ConnectorRefused,
    /// There is no space for the journal.
    Full,
}

impl Matter {
    /// Whether the daemon is at it and may well need nobody.
    pub fn may_mend_itself(self) -> bool {
        matches!(self, Self::Unknown | Self::Failing | Self::Unserved)
    }
}

impl Alarm {
    /// What is the matter with a batch; `met` is the fault that the daemon met last.
    pub fn of_batch(batch: &Batch, met: Option<String>, now: DateTime<Utc>) -> Option<Self> {
        // Anybody could announce it: what needs a person's eye is how many there are.
        if batch.is_doubtful() {
            return None;
        }
        let fault = met.or_else(|| batch.fault.as_ref().map(|fault| fault.message.clone()));
        let why = fault.as_deref().unwrap_or("it was not ready");
        let ended = batch.ended.as_deref();
        let is_news = now - batch.changed < NEWS;
        let (matter, text) = match batch.state {
            State::Expired if is_news => (
                Matter::Expired,
                format!(
                    "was purged before it was collected ({}); ask the provider for its results",
                    ended.unwrap_or("gone")
                ),
            ),
            State::Refused if is_news => (
                Matter::Refused,
                format!(
                    "was declined by the provider: {}",
                    ended.unwrap_or("it gave no reason")
                ),
            ),
            State::Held if let Some(brake) = &batch.braked => (
                Matter::Held,
                format!(
                    "is held before delivery: {brake}. Look at `reissue updates {key}`, then \
                     `reissue batch resolve {key} --as deliver`, or `--as abandon`",
                    key = batch.key
                ),
            ),
            State::Held if batch.is_uncertain() && batch.change.is_some() => (
                Matter::Held,
                format!(
                    "is held: nobody knows whether the provider has it ({why}). Ask the provider, then \
                     `reissue batch resolve {key} --as accepted`, `--as not-sent` (which may subscribe its \
                     {pairs} twice if that is wrong), or `--as abandon` (they are removed, and added anew)",
                    key = batch.key,
                    pairs = counted(batch.cards.unwrap_or(0), "pair")
                ),
            ),
            State::Held if !batch.is_at_provider() && !batch.is_removal() => (
                Matter::Held,
                format!(
                    "is held: nobody knows whether the provider has it ({why}). Ask the provider, then \
                     `reissue batch resolve {key} --as accepted:ID`, `--as not-sent` (which pays \
                     twice for its {cards} if that is wrong), or `--as abandon`",
                    key = batch.key,
                    cards = counted(batch.cards.unwrap_or(0), "card")
                ),
            ),
            State::Unknown => (
                Matter::Unknown,
                format!(
                    "may have reached the provider or not, and is not sent again by itself; the provider \
                     is asked: {why}"
                ),
            ),
            State::Waiting | State::Held if let Some(matter) = nearing(batch, now) => {
                let held = match batch.state {
                    State::Held => " and is held",
                    _ => "",
                };
                let left = batch.purge.map_or(TimeDelta::zero(), |purge| purge - now);
                let when = match left < TimeDelta::zero() {
                    true => format!("was to be purged {} ago", span(-left)),
                    false => format!("will be purged in {}", span(left)),
                };
                (matter, format!("{when}{held}: {why}"))
            }
            State::Held => (Matter::Held, format!("is held and tried once a day: {why}")),
            State::Waiting if now > batch.overdue => (
                Matter::Overdue,
                format!(
                    "is overdue: the provider has worked on it for {}",
                    span(now - batch.found.created.unwrap_or(batch.known_since))
                ),
            ),
            _ if is_news && let Some(aside) = batch.aside() => (
                Matter::Aside,
                format!(
                    "holds {} for cards that nobody asked about, set aside and not delivered: look at \
                     `reissue updates {} --aside`, and ask the provider",
                    counted(aside, "answer"),
                    batch.key
                ),
            ),
            State::Planned | State::Waiting if fault.is_some() => {
                (Matter::Failing, format!("fails and is tried again: {why}"))
            }
            _ => return None,
        };
        Some(Self {
            about: batch.key.to_string(),
            matter,
            text,
        })
    }

    /// What is the matter with a schedule; `met` is the fault that the daemon met last.
    pub fn of_schedule(
        name: &str,
        expect_every: Option<Duration>,
        slots: &Slots,
        met: Option<String>,
        now: DateTime<Utc>,
    ) -> Vec<Self> {
        let alarm = |matter, text| Self {
            about: name.to_owned(),
            matter,
            text,
        };
        let noted = slots.open.as_ref().and_then(|open| open.fault.as_ref());
        let fault = met.or_else(|| noted.map(|fault| fault.message.clone()));
        let unserved = fault.map(|why| alarm(Matter::Unserved, format!("cannot be served: {why}")));
        let since = slots
            .last_new_batch
            .map_or(slots.set, |last| last.max(slots.set));
        let expected = expect_every
            .and_then(|every| TimeDelta::from_std(every).ok())
            .filter(|every| !slots.times.is_empty() && now - since > *every);
        let nothing_new = expected.map(|every| {
            let text = format!(
                "found no new batch for {}, one is expected every {}: ask the provider",
                span(now - since),
                span(every)
            );
            alarm(Matter::NothingNew, text)
        });
        unserved.into_iter().chain(nothing_new).collect()
    }

    /// What is the matter with the files of cards of a schedule. Which of them are still there is for
    /// the caller to say.
    pub fn of_inputs(name: &str, slots: &Slots, is_there: impl Fn(&LeftOut) -> bool) -> Vec<Self> {
        let left_out = slots.left_out.iter().filter(|file| is_there(file));
        let left_out = left_out.map(|file| Self {
            about: file.path.display().to_string(),
            matter: Matter::FileLeftOut,
            text: format!(
                "is not read: {} (once that is mended, `reissue run {name}`, or leave it to the next slot)",
                file.why
            ),
        });
        let inputs = slots.inputs.iter().map(|taken| Self {
            about: taken.file.path.display().to_string(),
            matter: Matter::FileNotPutAway,
            text: "was read, its cards are in submissions, and it is still there: let the daemon's user \
                   write into its directory (and into `keep_done`), then `reissue reload`"
                .into(),
        });
        left_out.chain(inputs).collect()
    }

    /// Whether time alone, or many batches together, brought it about, so that nothing has been logged of it.
    pub fn is_of_time(&self) -> bool {
        matches!(
            self.matter,
            Matter::PurgeNears
                | Matter::PurgeClose
                | Matter::Overdue
                | Matter::NothingNew
                | Matter::Forged
        )
    }
}

/// How near the purge of a batch is that was not collected.
fn nearing(batch: &Batch, now: DateTime<Utc>) -> Option<Matter> {
    let purge = batch.purge?;
    let (left, whole) = (purge - now, purge - batch.known_since);
    if left * 4 < whole {
        Some(Matter::PurgeClose)
    } else if left * 2 < whole {
        Some(Matter::PurgeNears)
    } else {
        None
    }
}
