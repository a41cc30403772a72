//! Compares what a vault's file holds with what the provider answered, card by card: each update names
//! the customer's reference, the number that was asked about, and the number that takes its place.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::question::Question;
use super::verify::{Outcomes, lines};
use crate::scene::{Asks, Provider};

/// An answer about a card.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    reference: String,
    card: String,
    code: String,
    /// The number that is good from now on.
    new: Option<String>,
}

/// Counts the outcomes of a file's text.
///
/// # Errors
/// It does not hold exactly what the provider answered about the batch.
pub(super) fn verify(
    provider: &Provider,
    question: &Question,
    batch: &str,
    text: &str,
) -> Result<Outcomes> {
    let mut outcomes = Outcomes::new();
    let mut delivered = BTreeSet::new();
    for update in lines::<Update>(text.as_bytes()) {
        let update = update?;
        // Refused when it was asked about; the results know nothing of it.
        if update.outcome != "rejected" {
            let answer = Answer {
                reference: update.reference,
                card: update.old.pan,
                code: update.provider_code,
                new: update.new.map(|card| card.pan),
            };
            if !delivered.insert(answer) {
                bail!("an update comes twice");
            }
        }
        *outcomes.entry(update.outcome).or_default() += 1;
    }
    let answered = answers(provider, question, batch)?;
    match answered.symmetric_difference(&delivered).next() {
        // The numbers of test cards; a real consumer would not print one.
        Some(answer) => bail!("it and the provider differ in {answer:?}"),
        None => Ok(outcomes),
    }
}

/// What the provider says. CardSync repeats our id of a card, BlueSnap the card too.
fn answers(provider: &Provider, question: &Question, batch: &str) -> Result<BTreeSet<Answer>> {
    let references: BTreeMap<&str, &str> =
        question.cards().map(|(name, card)| (card, name)).collect();
    let mut ids = BTreeMap::new();
    for asked in lines::<Asked>(provider.asked(question.whom)?) {
        let Asked { card, asked, id } = asked?;
        let known = asked.into_iter().map(|it| it.id).chain(id);
        ids.extend(known.map(|id| (id, card.clone())));
    }
    let answer = |row: Result<Row>| -> Result<Answer> {
        let row = row?;
        let card = ids.get(&row.id).context("an answer about no card")?.clone();
        let reference = references.get(&*card).context("a card of no file")?;
        Ok(Answer {
            reference: (*reference).to_owned(),
            new: match (question.whom, row.new) {
                (Asks::CardSync | Asks::Amex, _) => {
                    row.code.starts_with("updated").then_some(row.card)
                }
                (_, new) => new.map(|new| new.card),
            },
            code: row.code,
            card,
        })
    };
    lines(provider.answers(question.whom, batch)?)
        .map(answer)
        .collect()
}

#[derive(Deserialize)]
struct Update {
    reference: String,
    outcome: String,
    #[serde(default)]
    provider_code: String,
    old: Card,
    new: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    pan: String,
}

#[derive(Deserialize)]
struct Asked {
    card: String,
    #[serde(default)]
    asked: Vec<Id>,
    /// Of a card that is subscribed.
    id: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    card: String,
    #[serde(alias = "status")]
    code: String,
    new: Option<New>,
}

#[derive(Deserialize)]
struct New {
    card: String,
}
