//! A batch as the ledger knows it; `fold` makes it of its events.
//!
//! ```text
//! planned ◄─► sending ──► unknown       of a submission: durable; on the wire; we do not know
//!                │           │          whether the provider has it, and ask it
//!                ▼           ▼
//! (found) ──► waiting ──► collected ──► delivered
//!               │  ▲  │        │▲
//!               │  │  ├──► refused      the provider declined it
//!               │  │  ├──► expired      purged before we got it
//!               │  │  ├──► unfounded    announced to us, and the provider never knew it
//!               ▼  │  │        ▼│
//!              held   │       held      a person decides: to collect it, tried once a day meanwhile;
//!                     │                 or to deliver it, when it has more updates than the brake
//!                     │                 allows; or whether the provider has it
//!                     └──► abandoned    a person gave it up, from any state that is not over
//! ```

mod sinks;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{self as api, Found, Kind, Origin, Totals};
use serde::{Deserialize, Serialize};

pub use self::sinks::{Failing, Position, SinkState};
use super::event::{CardCounts, Change, FaultNote, OutcomeCount};
use super::key::BatchKey;
use crate::cards::Fingerprint;

/// How long a delivered batch's spool is kept, for `reissue updates`.
const SPOOL_KEPT: TimeDelta = TimeDelta::days(7);

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A person decides; what can be tried again is, once a day.
    Held,
    /// We do not know whether the provider has it.
    Unknown,
    /// The request may be on the wire.
    Sending,
    /// Durable, and nothing was sent.
    Planned,
    /// The provider works on it, or we have not collected it yet.
    Waiting,
    /// The spool is complete; some sink does not have it yet.
    Collected,
    /// Every sink has it.
    Delivered,
    /// The provider declined it.
    Refused,
    /// The provider purged it before we got it.
    Expired,
    /// It was announced to us, and the provider never knew it.
    Unfounded,
    /// A person gave it up.
    Abandoned,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Held,
        Self::Unknown,
        Self::Sending,
        Self::Planned,
        Self::Waiting,
        Self::Collected,
        Self::Delivered,
        Self::Refused,
        Self::Expired,
        Self::Unfounded,
        Self::Abandoned,
    ];

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The word of listings and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Unknown => "unknown",
            Self::Sending => "sending",
            Self::Planned => "planned",
            Self::Waiting => "waiting",
            Self::Collected => "collected",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unfounded => "unfounded",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether it is not over yet.
    pub fn is_open(self) -> bool {
        match self {
            Self::Held
            | Self::Unknown
            | Self::Sending
            | Self::Planned
            | Self::Waiting
            | Self::Collected => true,
            Self::Delivered | Self::Refused | Self::Expired | Self::Unfounded | Self::Abandoned => {
                false
            }
        }
    }
}

/// What is to be done for a batch next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It is durable and was not sent.
    Submit,
    /// The provider is to be asked whether it has it.
    Reconcile,
    /// Its updates are still at the provider.
    Collect,
    /// The same, if the provider knows it at all: so far it was only announced to us.
    Confirm,
    /// Some sink does not have it yet.
    Deliver,
    /// Its spool has been kept long enough.
    DeleteSpool,
}

impl Work {
    /// Whom it calls.
    pub fn calls(self) -> Calls {
        match self {
            Self::Submit | Self::Reconcile | Self::Collect => Calls::Provider,
            Self::Confirm => Calls::Unconfirmed,
            Self::Deliver | Self::DeleteSpool => Calls::Nobody,
        }
    }
}

/// Whom a run calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Nobody at the provider.
    Nobody,
    /// The provider.
    Provider,
    /// The provider, about a batch that it may not know.
    Unconfirmed,
}

/// A batch, everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Which.
    pub key: BatchKey,
    /// Where it stands.
    pub state: State,
    /// The job that found it.
    pub job: String,
    /// How it came to us.
    pub origin: Origin,
    /// The schedule whose run found it.
    pub schedule: String,
    /// What the provider said of it when it was found, or took it; without an id before that.
    pub found: Found,
    /// How many cards were asked about, of a submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<u32>,
    /// What it changes, of a submission that changes subscriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// When the request was last about to be sent, of a submission; none where nothing of it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether it was announced to us, and the provider has not answered for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// Whether there was a time when nobody knew if the provider has it, of a submission.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubted: bool,
    /// Cards that its answers suppressed, and that may be asked about again because a person said so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lifted: BTreeSet<Fingerprint>,
    /// How many of them the provider refused at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// When we first knew of it.
    pub known_since: DateTime<Utc>,
    /// When to look at it first.
    pub first_poll: DateTime<Utc>,
    /// When the provider purges it, where that is known.
    pub purge: Option<DateTime<Utc>>,
    /// From when on it is overdue while it is not ready.
    pub overdue: DateTime<Utc>,
    /// The last fault that is not yet overcome.
    pub fault: Option<FaultNote>,
    /// What was collected.
    pub collected: Option<Collection>,
    /// Why a person must decide before it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub braked: Option<String>,
    /// Where each sink stands.
    pub sinks: BTreeMap<String, SinkState>,
    /// The sinks that do not take it, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failing: BTreeMap<String, Failing>,
    /// Why it ended without being collected.
    pub ended: Option<String>,
    /// When its state last changed.
    pub changed: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What was collected of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// When.
    pub at: DateTime<Utc>,
    /// How many updates.
    pub updates: u64,
    /// The same by outcome and provider code.
    pub counts: Vec<OutcomeCount>,
    /// The provider's totals.
    pub totals: Totals,
    /// In what the totals and the records disagree.
    pub mismatches: Vec<String>,
    /// What became of the cards, of a submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<CardCounts>,
    /// Whether what was collected is still here, updates or answers that were set aside.
    pub spool: bool,
}

impl Batch {
    /// Whether its story goes on, be it only that its spool will be deleted.
    pub fn is_live(&self) -> bool {
        self.state.is_open() || self.has_spool()
    }

    /// Whether it is over, and a person should know how: its updates never came, or answers were set
    /// aside.
    pub fn is_of_note(&self) -> bool {
        let never_came = matches!(self.state, State::Refused | State::Expired);
        never_came || !self.state.is_open() && self.aside().is_some()
    }

    /// Whether its updates are here.
    pub fn has_spool(&self) -> bool {
        self.collected.as_ref().is_some_and(|it| it.spool)
    }

    /// Whether updates are here that could be delivered once more.
    pub fn has_updates(&self) -> bool {
        self.has_spool() && self.collected.as_ref().is_some_and(|it| it.updates > 0)
    }

    /// How many of its answers are set aside, if any.
    pub fn aside(&self) -> Option<u64> {
        let cards = self.collected.as_ref()?.cards?;
        Some(cards.aside).filter(|aside| *aside > 0)
    }

    /// When its cards were asked about, or since when they are to be; none where they were not, because
    /// the provider declined the submission or nothing of it was sent before it was given up.
    pub fn asked(&self) -> Option<DateTime<Utc>> {
        self.cards.filter(|_| self.change.is_none())?;
        let planned = self.state.is_open().then_some(self.known_since);
        match self.state {
            State::Refused => None,
            _ => self.asked_at.or(planned),
        }
    }

    /// Whether its cards count towards what may be asked that day: a request costs whatever comes of
    /// it, and what is not sent yet may be at any moment. Only a removal costs nothing.
    pub fn counts_on(&self, now: DateTime<Utc>) -> bool {
        if self.is_removal() {
            return false;
        }
        let asked_at = self.asked_at.or(self.state.is_open().then_some(now));
        self.cards.is_some() && asked_at.is_some_and(|at| at.date_naive() == now.date_naive())
    }

    /// Whether its answers say of some cards that they are not to be asked about again. Those that a
    /// person gave up are not believed.
    pub fn suppresses(&self) -> bool {
        if self.state == State::Abandoned {
            return false;
        }
        let cards = self.collected.as_ref().and_then(|it| it.cards);
        cards.is_some_and(|cards| cards.suppressed > 0)
    }

    /// Whether the cards that it asks about are still needed: to be sent, or to be matched with answers.
    pub fn needs_cards(&self) -> bool {
        self.cards.is_some() && self.state.is_open() && self.collected.is_none()
    }

    /// Whether it removes subscriptions. Such a request may be repeated, and is until the provider has
    /// confirmed it.
    pub fn is_removal(&self) -> bool {
        self.change == Some(Change::Remove)
    }

    /// Whether the provider refused every card when it took the submission: it will answer nothing.
    pub fn is_wholly_refused(&self) -> bool {
        self.cards
            .is_some_and(|cards| u64::from(cards) == self.refused)
    }

    /// The id by which updates and files call it: the provider's, or our own where it gave none.
    pub fn outer_id(&self) -> &str {
        match self.found.id.as_str() {
            "" => &self.key.id,
            id => id,
        }
    }

    /// Whether nobody knows if the provider has it.
    pub fn is_uncertain(&self) -> bool {
        let may_have_been_sent =
            matches!(self.state, State::Sending | State::Unknown | State::Held);
        let must_not_be_repeated = self.cards.is_some() && !self.is_removal();
        must_not_be_repeated && !self.is_at_provider() && may_have_been_sent
    }

    /// Whether it is known to be at the provider, under an id of the provider's.
    pub fn is_at_provider(&self) -> bool {
        !self.found.id.is_empty()
    }

    /// Whether the provider has said that it does not know it, so far.
    pub fn is_unknown_there(&self) -> bool {
        let fault = self.fault.as_ref().map(|fault| fault.kind);
        self.unconfirmed && matches!(fault, Some(Kind::Refused | Kind::Gone))
    }

    /// Whether the provider has refused something of it that was only announced: perhaps there is no such
    /// batch.
    pub fn is_doubtful(&self) -> bool {
        let fault = self.fault.as_ref().map(|fault| fault.kind);
        let is_refused = matches!(fault, Some(Kind::Refused | Kind::Gone | Kind::Credentials));
        self.unconfirmed && is_refused
    }

    /// What the daemon has to do for it next; nothing where a person must decide first.
    pub fn work(&self) -> Option<Work> {
        match self.state {
            State::Planned => Some(Work::Submit),
            State::Sending | State::Unknown | State::Held
                if self.is_removal() && !self.is_at_provider() =>
            {
                Some(Work::Submit)
            }
            // A run that was sending it would not ask: whoever sent it is gone.
            State::Sending | State::Unknown => Some(Work::Reconcile),
            State::Waiting if self.unconfirmed => Some(Work::Confirm),
            State::Waiting => Some(Work::Collect),
            State::Held if self.is_at_provider() && self.collected.is_none() => Some(Work::Collect),
            State::Held => None,
            State::Collected => Some(Work::Deliver),
            State::Delivered
            | State::Refused
            | State::Expired
            | State::Unfounded
            | State::Abandoned => self.has_spool().then_some(Work::DeleteSpool),
        }
    }

    /// From when on there is something to do for it, apart from waits after a failure.
    pub fn due(&self) -> DateTime<Utc> {
        match self.work() {
            Some(Work::Collect | Work::Confirm) => self.first_poll,
            Some(Work::DeleteSpool) => self.changed + SPOOL_KEPT,
            // At once, whatever the clock says now.
            Some(Work::Submit | Work::Reconcile | Work::Deliver) | None => DateTime::UNIX_EPOCH,
        }
    }

    /// What the connector is told about it.
    pub fn for_connector(&self) -> api::Batch {
        api::Batch {
            job: self.job.clone(),
            origin: self.origin,
            found: self.found.clone(),
        }
    }
}
