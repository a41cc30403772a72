//! What the source wants: all files together are the whole set, so one that cannot be read makes it none.

use chrono::{DateTime, Utc};

use crate::cards::{CardOnFile, Fingerprint, Intake, Kept, SealedFile, TakenIn};
use crate::ledger::plan::choice::Planning;
use crate::ledger::plan::{Failed, GROWS};
use crate::ledger::slots::OpenSlot;
use crate::source::Taken;

/// What the source hands in.
pub(super) enum Handed {
    /// Nothing: what was wanted still is.
    Nothing,
    /// A file may still be growing.
    Settling(DateTime<Utc>),
    /// This is wanted.
    All(Box<Wanted>),
}

/// The pairs that are wanted, in the order of the files.
pub(super) struct Wanted {
    pub(super) files: Vec<Taken>,
    pub(super) pairs: Vec<Fingerprint>,
    pub(super) cards: Kept,
    /// The cards' file lies there as long as this lives.
    _taken: TakenIn,
}

pub(super) fn read(planning: &Planning<'_>, open: &OpenSlot) -> Result<Handed, Failed> {
    let look = planning.look(&[])?;
    let (settling, refused) = (look.settling, look.refused);
    match settling.iter().map(|one| one.until).max() {
        Some(until) if planning.now - open.slot < GROWS => return Ok(Handed::Settling(until)),
        _ => {}
    }
    let grows = settling.into_iter().map(|one| one.grows());
    if let Some(error) = refused.into_iter().chain(grows).next() {
        return Err(error.into());
    }
    if look.ready.is_empty() {
        return Ok(Handed::Nothing);
    }
    let context = planning.context;
    let file = SealedFile::intake(
        &context.state,
        &planning.account.name,
        &planning.schedule.name,
    );
    let mut intake = Intake::begin(&file, &context.keyring)?;
    let fingerprints = planning.account.fingerprints(&context.keyring);
    let mut pairs = Vec::new();
    let read = planning.read(
        &look.ready,
        |file, today, with| file.read(today, with),
        |card: &CardOnFile<'_>, fingerprint| {
            pairs.push(fingerprints.pair(fingerprint, card.se_number));
            Ok(intake.add(card, fingerprint)?)
        },
    )?;
    if let Some(error) = read.left_out.into_iter().next() {
        return Err(error.into());
    }
    let (_, taken) = intake.complete()?;
    Ok(Handed::All(Box::new(Wanted {
        files: read.files,
        pairs,
        cards: taken.cards(&context.keyring)?,
        _taken: taken,
    })))
}
