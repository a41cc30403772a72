//! What a provider reports of subscribed cards, matched with the pairs of the account.
//!
//! A report that bears the key of no pair is set aside: the pair was removed before it came, or it is not
//! ours. A new number is remembered for the next slot, which lets it take the place of the old one.

use reissue_connector_api::{Fault, Outcome, Pan, Totals, Update};

use super::failed::Failed;
use super::found::{Found, rejected};
use crate::account::Account;
use crate::cards::{CardOnFile, CardsWriter, Fingerprints, Number, SealedFile, for_each_refusal};
use crate::connector::Updates;
use crate::ledger::batch::Batch;
use crate::ledger::context::Context;
use crate::ledger::event::CardCounts;
use crate::ledger::fetch::Complete;
use crate::seal::{Keyring, SealError};
use crate::spool::{Spooling, own_disk};
use crate::subscriptions::Pairs;

/// Reports of subscribed cards while they come in.
pub(in crate::ledger) struct Reporting<'c> {
    /// None where the account has no pair.
    pairs: Option<Pairs>,
    found: Found<'c>,
    aside: Spooling<'c>,
    /// Where new numbers are remembered, if they are to be followed.
    follow: Option<Follow<'c>>,
    read: u64,
}

struct Follow<'c> {
    file: SealedFile,
    keyring: &'c Keyring,
    fingerprints: Fingerprints,
    /// None while there is no new number.
    cards: Option<CardsWriter>,
}

impl<'c> Reporting<'c> {
    /// Begins anew, with no report yet. `pairs` are the account's, if it has any.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub(in crate::ledger) fn of(
        context: &'c Context,
        account: &Account,
        batch: &Batch,
        pairs: Option<Pairs>,
        spool: Spooling<'c>,
        aside: Spooling<'c>,
    ) -> Result<Self, Fault> {
        let key = &batch.key;
        let file = SealedFile::replacements(&context.state, &key.account, &key.id);
        // An attempt that ended in a crash may have left another one.
        file.delete().map_err(|error| own_disk(&error))?;
        let generation = context.generation();
        let schedule = generation.schedules.get(&batch.schedule);
        let follows = schedule.is_some_and(|schedule| schedule.follow_updates);
        Ok(Self {
            pairs,
            found: Found {
                spool,
                may_hold_pans: account.connector.manifest().pans.received(),
            },
            aside,
            follow: follows.then(|| Follow {
                file,
                keyring: &context.keyring,
                fingerprints: account.fingerprints(&context.keyring),
                cards: None,
            }),
            read: 0,
        })
    }

    /// There are no more reports: makes everything durable.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub(in crate::ledger) fn finish(self, totals: Totals) -> Result<Complete, Fault> {
        if let Some(cards) = self.follow.and_then(|follow| follow.cards) {
            cards.finish().map_err(|error| own_disk(&error))?;
        }
        // Set aside before the rest is complete: a crash between leaves a batch that is collected anew.
        let aside = self.aside.finish()?.counts.sum();
        Ok(Complete {
            totals,
            read: self.read,
            spooled: self.found.spool.finish()?,
            cards: (aside > 0).then(|| CardCounts {
                answered: self.read - aside,
                aside,
                ..CardCounts::default()
            }),
        })
    }
}

impl Updates for Reporting<'_> {
    fn take(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        self.read += 1;
        let found = match &mut self.pairs {
            Some(pairs) => pairs.find(update.reference),
            None => Ok(None),
        };
        let Some((card, ..)) = found.map_err(|error| own_disk(&error))? else {
            return self.aside.take(update);
        };
        if let (Some(follow), Outcome::NewNumber(new)) = (&mut self.follow, &update.outcome)
            && let Some(pan) = new.pan.as_ref().filter(|pan| is_whole(pan))
        {
            let replacement = CardOnFile {
                // Our key, which leads to the pair that it takes the place of.
                reference: update.reference,
                number: Number::Pan(pan),
                expiry: new.expiry,
                ..card
            };
            follow.add(&replacement).map_err(|error| own_disk(&error))?;
        }
        self.found.take(update, &card)
    }
}

/// A provider may report what is no number of a card. It is delivered as it came, and subscribed it would
/// have the provider refuse all that are sent with it.
fn is_whole(pan: &Pan) -> bool {
    Pan::parse(pan.expose()).is_ok()
}

impl Follow<'_> {
    fn add(&mut self, card: &CardOnFile<'_>) -> Result<(), SealError> {
        let cards = match &mut self.cards {
            Some(cards) => cards,
            none => none.insert(CardsWriter::begin(&self.file, self.keyring)?),
        };
        cards.add(card, self.fingerprints.fingerprint(&card.number))
    }
}

/// The pairs that a provider refused when they were to be added, as updates.
///
/// # Errors
/// `unreachable` with what our own disk says.
pub(in crate::ledger) fn refused(
    context: &Context,
    account: &Account,
    batch: &Batch,
    pairs: Option<Pairs>,
    spool: Spooling<'_>,
) -> Result<Complete, Fault> {
    let mut found = Found {
        spool,
        may_hold_pans: account.connector.manifest().pans.received(),
    };
    if let (Some(mut pairs), false) = (pairs, batch.is_removal())
        && batch.refused > 0
    {
        let file = SealedFile::refusals(&context.state, &batch.key.account, &batch.key.id);
        for_each_refusal(&file, &context.keyring, |refused| -> Result<(), Failed> {
            match pairs.find(&refused.key)? {
                Some((card, ..)) => Ok(found.take(&rejected(refused), &card)?),
                None => Ok(()),
            }
        })?;
    }
    Ok(Complete {
        totals: Totals::default(),
        read: 0,
        spooled: found.spool.finish()?,
        cards: None,
    })
}
