//! The batch: the provider's unit of asynchronous work.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{seconds, word};

/// The span of time that a discover job lists. Windows overlap; identity removes the repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Batches created at or after this instant.
    pub from: DateTime<Utc>,
    /// Batches created at or before this instant, usually now.
    pub to: DateTime<Utc>,
}

/// A batch as the provider shows it: by listing, in the answer to a submission, or in a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The provider's id, kept as text.
    pub id: String,
    /// How far the provider has got.
    pub state: FoundState,
    /// Our submission id, where the provider echoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
    /// When the provider made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<DateTime<Utc>>,
    /// When the provider will purge it, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge: Option<DateTime<Utc>>,
    /// The provider's counts.
    #[serde(default, skip_serializing_if = "Totals::is_empty")]
    pub totals: Totals,
    /// What else a person may want to see: source, endpoints, description, correlation id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

impl Found {
    /// A batch of which nothing but id and state is known.
    pub fn new(id: impl Into<String>, state: FoundState) -> Self {
        Self {
            id: id.into(),
            state,
            submission: None,
            created: None,
            purge: None,
            totals: Totals::default(),
            facts: BTreeMap::new(),
        }
    }

    /// Adds a fact for the ledger to show; an empty value adds nothing.
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.insert(name.to_owned(), value);
        }
        self
    }
}

/// How far the provider has got with a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundState {
    /// Its results can be collected.
    Ready,
    /// The provider declined it or failed, in its own words.
    Failed(String),
    /// The provider still works on it; a word that we do not know counts as this.
    Running,
}

impl<'de> Deserialize<'de> for FoundState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (word, content) = word::read(from)?;
        Ok(match word.as_str() {
            "ready" => Self::Ready,
            "failed" => Self::Failed(word::content(content)?),
            _ => Self::Running,
        })
    }
}

/// The provider's counts of a batch, each optional, under the provider's meaning. They are compared
/// with what was parsed, shown and counted, and never stop a delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Cards that the provider took up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
    /// Cards that it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
    /// Cards that it says it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<u64>,
    /// Records that the answer should hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Answers that it charges for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed: Option<u64>,
}

impl Totals {
    /// Whether the provider gave no count at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A batch to collect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The job that made or found it, or that it was announced for.
    pub job: String,
    /// How it came to us.
    pub origin: Origin,
    /// What the provider last said of it.
    pub found: Found,
}

impl Batch {
    /// The provider's id.
    pub fn id(&self) -> &str {
        &self.found.id
    }
}

/// How a batch came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// We submitted it.
    Submitted,
    /// A webhook announced it.
    Announced,
    /// A listing showed it.
    #[serde(other)]
    Found,
}

/// What `collect` came to. The updates themselves went out through `Run::emit`. A word that the
/// daemon does not know is a garbled answer: it neither ends the batch nor completes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collected {
    /// Not yet; come back after the given time, or after the job's polling interval.
    NotReady {
        /// The provider's wish.
        #[serde(default, with = "seconds::optional")]
        retry_after: Option<Duration>,
    },
    /// Every update was emitted.
    Complete {
        /// The provider's counts, to compare.
        #[serde(default)]
        totals: Totals,
    },
    /// The provider declined or lost it, in its own words.
    Failed(String),
}

impl Collected {
    /// Not ready, without a wish of the provider's.
    pub fn not_ready() -> Self {
        Self::NotReady { retry_after: None }
    }
}
