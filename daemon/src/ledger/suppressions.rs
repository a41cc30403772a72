//! Cards that an earlier answer says not to ask about again, and a person's word that one may be.
//!
//! Each batch remembers the cards that its own answers suppressed. A lift belongs to the batches whose
//! suppression it ends, so a later answer suppresses a card anew, and nothing depends on an order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::context::Context;
use super::event::Event;
use crate::cards::{Fingerprint, SealedFile, Suppression, for_each_suppressed};
use crate::seal::SealError;
use crate::store::StoreError;

/// How many cards are suppressed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// The outcome's word.
    pub reason: String,
    /// How many.
    pub cards: u64,
    /// The first answer that says so.
    pub first: DateTime<Utc>,
    /// The last one.
    pub last: DateTime<Utc>,
}

/// What a lift came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// Cards that were named.
    pub named: u64,
    /// How many of them were suppressed, and are no longer.
    pub lifted: u64,
}

/// Why nothing was shown or lifted.
#[derive(Debug, thiserror::Error)]
pub enum SuppressionsError {
    /// A file of fingerprints cannot be read.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] StoreError),
}

/// The cards of an account that are suppressed, by reason.
///
/// # Errors
/// When what is remembered cannot be read.
pub fn suppressed(context: &Context, account: &str) -> Result<Vec<Suppressed>, SuppressionsError> {
    let mut cards: BTreeMap<Fingerprint, (DateTime<Utc>, Suppression)> = BTreeMap::new();
    for_each(context, account, |batch, at, fingerprint, why| {
        if !batch.lifted.contains(&fingerprint) {
            let card = cards.entry(fingerprint).or_insert((at, why));
            *card = (*card).max((at, why));
        }
    })?;
    let mut reasons: BTreeMap<Suppression, Suppressed> = BTreeMap::new();
    for (at, why) in cards.into_values() {
        let reason = reasons.entry(why).or_insert_with(|| Suppressed {
            reason: why.as_str().to_owned(),
            cards: 0,
            first: at,
            last: at,
        });
        reason.cards += 1;
        reason.first = reason.first.min(at);
        reason.last = reason.last.max(at);
    }
    Ok(reasons.into_values().collect())
}

/// Lifts the suppression of these cards.
///
/// # Errors
/// When what is remembered cannot be read; nothing is lifted then.
pub fn lift(
    context: &Context,
    account: &str,
    cards: &BTreeSet<Fingerprint>,
    by: &str,
) -> Result<Lifted, SuppressionsError> {
    let mut batches: BTreeMap<_, Vec<Fingerprint>> = BTreeMap::new();
    for_each(context, account, |batch, _, fingerprint, _| {
        if cards.contains(&fingerprint) && !batch.lifted.contains(&fingerprint) {
            let lifted = batches.entry(batch.key.clone()).or_default();
            lifted.push(fingerprint);
        }
    })?;
    let lifted: BTreeSet<Fingerprint> = batches.values().flatten().copied().collect();
    let events = batches.into_iter().map(|(batch, cards)| {
        let by = by.to_owned();
        Event::SuppressionsLifted { batch, cards, by }
    });
    let events: Vec<Event> = events.collect();
    if !events.is_empty() {
        context.commit(&events)?;
        tracing::warn!(
            account,
            by,
            cards = lifted.len(),
            "A person lifted suppressions."
        );
    }
    Ok(Lifted {
        named: cards.len() as u64,
        lifted: lifted.len() as u64,
    })
}

/// Shows every card that a batch of the account suppresses, lifted or not.
fn for_each(
    context: &Context,
    account: &str,
    mut with: impl FnMut(&Batch, DateTime<Utc>, Fingerprint, Suppression),
) -> Result<(), SuppressionsError> {
    let mut batches = Vec::new();
    context.store.batches(&mut |batch| {
        if batch.suppresses() && batch.key.account == account {
            batches.push(batch);
        }
    })?;
    for batch in &batches {
        let at = batch.collected.as_ref().map_or(batch.changed, |it| it.at);
        let file = SealedFile::suppressed(&context.state, account, &batch.key.id);
        for_each_suppressed(&file, &context.keyring, |fingerprint, why| {
            with(batch, at, fingerprint, why);
        })?;
    }
    Ok(())
}
