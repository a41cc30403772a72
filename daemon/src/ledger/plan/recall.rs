//! What is remembered of the cards of an input, from the submissions of their account.

use chrono::TimeDelta;
use reissue_connector_api::Origin;

use super::Failed;
use super::choice::Planning;
use crate::cards::{Remembered, SealedFile};
use crate::ledger::batch::Batch;

/// How long it is remembered that a card was asked about: a schedule that asks once a year can be a
/// month late. No schedule may look back further.
pub const ASKED_KEPT: TimeDelta = TimeDelta::days(400);

/// What was found besides.
#[derive(Default)]
pub(super) struct Recalled {
    /// How many cards the day's submissions hold.
    pub(super) asked_today: u64,
    /// Files of fingerprints that no schedule looks back to any more.
    pub(super) outdated: Vec<SealedFile>,
}

/// How many cards an account's submissions of the day hold.
pub(super) fn asked_today(planning: &Planning<'_>) -> Result<u64, Failed> {
    let mut asked = 0;
    planning.context.store.batches(&mut |batch| {
        if batch.key.account == planning.account.name && batch.counts_on(planning.now) {
            asked += u64::from(batch.cards.unwrap_or(0));
        }
    })?;
    Ok(asked)
}

/// Remembers when each card was asked about, and which must not be.
pub(super) fn recall(
    planning: &Planning<'_>,
    remembered: &mut Remembered,
) -> Result<Recalled, Failed> {
    let Planning {
        context,
        account,
        schedule,
        now,
        ..
    } = *planning;
    let mut submitted: Vec<Batch> = Vec::new();
    context.store.batches(&mut |batch| {
        if batch.origin == Origin::Submitted && batch.key.account == account.name {
            submitted.push(batch);
        }
    })?;
    let (state, keyring) = (&context.state, &context.keyring);
    let memory = schedule.rules.memory();
    let mut recalled = Recalled::default();
    let mut asked = Vec::new();
    for batch in submitted {
        if batch.counts_on(now) {
            recalled.asked_today += u64::from(batch.cards.unwrap_or(0));
        }
        let file = SealedFile::asked(state, &account.name, &batch.key.id);
        match batch.asked() {
            Some(at) if now - at > ASKED_KEPT => recalled.outdated.push(file),
            Some(at) if memory.is_some_and(|memory| now - at < memory) => asked.push((file, at)),
            _ => {}
        }
        if batch.suppresses() {
            let file = SealedFile::suppressed(state, &account.name, &batch.key.id);
            remembered.suppressed(&file, keyring, &batch.lifted)?;
        }
    }
    remembered.asked(&asked, keyring)?;
    Ok(recalled)
}
