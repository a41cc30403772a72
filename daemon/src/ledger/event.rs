//! What can happen. The journal is a list of these, and everything else is derived from them.
//!
//! Events hold names, counts and instants; never card data. Journals are kept for years and read by
//! versions to come: a field that joins has a default, and none changes its meaning.

mod count;
mod part;
mod subject;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reissue_connector_api::{EnrolState, Found, Origin, Signatory, Totals};
use serde::{Deserialize, Serialize};

pub use self::count::{CardCounts, OutcomeCount};
pub use self::part::{Change, Deferred, FaultNote, Resolution, Subscriptions};
pub use self::subject::Subject;
use super::key::BatchKey;
use crate::cards::Fingerprint;
use crate::source::{LeftOut, Taken};

/// One change of state. Events that belong together are committed as one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The daemon began to serve this state.
    DaemonStarted {
        /// Its version.
        version: String,
    },
    /// A schedule is new, or its times were edited: its slots count from now on.
    ScheduleSet {
        /// Its name.
        schedule: String,
        /// Its cron line and zone, to recognise an edit.
        times: String,
    },
    /// A slot fell due and its run begins.
    SlotOpened {
        /// The schedule.
        schedule: String,
        /// The planned instant.
        slot: DateTime<Utc>,
        /// How many earlier slots were passed over because nobody was there to serve them.
        missed: u32,
        /// Who asked for it, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_by: Option<String>,
        /// How far back it looks, where a person said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<DateTime<Utc>>,
    },
    /// Slots were passed over without a run (`missed = "skip"`).
    SlotsMissed {
        /// The schedule.
        schedule: String,
        /// The latest of them.
        slot: DateTime<Utc>,
        /// How many.
        missed: u32,
    },
    /// A slot fell due while the one before it was still open.
    SlotOverlapped {
        /// The schedule.
        schedule: String,
        /// The planned instant.
        slot: DateTime<Utc>,
    },
    /// The run of a slot failed in a new way; it will be tried again.
    SlotFailed {
        /// The schedule.
        schedule: String,
        /// What happened.
        fault: FaultNote,
    },
    /// The slot's listing was read to its end.
    SlotServed {
        /// The schedule.
        schedule: String,
        /// The planned instant.
        slot: DateTime<Utc>,
        /// Until when the listing is complete.
        covered: DateTime<Utc>,
        /// How many batches it showed.
        listed: u64,
        /// How many of them were new to us.
        new: u64,
    },
    /// Files of cards were read to their end: what is asked about is in the submissions of the same
    /// record.
    CardsTaken {
        /// The schedule whose slot read them.
        schedule: String,
        /// The files, to be deleted or moved away.
        files: Vec<Taken>,
        /// How many cards had waited since an earlier slot.
        #[serde(default)]
        waited: u64,
        /// How many cards met with each verdict; they add up to the files' valid cards and those that had
        /// waited.
        verdicts: BTreeMap<String, u64>,
        /// The cards that the day's budget had no room for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deferred: Option<Deferred>,
    },
    /// Files of cards that the slot of the same record did not read, in place of those before.
    InputsLeftOut {
        /// The schedule.
        schedule: String,
        /// The files.
        files: Vec<LeftOut>,
    },
    /// The files that were taken are deleted or moved away.
    InputsFinished {
        /// The schedule.
        schedule: String,
    },
    /// The file of an account's subscriptions was written, in place of the one before.
    SubscriptionsWritten {
        /// The schedule that keeps them.
        schedule: String,
        /// The file.
        file: Subscriptions,
    },
    /// A person said that a source may lack so many of the pairs that it had before.
    MissingAccepted {
        /// The schedule.
        schedule: String,
        /// How many.
        missing: u64,
        /// Who.
        by: String,
    },
    /// Cards to ask about are durable, and nothing of them was sent.
    SubmissionPlanned {
        /// Which: our own id, under which the batch goes for ever.
        batch: BatchKey,
        /// The job that asks.
        job: String,
        /// The schedule whose slot planned it.
        schedule: String,
        /// How many cards it holds.
        cards: u32,
        /// What it changes, where it changes subscriptions; where it asks about cards, nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Change>,
    },
    /// The request is about to be sent. From here on only the provider, or a person, can say that it
    /// was not.
    SubmissionSending {
        /// Which.
        batch: BatchKey,
    },
    /// Nothing of it reached the provider; it will be sent again.
    SubmissionReturned {
        /// Which.
        batch: BatchKey,
        /// Why not.
        fault: FaultNote,
    },
    /// Nobody knows whether the provider has it.
    SubmissionUncertain {
        /// Which.
        batch: BatchKey,
        /// What happened.
        fault: FaultNote,
    },
    /// The provider has it.
    SubmissionAccepted {
        /// Which.
        batch: BatchKey,
        /// What the provider says of it.
        found: Found,
        /// How many of its cards the provider refused at once.
        refused: u64,
        /// When to look at it first.
        first_poll: DateTime<Utc>,
        /// When the provider purges it, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purge: Option<DateTime<Utc>>,
        /// From when on it is overdue while it is not ready.
        overdue: DateTime<Utc>,
        /// Who said so, where it was a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A batch that we did not know.
    BatchFound {
        /// Which.
        batch: BatchKey,
        /// The job that found it.
        job: String,
        /// How it came to us.
        origin: Origin,
        /// The schedule whose run found it.
        schedule: String,
        /// What the provider says of it.
        found: Found,
        /// When to look at it first.
        first_poll: DateTime<Utc>,
        /// When the provider purges it, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purge: Option<DateTime<Utc>>,
        /// From when on it is overdue while it is not ready.
        overdue: DateTime<Utc>,
    },
    /// Collecting failed in a new way.
    BatchFailed {
        /// Which.
        batch: BatchKey,
        /// What happened.
        fault: FaultNote,
        /// Whether it now waits for a person (and is tried once a day).
        held: bool,
    },
    /// After a fault the provider answers for the batch again: it is not ready yet.
    BatchWaits {
        /// Which.
        batch: BatchKey,
    },
    /// The spool is complete and durable.
    Collected {
        /// Which.
        batch: BatchKey,
        /// How many updates it holds.
        updates: u64,
        /// The same by outcome and provider code.
        counts: Vec<OutcomeCount>,
        /// The provider's totals.
        totals: Totals,
        /// In what the totals and the records disagree.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mismatches: Vec<String>,
        /// What became of the cards, of a submission.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cards: Option<CardCounts>,
        /// Why a person must decide before it is delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        braked: Option<String>,
        /// The sinks that are to have it.
        sinks: Vec<String>,
    },
    /// The provider declined the batch or lost it.
    BatchRefused {
        /// Which.
        batch: BatchKey,
        /// The provider's words.
        reason: String,
    },
    /// The provider no longer has it.
    BatchExpired {
        /// Which.
        batch: BatchKey,
        /// What it answered.
        reason: String,
    },
    /// It was announced to us, and the provider never knew it.
    BatchUnfounded {
        /// Which.
        batch: BatchKey,
    },
    /// The sink's file is complete under its temporary name and is about to get its own.
    Publishing {
        /// Which.
        batch: BatchKey,
        /// The sink.
        sink: String,
        /// The file's own name.
        path: String,
    },
    /// The sink has acknowledged some pages of it.
    PageDelivered {
        /// Which.
        batch: BatchKey,
        /// The sink.
        sink: String,
        /// How many pages it has now.
        pages: u64,
        /// How many updates these hold.
        updates: u64,
    },
    /// The sink does not take it, in a new way; it will be tried again.
    SinkFailed {
        /// Which.
        batch: BatchKey,
        /// The sink.
        sink: String,
        /// What happened.
        fault: FaultNote,
        /// Whether it now waits for a person (and is tried once a day).
        held: bool,
    },
    /// The sink has it.
    Delivered {
        /// Which.
        batch: BatchKey,
        /// The sink.
        sink: String,
    },
    /// A person decided about it.
    Resolved {
        /// Which.
        batch: BatchKey,
        /// What becomes of it.
        resolution: Resolution,
        /// Who.
        by: String,
    },
    /// A person wants it delivered once more.
    Redelivered {
        /// Which.
        batch: BatchKey,
        /// The sinks that are to have it.
        sinks: Vec<String>,
        /// Who.
        by: String,
    },
    /// Somebody accepted a provider's terms for the business.
    TermsAccepted {
        /// The account that is to be enrolled.
        account: String,
        /// Who, as the provider will be told.
        signatory: Signatory,
        /// Who said so.
        by: String,
    },
    /// A step of an enrolment is about to be taken that may send a request other than `GET`. From here
    /// on only the provider, or a person, can say that it did not.
    EnrolmentStepping {
        /// The account.
        account: String,
    },
    /// A step came to this. What it asked to remember is sealed.
    EnrolmentStepped {
        /// The account.
        account: String,
        /// Where the account stands now.
        state: EnrolState,
        /// The digest of the webhook's URL that the provider has by this step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        webhook: Option<String>,
    },
    /// A step failed.
    EnrolmentFailed {
        /// The account.
        account: String,
        /// What happened.
        fault: FaultNote,
        /// Whether a request other than `GET` may have been sent whose answer nobody knows.
        unanswered: bool,
    },
    /// A person has settled with the provider what became of a request whose answer was lost.
    EnrolmentSettled {
        /// The account.
        account: String,
        /// Who.
        by: String,
    },
    /// A person wants a new secret in the URL of an account's webhook.
    WebhookRotated {
        /// The account.
        account: String,
        /// Who.
        by: String,
    },
    /// A person said that cards which its answers suppressed may be asked about again.
    SuppressionsLifted {
        /// Which.
        batch: BatchKey,
        /// The cards.
        cards: Vec<Fingerprint>,
        /// Who.
        by: String,
    },
    /// The spool of a batch that is over was deleted.
    SpoolDeleted {
        /// Which.
        batch: BatchKey,
    },
}
