//! The answers to a submission, matched with the cards that it asked about.
//!
//! A connector knows a card by our key, or by what the provider repeats of it. Here each answer gets
//! the customer's reference and the card as it was on file; one that nobody asked for is set aside,
//! since billing must never act on it. `subscribed` does the same for subscribed cards.

mod failed;
mod found;
mod subscribed;

use reissue_connector_api::{Fault, Outcome, Totals, Update};

use self::failed::Failed;
use self::found::{Found, rejected};
pub(super) use self::subscribed::{Reporting, refused};
use super::batch::Batch;
use super::context::Context;
use super::event::CardCounts;
use super::fetch::Complete;
use crate::account::Account;
use crate::cards::{
    Answers, Asked, Fingerprint, Fingerprints, SealedFile, Suppression, for_each_refusal,
    remember_suppressed,
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
