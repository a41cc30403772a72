//! Running sums over the batches of an account: what becomes of every card that is asked about, and how
//! many answers of each outcome came. The index keeps them beside the batches, so that to add up a
//! year of submissions costs no more than to add up a day's.

use std::collections::BTreeMap;

use reissue_connector_api::Origin;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, State};

/// The sums of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many batches are in each state.
    pub batches: BTreeMap<State, u64>,
    /// How many of them were announced, and are not confirmed yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unconfirmed: u64,
    /// What became of the cards of its submissions. Each card of each submission is in one of these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cards: BTreeMap<Fate, u64>,
    /// How many of these are in submissions whose answers were collected.
    #[serde(default)]
    pub collected: u64,
    /// How many answers of each outcome those have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What became of a card that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its submission is durable, and nothing of it was sent.
    Planned,
    /// Its submission may be on the wire.
    Sending,
    /// Nobody knows whether the provider has its submission.
    Unknown,
    /// A person decides about its submission.
    Held,
    /// The provider works on it.
    Waiting,
    /// It was answered.
    Answered,
    /// The answers say nothing of it.
    Absent,
    /// The provider refused it, or its submission as a whole.
    Refused,
    /// Its answer was purged before it was collected.
    Expired,
    /// A person gave its submission up.
    Abandoned,
}

impl Fate {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Tally {
    /// Counts a batch as it is now.
    pub fn add(&mut self, batch: &Batch) {
        self.change(batch, |sum, count| *sum += count);
    }

    /// Takes back that it was counted, as it was then.
    pub fn take_back(&mut self, batch: &Batch) {
        self.change(batch, |sum, count| *sum = sum.saturating_sub(count));
        self.batches.retain(|_, count| *count > 0);
        self.cards.retain(|_, count| *count > 0);
        self.answers.retain(|_, count| *count > 0);
    }

    /// How many cards were asked about in all.
    pub fn asked(&self) -> u64 {
        self.cards.values().sum()
    }

    fn change(&mut self, batch: &Batch, change: impl Fn(&mut u64, u64)) {
        change(self.batches.entry(batch.state).or_default(), 1);
        let is_unconfirmed = batch.unconfirmed && batch.state.is_open();
        change(&mut self.unconfirmed, u64::from(is_unconfirmed));
        for (fate, cards) in fates(batch).into_iter().filter(|(_, cards)| *cards > 0) {
            change(self.cards.entry(fate).or_default(), cards);
        }
        if batch.origin != Origin::Submitted || batch.change.is_some() {
            return;
        }
        let Some(collected) = &batch.collected else {
            return;
        };
        change(&mut self.collected, batch.cards.unwrap_or(0).into());
        for row in &collected.counts {
            let sum = self.answers.entry(row.outcome.clone()).or_default();
            change(sum, row.count);
        }
    }
}

/// What became of the cards of a submission; they add up to its cards.
fn fates(batch: &Batch) -> [(Fate, u64); 3] {
    // What changes subscriptions asks nothing.
    let cards = batch.cards.filter(|_| batch.change.is_none());
    let cards = u64::from(cards.unwrap_or(0));
    let refused = batch.refused.min(cards);
    let rest = cards - refused;
    let fate = match (&batch.collected, batch.state) {
        (Some(collected), _) => {
            let absent = collected.cards.map_or(0, |cards| cards.absent.min(rest));
            return [
                (Fate::Refused, refused),
                (Fate::Absent, absent),
                (Fate::Answered, rest - absent),
            ];
        }
        (None, State::Planned) => Fate::Planned,
        (None, State::Sending) => Fate::Sending,
        (None, State::Unknown) => Fate::Unknown,
        (None, State::Held) => Fate::Held,
        (None, State::Waiting) => Fate::Waiting,
        (None, State::Refused) => Fate::Refused,
        (None, State::Expired | State::Unfounded) => Fate::Expired,
        (None, State::Abandoned) => Fate::Abandoned,
        // Only what is collected gets there.
        (None, State::Collected | State::Delivered) => Fate::Answered,
    };
    [(Fate::Refused, refused), (fate, rest), (Fate::Absent, 0)]
}
