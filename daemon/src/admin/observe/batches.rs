//! Batches, and what answers cost. Whoever waits for a run looks at what is open and what happened since:
//! the whole history is read only for who asks for it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use reissue_config::Fees;
use reissue_connector_api::Origin;

use super::Observer;
use crate::admin::view::{BatchView, WaitView};
use crate::ledger::context::Follower;
use crate::ledger::fees::{self, Estimate};
use crate::ledger::{Batch, BatchKey};
use crate::store::StoreError;

impl Observer<'_> {
    /// The batches that a filter lets through, latest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn batches(&self, wanted: impl Fn(&Batch) -> bool) -> Result<Vec<BatchView>, StoreError> {
        let mut batches = Vec::new();
        self.records.batches(&mut |batch| {
            if wanted(&batch) {
                batches.push(self.batch_view(batch));
            }
        })?;
        sort(&mut batches);
        Ok(batches)
    }

    /// The same among those that are open or that a follower has met: never the whole history.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn recent_batches(
        &self,
        met: &Follower,
        wanted: impl Fn(&Batch) -> bool,
    ) -> Result<Vec<BatchView>, StoreError> {
        let open = self.records.open()?;
        let open = open.into_iter().map(|batch| (batch.key.clone(), batch));
        let mut recent: BTreeMap<BatchKey, Batch> = open.collect();
        for key in met.keys().iter() {
            if let Entry::Vacant(place) = recent.entry(key.clone())
                && let Some(batch) = self.records.batch(key)?
            {
                place.insert(batch);
            }
        }
        let wanted = recent.into_values().filter(wanted);
        let mut batches: Vec<BatchView> = wanted.map(|batch| self.batch_view(batch)).collect();
        sort(&mut batches);
        Ok(batches)
    }

    /// One batch, by its whole key, or by the provider's id where only one account has it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn batch(&self, name: &str) -> Result<Option<BatchView>, StoreError> {
        if let Ok(key) = name.parse::<BatchKey>()
            && let Some(batch) = self.records.batch(&key)?
        {
            return Ok(Some(self.batch_view(batch)));
        }
        let mut found = self.batches(|batch| batch.key.id == name || batch.found.id == name)?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    fn batch_view(&self, batch: Batch) -> BatchView {
        let wait = self
            .context
            .and_then(|context| context.batch_waits(&batch, self.now));
        let asks = batch.origin == Origin::Submitted;
        let collected = batch.collected.as_ref().filter(|_| asks);
        let cost = collected.and_then(|collected| {
            let fees = self.fees(&batch.key.account)?;
            Some(fees::cost(fees, &collected.counts))
        });
        BatchView {
            cost,
            batch,
            waits: wait.map(|wait| WaitView {
                until: wait.until,
                failures: wait.failures,
                fault: wait.fault.map(|fault| fault.message),
            }),
        }
    }

    /// What the answers of an account's provider cost.
    fn fees(&self, account: &str) -> Option<&Fees> {
        let account = self.config.accounts.get(account)?;
        self.config.fees.get(&account.connector)
    }

    /// What it costs to ask about so many cards.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn estimate(&self, account: &str, cards: u64) -> Result<Option<Estimate>, StoreError> {
        let Some(fees) = self.fees(account) else {
            return Ok(None);
        };
        let earlier = self.records.tallies()?.remove(account);
        Ok(Some(fees::estimate(
            fees,
            cards,
            &earlier.unwrap_or_default(),
        )))
    }
}

/// Latest first.
fn sort(batches: &mut [BatchView]) {
    batches.sort_by(|a, b| {
        let (a, b) = (&a.batch, &b.batch);
        b.known_since
            .cmp(&a.known_since)
            .then_with(|| a.key.cmp(&b.key))
    });
}
