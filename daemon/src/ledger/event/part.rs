//! What events say besides names and numbers.

use reissue_connector_api::Kind;
use serde::{Deserialize, Serialize};

/// What a person can decide about a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Deliver it, although it has more updates than the brake allows.
    Deliver,
    /// The provider does not have it: send it again.
    NotSent,
    /// Give it up: it is not tried again, and what of it is not delivered never is.
    Abandon,
}

/// What a submission changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It adds subscriptions.
    Add,
    /// It removes them.
    Remove,
}

/// The file of an account's subscriptions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriptions {
    /// Whose.
    pub account: String,
    /// What it is called.
    pub name: String,
    /// How many pairs it holds.
    pub pairs: u64,
    /// The number of the next pair.
    pub next: u64,
    /// The submissions that it names.
    pub submissions: Vec<String>,
}

/// A fault as the ledger remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultNote {
    /// What sort of failure.
    pub kind: Kind,
    /// One sentence, card numbers masked.
    pub message: String,
}

/// Cards that wait for their schedule's next slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred {
    /// What their sealed file is called.
    pub file: String,
    /// How many they are.
    pub cards: u32,
}
