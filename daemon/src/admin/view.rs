//! What is shown, as data: the JSON of `--json`, and what the command line renders for people.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use reissue_connector_api::Signatory;
use serde::{Deserialize, Serialize};

use crate::ledger::Batch;
use crate::ledger::alarm::Alarm;
use crate::ledger::event::FaultNote;
use crate::ledger::fees::{Cost, Estimate};
use crate::ledger::plan::Preview;
use crate::ledger::plan::pairs::{PairView, Standings};
use crate::ledger::slots::{Input, ServedSlot};
use crate::ledger::tally::Fate;
use crate::source::LeftOut;

/// `reissue status`: what needs a person first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Whether the daemon answers; without it this is what the journal says.
    pub running: bool,
    /// The version that answers.
    pub version: String,
    /// What needs a person: the state, batches, schedules, accounts, connectors.
    pub attention: Vec<Alarm>,
    /// In the order of their names.
    pub accounts: Vec<AccountView>,
    /// In the order of their names.
    pub schedules: Vec<ScheduleView>,
    /// How many batches are in each state.
    pub batches: BTreeMap<String, u64>,
    /// What became of the cards that each account has asked about, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cards: BTreeMap<String, AskedView>,
    /// Batches whose results a provider will purge, soonest first.
    pub deadlines: Vec<Deadline>,
    /// In the order of their names.
    pub sinks: Vec<SinkView>,
}

/// An account and what is open at its provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountView {
    /// Its name.
    pub name: String,
    /// Its connector.
    pub connector: String,
    /// The environment, or the origin that it gives.
    pub environment: String,
    /// Batches that are not over.
    pub open_batches: u64,
    /// Calls under way.
    pub calls: usize,
    /// Whether its schedules run.
    pub enabled: bool,
    /// Whether its batches are delivered.
    pub deliver: bool,
    /// Its enrolment, where somebody began one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<EnrolmentView>,
    /// What came to its webhook, if anything did that is not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookView>,
    /// When its provider is tried again, where it refuses the account's credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_until: Option<DateTime<Utc>>,
}

/// What came to an account's webhook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Notifications that are not read yet.
    pub waiting: u64,
    /// Batches that were announced, and that the provider has not answered for.
    pub unconfirmed: u64,
    /// Batches that were announced, and that the provider never knew.
    pub unfounded: u64,
    /// Notifications that nobody understood, since the daemon began.
    pub garbled: u64,
}

/// How far an account's enrolment is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolmentView {
    /// The state's word; `held` where a person must find out what became of a request.
    pub state: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the provider answered last.
    pub answered: Option<DateTime<Utc>>,
    /// Where a person must do something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What a person must do, or why the provider refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who accepted the provider's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_accepted_by: Option<Signatory>,
    /// Why the last step failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultNote>,
}

/// What `reissue enrol` came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolView {
    /// The account.
    pub account: String,
    /// What it came to, in one sentence.
    pub said: String,
    /// How far the enrolment is; none for an account that needs none.
    pub enrolment: Option<EnrolmentView>,
    /// What kept it from going on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultNote>,
}

/// What became of the cards that an account has asked about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskedView {
    /// How many they are.
    pub asked: u64,
    /// The same by what became of them; these add up to it.
    #[serde(flatten)]
    pub fates: BTreeMap<Fate, u64>,
}

/// A schedule and its slots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// The account.
    pub account: String,
    /// The job.
    pub job: String,
    /// When it rings next.
    pub next: Option<DateTime<Utc>>,
    /// The last slot that was served.
    pub last: Option<ServedSlot>,
    /// The slot that is being served or tried again.
    pub open: Option<OpenView>,
    /// Reject files of the last slot, with their rows, as far as they are still there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejects: BTreeMap<PathBuf, u64>,
    /// Why its slots wait although they are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// What its last input came to, where it takes cards from a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Slots that nobody was there to serve.
    pub missed: u64,
    /// Slots that fell due while the one before was still open.
    pub overlapped: u64,
}

/// A slot that has not been served yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenView {
    /// The planned instant.
    pub slot: DateTime<Utc>,
    /// Whether it is being served at this moment.
    pub running: bool,
    /// Why not yet.
    pub fault: Option<FaultNote>,
    /// When it is tried again.
    pub again: Option<DateTime<Utc>>,
}

/// A batch that will be purged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deadline {
    /// Which.
    pub batch: String,
    /// When.
    pub purge: DateTime<Utc>,
}

/// A sink and what it does not have yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SinkView {
    /// Its name.
    pub name: String,
    /// Where it puts things.
    pub target: String,
    /// Batches that it does not have yet.
    pub backlog: u64,
    /// How many of them wait for a person, and are tried once a day.
    #[serde(default)]
    pub held: u64,
    /// Why it does not take them, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultNote>,
    /// When it is tried again, where it takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<DateTime<Utc>>,
}

/// One row of `reissue batch list`, and all of `reissue batch show`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchView {
    /// Everything that the ledger knows.
    #[serde(flatten)]
    pub batch: Batch,
    /// What it waits for, where the daemon runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<WaitView>,
    /// What the answers to a submission cost, where `[fees]` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What a batch waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WaitView {
    /// When it is looked at again.
    pub until: DateTime<Utc>,
    /// How many failures there were in a row.
    pub failures: u32,
    /// The last of them.
    pub fault: Option<String>,
}

/// `reissue schedules`: a rehearsal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RehearsalView {
    /// The slots of all schedules, in order.
    pub slots: Vec<PlannedView>,
    /// What would happen at the end, had the daemon been down since the beginning.
    pub catch_up: Vec<CatchUpView>,
    /// Schedules whose slots wait although they are due, with the reason, where the daemon runs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waits: BTreeMap<String, String>,
}

/// What a schedule makes of the slots that it missed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CatchUpView {
    /// The schedule.
    pub schedule: String,
    /// How many slots it missed; large numbers are cut off.
    pub missed: u32,
    /// The slot that is served for all of them; none where they are passed over.
    pub serves: Option<DateTime<Utc>>,
}

/// One slot of `reissue schedules`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlannedView {
    /// The schedule.
    pub schedule: String,
    /// The planned instant.
    pub slot: DateTime<Utc>,
    /// What the clock of its zone shows then.
    pub local: String,
    /// When it rings, jitter included.
    pub rings_at: DateTime<Utc>,
    /// What daylight saving time did to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A connector that is loaded, or a file that is not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConnectorView {
    /// The operator's file.
    pub file: String,
    /// Why it is not used; then there is nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// SHA-256 of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Which kit built it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_with: Option<String>,
    /// What it says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<serde_json::Value>,
    /// The JSON schema of an account's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<serde_json::Value>,
}

/// What `reissue run` came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunView {
    /// The schedule.
    pub schedule: String,
    /// The slot that was opened.
    pub slot: DateTime<Utc>,
    /// Whether the listing was read; otherwise see `fault`.
    pub served: bool,
    /// Why the listing failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultNote>,
    /// How many batches the listing showed.
    pub listed: u64,
    /// What was read, where the schedule asks about cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputView>,
    /// The batches of this schedule that were new, or open, when it ran.
    pub batches: Vec<BatchView>,
}

/// What a slot read of its source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputView {
    /// Valid cards.
    pub cards: u64,
    /// Reject files, with their rows.
    pub rejects: BTreeMap<PathBuf, u64>,
    /// Files that were not read.
    pub left_out: Vec<LeftOut>,
}

/// `reissue plan`: what the next slot would ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanView {
    /// The schedule.
    pub schedule: String,
    /// The account.
    pub account: String,
    /// The job.
    pub job: String,
    /// When it rings next.
    pub next: Option<DateTime<Utc>>,
    /// What a slot would ask if it ran now.
    #[serde(flatten)]
    pub preview: Preview,
    /// What the answers would cost, where `[fees]` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Estimate>,
}

/// `reissue subscriptions ACCOUNT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionsView {
    /// The account.
    pub account: String,
    /// Where its pairs stand.
    #[serde(flatten)]
    pub standings: Standings,
    /// Every pair, where that was asked for.
    #[serde(default, rename = "list", skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairView>,
}
