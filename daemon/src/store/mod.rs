//! Durable state: the journal is the truth, the index is its fold.
//!
//! `commit` appends one record to the journal and makes it durable, then folds its events into the
//! index. An index that is lost, older, or damaged is folded anew from the journal, so sled's own
//! durability (its `flush` never fsyncs; power cuts lost or corrupted it in nearly every round that
//! was measured) cannot lose or repeat anything.

mod index;
mod journal;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::{DateTime, Utc};

use self::index::{Index, LIVE, Mark, OF_NOTE, OPEN};
pub use self::journal::Entry;
use self::journal::Journal;
pub use self::reading::Reading;
use crate::ledger::enrolment::Enrolment;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
use crate::ledger::{Batch, BatchKey, Event};
use crate::space;

/// The state, to be read.
pub trait Records: Send + Sync {
    /// One batch.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn batch(&self, key: &BatchKey) -> Result<Option<Batch>, StoreError>;
    /// The batches that are not over yet, in the order of their keys.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn open(&self) -> Result<Vec<Batch>, StoreError>;
    /// The batches that still need something, be it only that their spool is deleted one day, in the
    /// order of their keys.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn live(&self) -> Result<Vec<Batch>, StoreError>;
    /// The batches that are over and of note ([`Batch::is_of_note`]), in the order of their keys.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn of_note(&self) -> Result<Vec<Batch>, StoreError>;
    /// The sums over the batches of each account that has any, by the account's name.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn tallies(&self) -> Result<BTreeMap<String, Tally>, StoreError>;
    /// Every batch, in the order of their keys.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn batches(&self, with: &mut dyn FnMut(Batch)) -> Result<(), StoreError>;
    /// The slots of a schedule.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn slots(&self, schedule: &str) -> Result<Option<Slots>, StoreError>;
    /// The enrolment of an account; none where nobody began one.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn enrolment(&self, account: &str) -> Result<Option<Enrolment>, StoreError>;
}

/// What the daemon asks of its state. One implementation, one conformance suite; several hosts over
/// one database must fit the same trait.
pub trait Store: Records {
    /// Records events that belong together. `Ok` means durable.
    ///
    /// # Errors
    /// `Full`: nothing of it counts, and the same can be tried again. After any other error the
    /// process must end: what the disk holds is not known until the journal is read again.
    fn commit(&self, events: &[Event]) -> Result<DateTime<Utc>, StoreError>;
    /// The slots of every schedule that ever was, in the order of their names.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn schedules(&self, with: &mut dyn FnMut(&str, Slots)) -> Result<(), StoreError>;
    /// The submission that the provider knows by an id of its own.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn submission_at(&self, account: &str, id: &str) -> Result<Option<Batch>, StoreError>;
    /// Whether there is space for another record, as far as can be told.
    fn has_space(&self) -> bool;
    /// Writes out what is kept for speed alone. Nothing depends on it but how soon an older journal
    /// is recognised at the next start.
    fn flush(&self);
}

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the state directory.
    #[error("another reissue daemon uses {0}: stop it first, or give this one its own state_dir")]
    InUse(PathBuf),
    /// The file system refused.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// There is no space for another record.
    #[error(
        "no space is left for the journal in {0}. Nothing is lost: make space, and the daemon goes \
         on by itself"
    )]
    Full(PathBuf),
    /// The journal does not hang together: somebody edited, mixed or damaged it.
    #[error(
        "the journal {file} is broken at line {line}: {why}. Nothing was changed. Restore the \
         journal directory from a backup; if that is impossible, ask for help before you edit it"
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What does not fit.
        why: String,
    },
    /// The index knows a record that the journal does not hold: an older journal, or another one,
    /// was put in its place. To make the index anew then would forget what was delivered since.
    #[error(
        "record {known} was already written, but the journal in {journal}, which ends at record \
         {has}, does not hold it: an older journal or another one was put in its place. Put the \
         right one back; to go on from this one on purpose, move {index} aside (batches delivered \
         since then may be delivered again)"
    )]
    Behind {
        /// The journal directory.
        journal: PathBuf,
        /// The index directory.
        index: PathBuf,
        /// The journal's last record.
        has: u64,
        /// The record that is missing.
        known: u64,
    },
    /// The index failed while in use.
    #[error(
        "the index {0} failed: {1}. Start the daemon again; it will be made anew from the journal"
    )]
    Index(PathBuf, String),
}

/// The journal with its index in one state directory, held by this process alone.
pub struct JournaledStore {
    directory: PathBuf,
    journal: Mutex<Journal>,
    index: Index,
    clock: fn() -> DateTime<Utc>,
    _lock: File,
}

impl JournaledStore {
    /// Opens or makes the state in `directory`, bringing the index up to the journal.
    ///
    /// # Errors
    /// `InUse`, `Broken`, `Behind`, or what the file system says.
    pub fn open(directory: &Path, clock: fn() -> DateTime<Utc>) -> Result<Self, StoreError> {
        let lock = lock(directory)?;
        let journal_directory = directory.join("journal");
        let index_directory = directory.join("index");
        let index = Index::open(&index_directory);
        let known = index.as_ref().and_then(|index| index.mark());
        let mut tail = Vec::new();
        let mut known_is_in_journal = known.is_none();
        let journal = Journal::open(&journal_directory, |entry| {
            let place = Mark::of(entry);
            match &known {
                Some(mark) if place.sequence < mark.sequence => {}
                Some(mark) if place.sequence == mark.sequence => {
                    known_is_in_journal = place == *mark;
                }
                _ => tail.push(entry.clone()),
            }
        })?;
        if let Some(mark) = known
            && !known_is_in_journal
        {
            return Err(StoreError::Behind {
                journal: journal_directory,
                index: index_directory,
                has: journal.last().unwrap_or(0),
                known: mark.sequence,
            });
        }
        let index = match index {
            Some(index) => {
                index.fold(&tail)?;
                index
            }
            None => rebuild(&index_directory, &journal_directory)?,
        };
        Ok(Self {
            directory: directory.to_owned(),
            journal: Mutex::new(journal),
            index,
            clock,
            _lock: lock,
        })
    }
}

/// Folds the whole journal into a new index. The old one is kept beside it for whoever wants to know.
fn rebuild(index_directory: &Path, journal_directory: &Path) -> Result<Index, StoreError> {
    let index = Index::anew(index_directory)?;
    let mut entries = Vec::new();
    let mut outcome = Ok(());
    Journal::open(journal_directory, |entry| {
        entries.push(entry.clone());
        if entries.len() == 1000 && outcome.is_ok() {
            outcome = index.fold(&entries);
            entries.clear();
        }
    })?;
    outcome?;
    index.fold(&entries)?;
    if let Some(mark) = index.mark() {
        tracing::warn!(
            records = mark.sequence,
            "The index was made anew from the journal."
        );
    }
    Ok(index)
}

/// Makes the directory and takes it for this process.
fn lock(directory: &Path) -> Result<File, StoreError> {
    use std::os::unix::fs::DirBuilderExt;

    let io = |error| StoreError::Io(directory.to_owned(), error);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(io)?;
    let path = directory.join("lock");
    let file = File::create(&path).map_err(|error| StoreError::Io(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(directory.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(io(error)),
    }
}

impl Store for JournaledStore {
    fn commit(&self, events: &[Event]) -> Result<DateTime<Utc>, StoreError> {
        if !self.has_space() {
            return Err(StoreError::Full(self.directory.join("journal")));
        }
        let mut journal = self
            .journal
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let entry = journal.append((self.clock)(), events.to_vec())?;
        // Until the index has it, no later record may be written: the index would have a hole.
        journal.close();
        self.index.fold(std::slice::from_ref(&entry))?;
        journal.reopen();
        Ok(entry.at)
    }

    fn schedules(&self, with: &mut dyn FnMut(&str, Slots)) -> Result<(), StoreError> {
        self.index.schedules(with)
    }

    fn submission_at(&self, account: &str, id: &str) -> Result<Option<Batch>, StoreError> {
        self.index.submission_at(account, id)
    }

    fn has_space(&self) -> bool {
        space::is_left(&self.directory)
    }

    fn flush(&self) {
        self.index.flush();
    }
}

impl Records for JournaledStore {
    fn batch(&self, key: &BatchKey) -> Result<Option<Batch>, StoreError> {
        self.index.batch(key)
    }

    fn open(&self) -> Result<Vec<Batch>, StoreError> {
        self.index.marked(OPEN)
    }

    fn live(&self) -> Result<Vec<Batch>, StoreError> {
        self.index.marked(LIVE)
    }

    fn of_note(&self) -> Result<Vec<Batch>, StoreError> {
        self.index.marked(OF_NOTE)
    }

    fn tallies(&self) -> Result<BTreeMap<String, Tally>, StoreError> {
        self.index.tallies()
    }

    fn batches(&self, with: &mut dyn FnMut(Batch)) -> Result<(), StoreError> {
        self.index.batches(with)
    }

    fn slots(&self, schedule: &str) -> Result<Option<Slots>, StoreError> {
        self.index.slots(schedule)
    }

    fn enrolment(&self, account: &str) -> Result<Option<Enrolment>, StoreError> {
        self.index.enrolment(account)
    }
}
