//! What a connector says of itself: its name, its jobs and their timings, what it handles.
//!
//! A manifest is a constant in the connector and a JSON document on the way to the daemon. Read back,
//! its texts are leaked on purpose: a connector's library is never unloaded, so its manifest lives
//! as long as the process and one type serves both sides.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::seconds;

/// A constant text. (The alias keeps serde's derive from borrowing it out of the document.)
type Words = &'static str;

/// A connector's description of itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Manifest {
    /// The name that accounts write as `connector = "…"`.
    #[serde(deserialize_with = "leak_str")]
    pub name: Words,
    /// The connector's own version, usually `env!("CARGO_PKG_VERSION")`.
    #[serde(deserialize_with = "leak_str")]
    pub version: Words,
    /// One line: which provider and product.
    #[serde(deserialize_with = "leak_str")]
    pub summary: Words,
    /// The provider's environments; an account picks one by name or gives its own `base_url`.
    #[serde(default, deserialize_with = "leak_slice")]
    pub environments: &'static [Environment],
    /// The secrets that an account must or may give.
    #[serde(default, deserialize_with = "leak_slice")]
    pub secrets: &'static [SecretName],
    /// Which full card numbers pass through the connector.
    pub pans: Pans,
    /// What it can do.
    #[serde(deserialize_with = "leak_slice")]
    pub jobs: &'static [Job],
}

impl Manifest {
    /// The job of that name.
    pub fn job(&self, name: &str) -> Option<&'static Job> {
        self.jobs.iter().find(|job| job.name == name)
    }
}

/// One of the provider's environments.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Environment {
    /// The name that accounts write as `environment = "…"`.
    #[serde(deserialize_with = "leak_str")]
    pub name: Words,
    /// Its origin, such as `https://api.example.com`. Paths belong to the connector.
    #[serde(deserialize_with = "leak_str")]
    pub base_url: Words,
}

/// A secret by name; its value reaches the connector in `Account`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SecretName {
    /// The key under `secrets`.
    #[serde(deserialize_with = "leak_str")]
    pub name: Words,
    /// What it is and where the provider shows it.
    #[serde(deserialize_with = "leak_str")]
    pub summary: Words,
    /// Whether an account may leave it out.
    #[serde(default)]
    pub optional: bool,
    /// Whether enrolment yields it: then it is optional too, and an account that gives it is taken
    /// as enrolled until an enrolment says otherwise.
    #[serde(default)]
    pub from_enrolment: bool,
}

/// Which full card numbers (PANs) a connector handles. It decides what must be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pans {
    /// Tokens and masked numbers only.
    None,
    /// We send them.
    Sent,
    /// The provider returns them.
    Received,
    /// Both, and what a newer connector may call otherwise.
    #[serde(other)]
    Both,
}

impl Pans {
    /// Whether full numbers can occur in updates.
    pub fn received(self) -> bool {
        matches!(self, Self::Received | Self::Both)
    }
}

/// What a job asks of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Find batches that the provider made by itself.
    Discover,
    /// Ask about given cards.
    Submit,
    /// Keep standing orders for given cards.
    Subscribe,
    /// A verb of a newer connector than this daemon.
    #[serde(other)]
    Unknown,
}

/// Something a connector can do; schedules name it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Job {
    /// The name that schedules write as `job = "…"`.
    #[serde(deserialize_with = "leak_str")]
    pub name: Words,
    /// What it asks of the connector.
    pub verb: Verb,
    /// One line for ops.
    #[serde(deserialize_with = "leak_str")]
    pub summary: Words,
    /// A cron line that suits the provider's rhythm.
    #[serde(deserialize_with = "leak_str")]
    pub suggested_cron: Words,
    /// How far back the first run of a discover job looks.
    #[serde(default, with = "seconds")]
    pub first_lookback: Duration,
    /// The most cards that one submission may carry; 0 for a discover job.
    #[serde(default)]
    pub largest_submission: u32,
    /// Whether it waits until the account is enrolled.
    #[serde(default)]
    pub needs_enrolment: bool,
    /// Whether it needs a webhook of ours.
    #[serde(default)]
    pub needs_webhook: bool,
    /// When its batches may be collected.
    pub timing: Timing,
}

/// When a batch can be collected, in time since it was created. An account may override each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// The first look after creation.
    #[serde(with = "seconds")]
    pub first_poll: Duration,
    /// Between two looks while it is not ready.
    #[serde(with = "seconds")]
    pub poll_every: Duration,
    /// How long the provider keeps the result after it could first be ready; `None` where it states
    /// no limit.
    #[serde(default, with = "seconds::optional")]
    pub kept_for: Option<Duration>,
    /// After this a batch that is still not ready is reported as overdue.
    #[serde(with = "seconds")]
    pub overdue_after: Duration,
}

/// A constant duration of so many minutes.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A constant duration of so many hours.
pub const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

/// A constant duration of so many days of 24 hours.
pub const fn days(count: u64) -> Duration {
    hours(count * 24)
}

fn leak_str<'de, D: Deserializer<'de>>(from: D) -> Result<&'static str, D::Error> {
    String::deserialize(from).map(|text| &*text.leak())
}

fn leak_slice<'de, D, T>(from: D) -> Result<&'static [T], D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Vec::deserialize(from).map(|list| &*list.leak())
}
