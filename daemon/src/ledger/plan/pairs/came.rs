//! What came of a submission that changes subscriptions, and where that leaves its pairs. What may be at the
//! provider is never taken for absent: it would be added again, or never removed.

use std::collections::HashSet;

use crate::ledger::batch::{Batch, State};
use crate::subscriptions::{Standing, Subscription};

/// What came of a submission.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Nothing of it was sent.
    Planned,
    /// It may be at the provider.
    Uncertain,
    /// The provider has it, and which pairs it refused is not taken in yet.
    Accepted,
    /// The provider has it, but for the pairs of these numbers.
    Done(HashSet<u64>),
    /// Nothing of it was done.
    Undone,
    /// A person gave it up, and it may have been done.
    GivenUp,
}

impl Came {
    /// What came of this one; which pairs were refused is to be added.
    pub(super) fn of(batch: &Batch) -> Self {
        match batch.state {
            _ if batch.collected.is_some() => Self::Done(HashSet::new()),
            State::Planned => Self::Planned,
            State::Refused => Self::Undone,
            State::Abandoned if batch.asked_at.is_none() => Self::Undone,
            State::Abandoned => Self::GivenUp,
            _ if batch.is_at_provider() => Self::Accepted,
            _ => Self::Uncertain,
        }
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Undone | Self::GivenUp)
    }

    /// Where a pair of the submission stands by now, and whether it is still under way for it.
    pub(super) fn to(&self, pair: &Subscription) -> (Standing, bool) {
        let adds = pair.standing == Standing::Adding;
        let standing = match (self, adds) {
            (Self::Planned, _) => pair.standing,
            (Self::Uncertain, true) => Standing::Unknown,
            (Self::Accepted, true) => Standing::Subscribed,
            (Self::Uncertain | Self::Accepted, false) => Standing::Removing,
            (Self::Done(refused), true) if refused.contains(&pair.number) => Standing::Refused,
            (Self::Done(_), true) | (Self::Undone, false) => Standing::Subscribed,
            // What is refused to be removed cannot be there.
            (Self::Done(_), false) | (Self::Undone, true) => Standing::Absent,
            (Self::GivenUp, _) => Standing::Unknown,
        };
        (standing, !self.is_over())
    }
}

#[cfg(test)]
mod tests;
