//! A reading of the journal by another process than the daemon: folded in memory, nothing written,
//! nothing held. The command line uses it while the daemon is down, whoever runs it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::journal::{Torn, read};
use super::{Records, StoreError};
use crate::ledger::enrolment::Enrolment;
use crate::ledger::event::Subject;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
use crate::ledger::{Batch, BatchKey};

/// The state as the journal had it when it was read.
#[derive(Debug, Default)]
pub struct Reading {
    batches: BTreeMap<BatchKey, Batch>,
    schedules: BTreeMap<String, Slots>,
    enrolments: BTreeMap<String, Enrolment>,
}

impl Reading {
    /// Reads the state in `directory`; one that was never used is empty.
    ///
    /// # Errors
    /// `Broken`, or what the file system says.
    pub fn of(directory: &Path) -> Result<Self, StoreError> {
        let journal = directory.join("journal");
        let mut reading = Self::default();
        match std::fs::metadata(&journal) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(reading),
            Err(error) => return Err(StoreError::Io(journal, error)),
        }
        read(&journal, Torn::PassedOver, &mut |entry| {
            for event in &entry.events {
                match event.subject() {
                    Subject::Batch(key) => {
                        let before = reading.batches.remove(key);
                        if let Some(after) = Batch::apply(before, event, entry.at) {
                            reading.batches.insert(key.clone(), after);
                        }
                    }
                    Subject::Schedule(name) => {
                        let before = reading.schedules.remove(name);
                        let after = Slots::apply(before, event, entry.at);
                        reading.schedules.insert(name.to_owned(), after);
                    }
                    Subject::Enrolment(account) => {
                        let before = reading.enrolments.remove(account);
                        let after = Enrolment::apply(before, event, entry.at);
                        reading.enrolments.insert(account.to_owned(), after);
                    }
                    Subject::Daemon => {}
                }
            }
        })?;
        Ok(reading)
    }
}

impl Records for Reading {
    fn batch(&self, key: &BatchKey) -> Result<Option<Batch>, StoreError> {
        Ok(self.batches.get(key).cloned())
    }

    fn open(&self) -> Result<Vec<Batch>, StoreError> {
        let open = self.batches.values().filter(|batch| batch.state.is_open());
        Ok(open.cloned().collect())
    }

    fn live(&self) -> Result<Vec<Batch>, StoreError> {
        let live = self.batches.values().filter(|batch| batch.is_live());
        Ok(live.cloned().collect())
    }

    fn of_note(&self) -> Result<Vec<Batch>, StoreError> {
        let ended = self.batches.values().filter(|batch| batch.is_of_note());
        Ok(ended.cloned().collect())
    }

    fn tallies(&self) -> Result<BTreeMap<String, Tally>, StoreError> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for (key, batch) in &self.batches {
            tallies.entry(key.account.clone()).or_default().add(batch);
        }
        Ok(tallies)
    }

    fn batches(&self, with: &mut dyn FnMut(Batch)) -> Result<(), StoreError> {
        self.batches.values().cloned().for_each(with);
        Ok(())
    }

    fn slots(&self, schedule: &str) -> Result<Option<Slots>, StoreError> {
        Ok(self.schedules.get(schedule).cloned())
    }

    fn enrolment(&self, account: &str) -> Result<Option<Enrolment>, StoreError> {
        Ok(self.enrolments.get(account).cloned())
    }
}
