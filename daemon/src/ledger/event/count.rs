//! What a collected batch is counted by. Updates are in its spool and go with it; these stay in the journal.

use serde::{Deserialize, Serialize};

/// How many updates of a batch had this outcome and code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCount {
    /// The outcome's word.
    pub outcome: String,
    /// The provider's code.
    pub code: String,
    /// The provider's reason for the code.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// What became of the cards of a submission. The first three add up to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCounts {
    /// Cards with at least one answer.
    pub answered: u64,
    /// Cards without an answer.
    pub absent: u64,
    /// Cards that the provider refused when it took the submission.
    pub rejected: u64,
    /// Answers for cards that nobody asked about, which are set aside.
    pub aside: u64,
    /// Answers after which a card is not asked about again.
    pub suppressed: u64,
}
