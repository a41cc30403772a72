//! Where the sinks of a batch stand.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Batch;
use crate::ledger::event::FaultNote;

/// Where one sink stands with one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SinkState {
    /// It has nothing yet.
    Pending,
    /// Its file is complete under its temporary name.
    Publishing {
        /// The file's own name.
        path: String,
    },
    /// It has acknowledged some pages.
    Sending(Position),
    /// It has everything.
    Done {
        /// The file's own name, where it is a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// Since when.
        at: DateTime<Utc>,
    },
}

/// How much of a batch a receiver has: the first so many pages, and the updates that they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Pages.
    pub pages: u64,
    /// Updates.
    pub updates: u64,
}

/// Why a sink does not take a batch, while that is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// When it first failed for this batch.
    pub since: DateTime<Utc>,
    /// What happened.
    pub fault: FaultNote,
    /// Whether it waits for a person (and is tried once a day).
    pub held: bool,
}

impl SinkState {
    /// Whether the sink has everything.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// How much of the batch the sink has acknowledged in pages.
    pub fn position(&self) -> Position {
        match self {
            Self::Sending(position) => *position,
            _ => Position::default(),
        }
    }
}

impl Batch {
    /// The sinks that do not have it yet.
    pub fn undelivered(&self) -> impl Iterator<Item = &String> {
        let sinks = self.sinks.iter().filter(|(_, state)| !state.is_done());
        sinks.map(|(sink, _)| sink)
    }
}
