//! Writing the file of an account's subscriptions anew, with the submissions that change them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::cards::{CardOnFile, CardsWriter, Fingerprint, Number, SealedFile};
use crate::ledger::event::{Change, Subscriptions};
use crate::ledger::plan::choice::Planning;
use crate::ledger::plan::{Failed, new_id};
use crate::ledger::slots::Slots;
use crate::subscriptions::{Difference, Given, Standing, Step, Subscription};

use super::known::Known;
use super::wanted::Wanted;

/// What was written.
pub(super) struct Written {
    pub(super) file: Subscriptions,
    pub(super) submissions: Vec<Planned>,
}

/// A submission that changes subscriptions.
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) change: Change,
    pub(super) pairs: u32,
}

/// Writes the file, durably, and says what it is.
pub(super) fn write(
    planning: &Planning<'_>,
    slots: &Slots,
    known: &mut Known,
    wanted: Option<&mut Wanted>,
    difference: &Difference,
) -> Result<Written, Failed> {
    let context = planning.context;
    let name = new_id(planning.now);
    let file = SealedFile::subscriptions(&context.state, &planning.account.name, &name);
    let mut writing = Writing {
        planning,
        cards: CardsWriter::begin(&file, &context.keyring)?,
        next: next(slots, planning.now),
        submissions: Vec::new(),
        named: BTreeSet::new(),
    };
    match wanted {
        None => writing.known(known, None, difference)?,
        Some(wanted) => {
            writing.known(known, Some(wanted), difference)?;
            writing.unknown(wanted, difference)?;
        }
    }
    let pairs = writing.cards.cards().into();
    writing.cards.finish()?;
    Ok(Written {
        file: Subscriptions {
            account: planning.account.name.clone(),
            name,
            pairs,
            next: writing.next,
            submissions: writing.named.into_iter().collect(),
        },
        submissions: writing.submissions,
    })
}

/// The number of the next pair. Not before that instant in microseconds, so that a state which was put back,
/// or begun anew, gives no pair the number of one that the provider still has and reports.
fn next(slots: &Slots, now: DateTime<Utc>) -> u64 {
    let next = slots.subscriptions.as_ref().map_or(0, |file| file.next);
    next.max(now.timestamp_micros().try_into().unwrap_or(0))
}

struct Writing<'p> {
    planning: &'p Planning<'p>,
    cards: CardsWriter<Subscription>,
    /// The number of the next pair.
    next: u64,
    submissions: Vec<Planned>,
    /// The submissions that the file names.
    named: BTreeSet<String>,
}

impl Writing<'_> {
    /// The pairs that are known and not forgotten, with what the source says of them now.
    fn known(
        &mut self,
        known: &mut Known,
        mut wanted: Option<&mut Wanted>,
        difference: &Difference,
    ) -> Result<(), Failed> {
        let pairs = wanted.as_ref().map_or(&[][..], |wanted| &wanted.pairs);
        let given = named(known, pairs, difference);
        let Known {
            rows,
            pairs: Some(pairs),
            replacing,
            ..
        } = known
        else {
            return Ok(());
        };
        for (row, position) in rows.iter().zip(0..pairs.len()) {
            let (is_wanted, step) = difference.known[position as usize];
            if step == Step::Forget {
                continue;
            }
            let Some((mut card, pair, before)) = pairs.at(position)? else {
                continue;
            };
            let (standing, submission) = match row.under_way {
                true => (before.standing, before.submission),
                false => self.take(step, row.standing),
            };
            let mut after = Subscription {
                number: before.number,
                wanted: is_wanted,
                standing,
                submission,
                replaces: row.replaces.map(|pair| *pair.as_bytes()),
            };
            let named = given[position as usize];
            if let (Some(wanted), Some(at)) = (wanted.as_deref_mut(), named.at())
                && let Some((row, ..)) = wanted.cards.card(at)?
            {
                card.reference = row.reference;
                if named.as_itself.is_some() {
                    card.expiry = row.expiry;
                    // Where the source knows the new number alone, the old one may be another's one day.
                    after.replaces = after.replaces.filter(|_| named.as_replaced.is_some());
                }
                self.add(&card, pair, after)?;
            } else {
                self.add(&card, pair, after)?;
            }
        }
        let behind = pairs.len() as usize;
        for (at, new) in replacing.iter().enumerate() {
            let row = rows[behind + at];
            let (is_wanted, step) = difference.known[behind + at];
            let Some((old, ..)) = pairs.at(new.row)? else {
                continue;
            };
            if step == Step::Forget {
                continue;
            }
            let card = CardOnFile {
                number: Number::Pan(&new.pan),
                expiry: new.expiry,
                ..old
            };
            let replaces = row.replaces.map(|pair| *pair.as_bytes());
            self.add_new(&card, row.pair, is_wanted, step, replaces)?;
        }
        Ok(())
    }

    /// The pairs that only the source knew.
    fn unknown(&mut self, wanted: &mut Wanted, difference: &Difference) -> Result<(), Failed> {
        for (given, position) in difference.given.iter().zip(0..) {
            if let Given::New(step) = given
                && let Some((card, ..)) = wanted.cards.card(position)?
            {
                let pair = wanted.pairs[position as usize];
                self.add_new(&card, pair, true, *step, None)?;
            }
        }
        Ok(())
    }

    /// Adds a pair that was in no file before.
    fn add_new(
        &mut self,
        card: &CardOnFile<'_>,
        pair: Fingerprint,
        wanted: bool,
        step: Step,
        replaces: Option<[u8; Fingerprint::BYTES]>,
    ) -> Result<(), Failed> {
        let (standing, submission) = self.take(step, Standing::Absent);
        let new = Subscription {
            number: self.next,
            wanted,
            standing,
            submission,
            replaces,
        };
        self.next += 1;
        self.add(card, pair, new)
    }

    fn add(
        &mut self,
        card: &CardOnFile<'_>,
        pair: Fingerprint,
        subscription: Subscription,
    ) -> Result<(), Failed> {
        self.cards.add_marked(card, pair, &subscription)?;
        self.named.extend(subscription.submission);
        Ok(())
    }

    /// Where a pair stands after this step, and the submission that takes it.
    fn take(&mut self, step: Step, standing: Standing) -> (Standing, Option<String>) {
        match step {
            Step::Add => (Standing::Adding, Some(self.submission(Change::Add))),
            Step::Remove => (Standing::Removing, Some(self.submission(Change::Remove))),
            Step::Leave | Step::Forget => (standing, None),
        }
    }

    /// The submission that has room for one more pair.
    fn submission(&mut self, change: Change) -> String {
        let largest = self.planning.largest();
        let open = |one: &&mut Planned| one.change == change && one.pairs < largest;
        // One that is full is never the last of its kind for long.
        if let Some(open) = self.submissions.iter_mut().rev().find(open) {
            open.pairs += 1;
            return open.id.clone();
        }
        let id = new_id(self.planning.now);
        self.submissions.push(Planned {
            id: id.clone(),
            change,
            pairs: 1,
        });
        id
    }
}

/// Where the source names a known pair.
#[derive(Clone, Copy, Default)]
struct Named {
    as_itself: Option<u32>,
    /// By the pair that it replaces.
    as_replaced: Option<u32>,
}

impl Named {
    fn at(self) -> Option<u32> {
        self.as_itself.or(self.as_replaced)
    }
}

/// For each known pair where the source names it, whose own pairs are these.
fn named(known: &Known, pairs: &[Fingerprint], difference: &Difference) -> Vec<Named> {
    let mut named = vec![Named::default(); known.rows.len()];
    for ((given, pair), position) in difference.given.iter().zip(pairs).zip(0..) {
        if let Given::Known(row) = given {
            let named = &mut named[*row as usize];
            match known.rows[*row as usize].pair == *pair {
                true => named.as_itself = Some(position),
                false => named.as_replaced = Some(position),
            }
        }
    }
    named
}
