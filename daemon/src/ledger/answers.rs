//! The answers to a submission, matched with the cards that it asked about.
//!
//! A connector knows a card by our key, or by what the provider repeats of it. Here each answer gets
//! the customer's reference and the card as it was on file; one that nobody asked for is set aside,
//! since billing must never act on it.

use reissue_connector_api::{Card, Fault, Outcome, Refused, Totals, Update};

use super::batch::Batch;
use super::context::Context;
use super::event::CardCounts;
use super::fetch::Complete;
use crate::account::Account;
use crate::cards::{
    Answers, Asked, CardOnFile, Fingerprint, Fingerprints, SealedFile, Suppression,
    for_each_refusal, remember_suppressed,
};
use crate::connector::Updates;
use crate::seal::SealError;
use crate::spool::{Spooling, own_disk};

/// The answers to a submission while they come in.
pub(super) struct Answering<'c> {
    context: &'c Context,
    batch: &'c Batch,
    asked: Answers,
    fingerprints: Fingerprints,
    found: Found<'c>,
    aside: Spooling<'c>,
    suppressed: Vec<(Fingerprint, Suppression)>,
    counts: CardCounts,
    /// How many answers there were.
    read: u64,
}

/// The way of the answers that were asked for.
struct Found<'c> {
    spool: Spooling<'c>,
    /// Whether whoever gets them may see full card numbers.
    may_hold_pans: bool,
}

impl<'c> Answering<'c> {
    /// Begins anew, with no answer yet.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub(super) fn to(
        context: &'c Context,
        account: &Account,
        batch: &'c Batch,
        spool: Spooling<'c>,
        aside: Spooling<'c>,
    ) -> Result<Self, Fault> {
        let manifest = account.connector.manifest();
        let keyring = &context.keyring;
        let cards = SealedFile::submission(&context.state, &batch.key.account, &batch.key.id);
        Ok(Self {
            context,
            batch,
            asked: Answers::to(&cards, keyring).map_err(|error| own_disk(&error))?,
            fingerprints: account.fingerprints(keyring),
            found: Found {
                spool,
                may_hold_pans: manifest.pans.received(),
            },
            aside,
            suppressed: Vec::new(),
            counts: CardCounts::default(),
            read: 0,
        })
    }

    /// There are no more answers: adds the cards that were refused at once and, if `no_change` is
    /// wanted, those without an answer; makes everything durable.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub(super) fn finish(mut self, totals: Totals, no_change: bool) -> Result<Complete, Fault> {
        if self.batch.refused > 0 {
            self.add_refused()?;
        }
        self.counts.absent = self.asked.absent();
        let others = self.counts.absent + self.counts.rejected;
        self.counts.answered = u64::from(self.batch.cards.unwrap_or(0)).saturating_sub(others);
        if no_change {
            let found = &mut self.found;
            self.asked.for_each_absent(|card| -> Result<(), Failed> {
                Ok(found.take(&Update::new(Outcome::NoChange), card)?)
            })?;
        }
        self.remember_suppressed()
            .map_err(|error| own_disk(&error))?;
        // Set aside before the rest is complete: a crash between leaves a batch that is collected anew.
        self.counts.aside = self.aside.finish()?.counts.sum();
        Ok(Complete {
            totals,
            read: self.read,
            spooled: self.found.spool.finish()?,
            cards: Some(self.counts),
        })
    }

    fn add_refused(&mut self) -> Result<(), Fault> {
        let key = &self.batch.key;
        let file = SealedFile::refusals(&self.context.state, &key.account, &key.id);
        let (asked, found, counts) = (&mut self.asked, &mut self.found, &mut self.counts);
        for_each_refusal(&file, &self.context.keyring, |refused| {
            match asked.card(&refused.key)? {
                // What the provider answers in spite of it counts.
                Some(Asked { again: true, .. }) => Ok(()),
                Some(Asked { card, .. }) => {
                    counts.rejected += 1;
                    Ok(found.take(&rejected(refused), &card)?)
                }
                None => {
                    tracing::warn!(batch = %key, "The provider refused a card that nobody asked about.");
                    Ok(())
                }
            }
        })
        .map_err(|failed: Failed| failed.0)
    }

    fn remember_suppressed(&mut self) -> Result<(), SealError> {
        if self.suppressed.is_empty() {
            return Ok(());
        }
        let key = &self.batch.key;
        let file = SealedFile::suppressed(&self.context.state, &key.account, &key.id);
        remember_suppressed(&file, &self.context.keyring, &mut self.suppressed)?;
        self.counts.suppressed = self.suppressed.len() as u64;
        Ok(())
    }
}

impl Updates for Answering<'_> {
    fn take(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        self.read += 1;
        let asked = self.asked.of(update, &self.fingerprints);
        let Some(asked) = asked.map_err(|error| own_disk(&error))? else {
            return self.aside.take(update);
        };
        if let Some(why) = Suppression::after(&update.outcome) {
            self.suppressed.push((asked.fingerprint, why));
        }
        self.found.take(update, &asked.card)
    }
}

impl Found<'_> {
    /// The answer as the customer knows the card.
    fn take(&mut self, answer: &Update<'_>, card: &CardOnFile<'_>) -> Result<(), Fault> {
        let masked;
        let mut update = answer.clone();
        update.reference = card.reference;
        update.old = on_file(&answer.old, card);
        if update.se_number.is_empty() {
            update.se_number = card.se_number;
        }
        if !self.may_hold_pans
            && let Some(pan) = update.old.pan.take()
        {
            masked = pan.masked();
            update.old.pan_masked = &masked;
        }
        self.spool.take(&update)
    }
}

/// What the provider says of the card that is on file, and what we know where it says nothing.
fn on_file<'a>(answer: &Card<'a>, card: &CardOnFile<'a>) -> Card<'a> {
    let ours = card.as_old();
    let or = |text: &'a str, ours: &'a str| if text.is_empty() { ours } else { text };
    Card {
        token: or(answer.token, ours.token),
        pan: answer.pan.clone().or(ours.pan),
        expiry: answer.expiry.or(ours.expiry),
        customer: or(answer.customer, ours.customer),
        payment_instrument: or(answer.payment_instrument, ours.payment_instrument),
        instrument_identifier: or(answer.instrument_identifier, ours.instrument_identifier),
        ..answer.clone()
    }
}

fn rejected(refused: &Refused) -> Update<'_> {
    Update {
        provider_code: &refused.code,
        provider_message: &refused.text,
        ..Update::new(Outcome::Rejected)
    }
}

/// A failure of our own disk, from wherever it comes.
struct Failed(Fault);

impl From<SealError> for Failed {
    fn from(error: SealError) -> Self {
        Self(own_disk(&error))
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        failed.0
    }
}
