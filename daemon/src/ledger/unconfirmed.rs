//! The unconfirmed batches of an account, of which there may be so many at a time.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::batch::Batch;
use super::context::Context;
use super::event::Event;
use super::key::BatchKey;
use super::runs::Reserved;
use crate::store::StoreError;

/// How many batches of an account may be unconfirmed.
const ROOM: u64 = 1000;

/// After this, one that the provider did not know gives way to another.
const GIVES_WAY: TimeDelta = TimeDelta::hours(1);

/// The room of an account, until the next record is written.
pub(super) struct Room<'c> {
    context: &'c Context,
    account: &'c str,
    free: u64,
    /// The batches that take it with that record.
    new: HashSet<BatchKey>,
    /// Those that may give way, the oldest last; only looked for where there is no room.
    old: Option<Vec<BatchKey>>,
    /// Nobody looks at those that give way meanwhile.
    reserved: Vec<Reserved<'c>>,
}

impl<'c> Room<'c> {
    /// What is free now.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(super) fn of(context: &'c Context, account: &'c str) -> Result<Self, StoreError> {
        let tallies = context.store.tallies()?;
        let taken = tallies.get(account).map_or(0, |tally| tally.unconfirmed);
        Ok(Self {
            context,
            account,
            free: ROOM.saturating_sub(taken),
            new: HashSet::new(),
            old: None,
            reserved: Vec::new(),
        })
    }

    /// Whether a batch takes room already.
    pub(super) fn has(&self, key: &BatchKey) -> bool {
        self.new.contains(key)
    }

    /// Takes room for a batch. What must be recorded for it, perhaps that another one gives way; nothing
    /// where there is no room.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(super) fn take(&mut self, key: &BatchKey) -> Result<Option<Option<Event>>, StoreError> {
        let gone = match self.free {
            0 => match self.one_that_gives_way()? {
                None => return Ok(None),
                gone => gone.map(|batch| Event::BatchUnfounded { batch }),
            },
            _ => {
                self.free -= 1;
                None
            }
        };
        self.new.insert(key.clone());
        Ok(Some(gone))
    }

    fn one_that_gives_way(&mut self) -> Result<Option<BatchKey>, StoreError> {
        if self.old.is_none() {
            self.old = Some(self.old()?);
        }
        while let Some(key) = self.old.as_mut().and_then(Vec::pop) {
            // One that is being looked at may be confirmed in this moment.
            let Some(reserved) = self.context.reserve(&key) else {
                continue;
            };
            if self
                .context
                .store
                .batch(&key)?
                .is_some_and(|batch| batch.is_unknown_there())
            {
                self.reserved.push(reserved);
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn old(&self) -> Result<Vec<BatchKey>, StoreError> {
        let now = crate::clock::now();
        let gives_way = |batch: &Batch| {
            batch.key.account == self.account
                && batch.is_unknown_there()
                && now - batch.known_since > GIVES_WAY
        };
        let open = self.context.store.open()?.into_iter();
        let mut old: Vec<(DateTime<Utc>, BatchKey)> = open
            .filter(gives_way)
            .map(|batch| (batch.known_since, batch.key))
            .collect();
        old.sort_by(|one, other| other.cmp(one));
        Ok(old.into_iter().map(|(_, key)| key).collect())
    }
}
