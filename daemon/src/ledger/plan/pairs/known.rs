//! What is known of an account's subscriptions: the file that the last slot wrote, and what became of its
//! submissions since.

use std::collections::HashMap;

use reissue_connector_api::{Expiry, Origin, Pan};

use super::came::Came;
use crate::account::Account;
use crate::cards::{CardOnFile, CardsReader, Fingerprint, Number, SealedFile, for_each_refusal};
use crate::ledger::batch::{Batch, State};
use crate::ledger::context::Context;
use crate::ledger::event::Subscriptions;
use crate::ledger::key::BatchKey;
use crate::ledger::plan::Failed;
use crate::subscriptions::{Pairs, Row, Standing, Subscription, number};

/// What is known.
pub(super) struct Known {
    /// Every pair: those of the file, in its order, then those that replace one of them.
    pub(super) rows: Vec<Row>,
    /// The file; none before the first slot.
    pub(super) pairs: Option<Pairs>,
    /// The pairs that replace one of the file's.
    pub(super) replacing: Vec<Replacing>,
    /// Files that need not be read again once this is written down.
    pub(super) taken_in: Vec<SealedFile>,
    submissions: HashMap<String, Came>,
}

/// A card of which the provider told a new number.
pub(super) struct Replacing {
    /// Where the pair stands that it replaces.
    pub(super) row: u32,
    pub(super) pan: Pan,
    pub(super) expiry: Option<Expiry>,
}

impl Known {
    /// Reads the file and what came of it.
    pub(super) fn read(
        context: &Context,
        account: &Account,
        file: Option<&Subscriptions>,
    ) -> Result<Self, Failed> {
        let mut known = Self {
            rows: Vec::new(),
            pairs: None,
            replacing: Vec::new(),
            taken_in: Vec::new(),
            submissions: HashMap::new(),
        };
        let Some(file) = file else {
            return Ok(known);
        };
        for id in &file.submissions {
            known.look_up(context, &account.name, id)?;
        }
        let sealed = SealedFile::subscriptions(&context.state, &account.name, &file.name);
        let mut pairs = Pairs::open(&sealed, &context.keyring)?;
        for position in 0..pairs.len() {
            if let Some((_, pair, subscription)) = pairs.at(position)? {
                let (standing, under_way) = known.now(&subscription);
                known.rows.push(Row {
                    pair,
                    replaces: subscription.replaces.map(Fingerprint::from_bytes),
                    wanted: subscription.wanted,
                    standing,
                    under_way,
                });
            }
        }
        known.pairs = Some(pairs);
        known.take_in_replacements(context, account)?;
        Ok(known)
    }

    /// Whether the file says something else than what is known by now.
    pub(super) fn has_news(&self) -> bool {
        !self.taken_in.is_empty() || self.submissions.values().any(Came::is_over)
    }

    fn look_up(&mut self, context: &Context, account: &str, id: &str) -> Result<(), Failed> {
        let batch = context.store.batch(&BatchKey {
            account: account.to_owned(),
            id: id.to_owned(),
        })?;
        let came = match &batch {
            // A journal that does not know it was restored: anything may be so.
            None => Came::GivenUp,
            Some(batch) => self.came_of(context, batch)?,
        };
        self.submissions.insert(id.to_owned(), came);
        Ok(())
    }

    fn came_of(&mut self, context: &Context, batch: &Batch) -> Result<Came, Failed> {
        let mut came = Came::of(batch);
        if let Came::Done(refused) = &mut came
            && batch.refused > 0
        {
            let file = SealedFile::refusals(&context.state, &batch.key.account, &batch.key.id);
            for_each_refusal(&file, &context.keyring, |one| -> Result<(), Failed> {
                refused.extend(number(&one.key));
                Ok(())
            })?;
            self.taken_in.push(file);
        }
        Ok(came)
    }

    /// Where a pair of the file stands by now, and whether a submission is still under way for it.
    fn now(&self, pair: &Subscription) -> (Standing, bool) {
        match &pair.submission {
            None => (pair.standing, false),
            Some(id) => {
                let came = self.submissions.get(id);
                came.unwrap_or(&Came::GivenUp).to(pair)
            }
        }
    }

    /// The new numbers that answers told since the last slot, the oldest first.
    fn take_in_replacements(&mut self, context: &Context, account: &Account) -> Result<(), Failed> {
        let mut told = Vec::new();
        context.store.batches(&mut |batch| {
            if batch.origin == Origin::Announced
                && batch.key.account == account.name
                // Neither what a person holds back, nor what one has given up.
                && batch.braked.is_none()
                && batch.state != State::Abandoned
                && let Some(collected) = &batch.collected
            {
                told.push((collected.at, batch.key.id));
            }
        })?;
        told.sort();
        let mut known = None;
        for (_, id) in told {
            let file = SealedFile::replacements(&context.state, &account.name, &id);
            if !file.path().exists() {
                continue;
            }
            let known = known.get_or_insert_with(|| {
                let rows = self.rows.iter().zip(0_usize..);
                rows.map(|(row, at)| (row.pair, at)).collect()
            });
            let mut cards = CardsReader::open(&file, &context.keyring)?;
            while let Some((card, _)) = cards.next_card()? {
                self.replace(context, account, &card, known)?;
            }
            self.taken_in.push(file);
        }
        Ok(())
    }

    /// The card of that key has got this number. Told twice it changes nothing. `known` says where each pair
    /// stands, so that none stands there twice.
    fn replace(
        &mut self,
        context: &Context,
        account: &Account,
        card: &CardOnFile<'_>,
        known: &mut HashMap<Fingerprint, usize>,
    ) -> Result<(), Failed> {
        let (Number::Pan(pan), Some(pairs)) = (card.number, &mut self.pairs) else {
            return Ok(());
        };
        let Some(row) = pairs.position(card.reference)? else {
            return Ok(());
        };
        let fingerprints = account.fingerprints(&context.keyring);
        let pair = fingerprints.pair(fingerprints.fingerprint(&card.number), card.se_number);
        let replaced = &self.rows[row as usize];
        if !replaced.wanted || replaced.pair == pair {
            return Ok(());
        }
        let replaces = replaced.replaces.or(Some(replaced.pair));
        match known.get(&pair).map(|at| &mut self.rows[*at]) {
            // The customer has both on file.
            Some(other) if other.wanted && other.replaces.is_none() => other.replaces = replaces,
            // It stands for another one, or is about to go: the old one stays until the source says so.
            Some(_) => return Ok(()),
            None => {
                known.insert(pair, self.rows.len());
                self.replacing.push(Replacing {
                    row,
                    pan: pan.clone(),
                    expiry: card.expiry,
                });
                self.rows.push(Row {
                    pair,
                    replaces,
                    wanted: true,
                    standing: Standing::Absent,
                    under_way: false,
                });
            }
        }
        let replaced = &mut self.rows[row as usize];
        replaced.wanted = false;
        replaced.replaces = None;
        Ok(())
    }
}
