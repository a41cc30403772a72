//! What became of each card of a file: every one is asked about once, and ends as an answer, without
//! one, or refused.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Deserialize;

use super::question::Question;
use super::verify::{Delivered, lines};
use crate::scene::{Batch, Provider};

/// A file's cards, counted.
pub(super) struct Account {
    /// Whom they were asked of.
    pub(super) name: &'static str,
    /// All of the file.
    pub(super) cards: u64,
    /// Those with an answer.
    pub(super) answered: u64,
    /// Those that the provider has nothing to say about.
    pub(super) absent: u64,
    /// Those that it refused when it was asked.
    pub(super) refused: u64,
    /// Questions that it charges for.
    pub(super) paid: u64,
}

/// Adds up what became of a file's cards.
///
/// # Errors
/// A card is missing, or was asked about twice.
pub(super) fn account(
    provider: &Provider,
    question: &Question,
    batch: &Batch,
    delivered: &Delivered,
) -> Result<Account> {
    let name = question.whom.name();
    let asked = asked(provider, question)?;
    let cards = question.cards().count() as u64;
    let all: u64 = delivered.outcomes.values().sum();
    // Not all that is `rejected`: an answer may say so too.
    let refused = batch.refused();
    let account = Account {
        name,
        cards,
        answered: all - refused,
        absent: batch.absent(),
        refused,
        paid: asked.values().sum(),
    };
    if let Some((_, times)) = asked.iter().find(|(_, times)| **times != 1) {
        bail!("{name} was asked about a card {times} times");
    }
    let (ended, questions) = (all + account.absent, account.paid + refused);
    if ended != cards || questions != cards {
        bail!("{name} was to be asked about {cards} cards: {questions} were, and {ended} ended");
    }
    Ok(account)
}

/// How often each card of the file was asked about.
///
/// # Errors
/// It was asked about a card that is not of the file.
fn asked(provider: &Provider, question: &Question) -> Result<BTreeMap<String, u64>> {
    #[derive(Deserialize)]
    struct Asked {
        card: String,
        times: u64,
    }
    let name = question.whom.name();
    let mut times = BTreeMap::new();
    for asked in lines::<Asked>(provider.asked(question.whom)?) {
        let asked = asked?;
        if !question.cards().any(|(_, card)| card == asked.card) {
            bail!("{name} was asked about a card that nobody asked about");
        }
        times.insert(asked.card, asked.times);
    }
    Ok(times)
}
