//! The index: what is so now, in sled, as the fold of the journal.
//!
//! One tree, one sled batch per record, so a crash leaves a whole number of records applied. Keys:
//! `b/ACCOUNT\0ID` a batch, `l/ACCOUNT\0ID` one that is live, `o/ACCOUNT\0ID` one that is open,
//! `p/ACCOUNT\0PROVIDER_ID` the id of a submission that the provider knows by an id of its own,
//! `x/ACCOUNT\0ID` a batch that is over and of note, `t/ACCOUNT` the sums over an account's batches,
//! `s/NAME` a schedule's slots, `e/ACCOUNT` an enrolment, `mark` the last record applied. Values are
//! JSON. (With the zero byte they sort as `BatchKey` does.)

use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::journal::{Entry, Hash};
use crate::ledger::enrolment::Enrolment;
use crate::ledger::event::Subject;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
use crate::ledger::{Batch, BatchKey};

/// sled's page cache. Its default is a gigabyte.
const CACHE: u64 = 4 * 1024 * 1024;
const MARK: &[u8] = b"mark";
const BATCH: u8 = b'b';
/// Leads from a provider's id to the submission.
const PROVIDERS: u8 = b'p';
/// Marks batches that still need something.
pub(super) const LIVE: u8 = b'l';
/// Marks batches that are not over yet.
pub(super) const OPEN: u8 = b'o';
/// Marks batches that are over and of note.
pub(super) const OF_NOTE: u8 = b'x';
/// Who bears a mark.
type Bears = fn(&Batch) -> bool;
/// All marks.
const MARKS: [(u8, Bears); 3] = [
    (LIVE, Batch::is_live),
    (OPEN, |batch| batch.state.is_open()),
    (OF_NOTE, Batch::is_of_note),
];
const TALLY: u8 = b't';

/// The last record that was folded in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) sequence: u64,
    pub(super) hash: Hash,
}

/// What stands under `mark`: the count lets a sled that lost some keys be recognised.
#[derive(Serialize, Deserialize)]
struct Whole {
    #[serde(flatten)]
    mark: Mark,
    keys: u64,
}

impl Mark {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            sequence: entry.sequence,
            hash: entry.hash.clone(),
        }
    }
}

pub(super) struct Index {
    db: sled::Db,
    directory: PathBuf,
    whole: Mutex<Option<Whole>>,
}

impl Index {
    /// Opens an index that is there and whole. `None` means that it must be made anew; the reason
    /// is in the log.
    pub(super) fn open(directory: &Path) -> Option<Self> {
        if !directory.exists() {
            return None;
        }
        // A damaged sled panics as often as it returns an error.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let index = Self::open_sled(directory)?;
            index.check()?;
            Ok::<_, String>(index)
        }));
        let why = match opened {
            Ok(Ok(index)) => return Some(index),
            Ok(Err(why)) => why,
            Err(_) => "sled panicked".to_owned(),
        };
        tracing::warn!(
            index = %directory.display(),
            why,
            "The index is unusable; it is made anew from the journal."
        );
        None
    }

    /// An empty index, in place of whatever was there, which is moved aside.
    pub(super) fn anew(directory: &Path) -> Result<Self, StoreError> {
        let aside = directory.with_extension("unusable");
        if directory.exists() {
            let _ = std::fs::remove_dir_all(&aside);
            std::fs::rename(directory, &aside)
                .map_err(|error| StoreError::Io(directory.to_owned(), error))?;
        }
        Self::open_sled(directory).map_err(|why| StoreError::Index(directory.to_owned(), why))
    }

    fn open_sled(directory: &Path) -> Result<Self, String> {
        let db = sled::Config::new()
            .path(directory)
            .cache_capacity(CACHE)
            .open()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            db,
            directory: directory.to_owned(),
            whole: Mutex::new(None),
        })
    }

    /// Reads everything once: each value must be readable, and none may be missing.
    fn check(&self) -> Result<(), String> {
        let whole = match self.db.get(MARK).map_err(|error| error.to_string())? {
            Some(value) => serde_json::from_slice::<Whole>(&value).map_err(|e| e.to_string())?,
            None => return Err("it has no mark".into()),
        };
        let mut keys = 0;
        // Batches less marks.
        let (mut wanted, mut named) = (HashSet::new(), HashSet::new());
        let mut unmarked = [0_i64; MARKS.len()];
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for pair in self.db.iter() {
            let (key, value) = pair.map_err(|error| error.to_string())?;
            let readable = match key.first() {
                Some(&BATCH) => serde_json::from_slice::<Batch>(&value).map(|batch| {
                    wanted.extend(providers_key_of(&batch));
                    for ((_, bears), unmarked) in MARKS.iter().zip(&mut unmarked) {
                        *unmarked += i64::from(bears(&batch));
                    }
                    let tally = tallies.entry(batch.key.account.clone());
                    tally.or_default().add(&batch);
                }),
                Some(&PROVIDERS) => {
                    named.insert(key.to_vec());
                    continue;
                }
                Some(b's') => serde_json::from_slice::<Slots>(&value).map(drop),
                Some(b'e') => serde_json::from_slice::<Enrolment>(&value).map(drop),
                sort => {
                    if let Some(at) = MARKS.iter().position(|(mark, _)| Some(mark) == sort) {
                        unmarked[at] -= 1;
                    }
                    continue;
                }
            };
            readable.map_err(|error| error.to_string())?;
            keys += 1;
        }
        if keys != whole.keys {
            return Err(format!("it holds {keys} keys of {}", whole.keys));
        }
        if unmarked != [0; MARKS.len()] {
            return Err(format!("it lacks marks of batches: {unmarked:?}"));
        }
        if self.tallies().map_err(|error| error.to_string())? != tallies {
            return Err("its sums are not those of its batches".into());
        }
        if named != wanted {
            return Err("it lacks providers' ids of submissions".into());
        }
        *self.whole() = Some(whole);
        Ok(())
    }

    /// The last record that was folded in.
    pub(super) fn mark(&self) -> Option<Mark> {
        self.whole().as_ref().map(|whole| whole.mark.clone())
    }

    /// Folds records in, all or nothing.
    pub(super) fn fold(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let Some(last) = entries.last() else {
            return Ok(());
        };
        let mut batches: HashMap<BatchKey, Option<Batch>> = HashMap::new();
        let mut schedules: HashMap<String, Option<Slots>> = HashMap::new();
        let mut enrolments: HashMap<String, Enrolment> = HashMap::new();
        let mut tallies: HashMap<String, Tally> = HashMap::new();
        let mut keys = self.whole().as_ref().map_or(0, |whole| whole.keys);
        for entry in entries {
            for event in &entry.events {
                match event.subject() {
                    Subject::Batch(key) => {
                        let before = match batches.remove(key) {
                            Some(folded) => folded,
                            None => self.batch(key)?,
                        };
                        let tally = match tallies.entry(key.account.clone()) {
                            Place::Occupied(tally) => tally.into_mut(),
                            Place::Vacant(place) => place
                                .insert(self.read(&tally_key(&key.account))?.unwrap_or_default()),
                        };
                        before.iter().for_each(|batch| tally.take_back(batch));
                        let known = before.is_some();
                        let after = Batch::apply(before, event, entry.at);
                        after.iter().for_each(|batch| tally.add(batch));
                        keys += u64::from(!known && after.is_some());
                        batches.insert(key.clone(), after);
                    }
                    Subject::Schedule(name) => {
                        let before = match schedules.remove(name) {
                            Some(folded) => folded,
                            None => self.slots(name)?,
                        };
                        keys += u64::from(before.is_none());
                        let after = Slots::apply(before, event, entry.at);
                        schedules.insert(name.to_owned(), Some(after));
                    }
                    Subject::Enrolment(account) => {
                        let before = match enrolments.remove(account) {
                            Some(folded) => Some(folded),
                            None => self.enrolment(account)?,
                        };
                        keys += u64::from(before.is_none());
                        let after = Enrolment::apply(before, event, entry.at);
                        enrolments.insert(account.to_owned(), after);
                    }
                    Subject::Daemon => {}
                }
            }
        }
        let whole = Whole {
            mark: Mark::of(last),
            keys,
        };
        let mut changes = sled::Batch::default();
        for batch in batches.into_values().flatten() {
            for (mark, bears) in MARKS {
                let mark = key_of(mark, &batch.key);
                if bears(&batch) {
                    changes.insert(mark, &[][..]);
                } else {
                    changes.remove(mark);
                }
            }
            if let Some(key) = providers_key_of(&batch) {
                changes.insert(key, self.write(&batch.key.id)?);
            }
            changes.insert(key_of(BATCH, &batch.key), self.write(&batch)?);
        }
        for (name, slots) in schedules {
            changes.insert(slots_key(&name), self.write(&slots)?);
        }
        for (account, enrolment) in enrolments {
            changes.insert(enrolment_key(&account), self.write(&enrolment)?);
        }
        // An event may be about a batch that was never found.
        tallies.retain(|_, tally| !tally.batches.is_empty());
        for (account, tally) in tallies {
            changes.insert(tally_key(&account), self.write(&tally)?);
        }
        changes.insert(MARK, self.write(&whole)?);
        self.db.apply_batch(changes).map_err(|e| self.failed(e))?;
        *self.whole() = Some(whole);
        Ok(())
    }

    pub(super) fn batch(&self, key: &BatchKey) -> Result<Option<Batch>, StoreError> {
        self.read(&key_of(BATCH, key))
    }

    pub(super) fn schedules(&self, with: &mut dyn FnMut(&str, Slots)) -> Result<(), StoreError> {
        for pair in self.db.scan_prefix(slots_key("")) {
            let (key, value) = pair.map_err(|error| self.failed(error))?;
            let slots = serde_json::from_slice(&value).map_err(|error| self.failed(error))?;
            let name = String::from_utf8_lossy(&key[slots_key("").len()..]);
            with(&name, slots);
        }
        Ok(())
    }

    pub(super) fn submission_at(
        &self,
        account: &str,
        id: &str,
    ) -> Result<Option<Batch>, StoreError> {
        let provider = BatchKey {
            account: account.to_owned(),
            id: id.to_owned(),
        };
        let Some(id) = self.read(&key_of(PROVIDERS, &provider))? else {
            return Ok(None);
        };
        self.batch(&BatchKey { id, ..provider })
    }

    pub(super) fn slots(&self, schedule: &str) -> Result<Option<Slots>, StoreError> {
        self.read(&slots_key(schedule))
    }

    pub(super) fn enrolment(&self, account: &str) -> Result<Option<Enrolment>, StoreError> {
        self.read(&enrolment_key(account))
    }

    /// The batches that bear a mark.
    pub(super) fn marked(&self, mark: u8) -> Result<Vec<Batch>, StoreError> {
        let mut marked = Vec::new();
        for pair in self.db.scan_prefix([mark, b'/']) {
            let (key, _) = pair.map_err(|error| self.failed(error))?;
            let mut key = key.to_vec();
            key[0] = BATCH;
            marked.extend(self.read::<Batch>(&key)?);
        }
        Ok(marked)
    }

    /// The sums over the batches of each account.
    pub(super) fn tallies(&self) -> Result<BTreeMap<String, Tally>, StoreError> {
        let mut tallies = BTreeMap::new();
        for pair in self.db.scan_prefix([TALLY, b'/']) {
            let (key, value) = pair.map_err(|error| self.failed(error))?;
            let account = String::from_utf8_lossy(&key[2..]).into_owned();
            let tally = serde_json::from_slice(&value).map_err(|error| self.failed(error))?;
            tallies.insert(account, tally);
        }
        Ok(tallies)
    }

    pub(super) fn batches(&self, with: &mut dyn FnMut(Batch)) -> Result<(), StoreError> {
        for pair in self.db.scan_prefix([BATCH, b'/']) {
            let (_, value) = pair.map_err(|error| self.failed(error))?;
            with(serde_json::from_slice(&value).map_err(|error| self.failed(error))?);
        }
        Ok(())
    }

    pub(super) fn flush(&self) {
        // An index that is behind is brought up to the journal at the next start.
        let _ = self.db.flush();
    }

    fn read<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        let value = self.db.get(key).map_err(|error| self.failed(error))?;
        value
            .map(|value| serde_json::from_slice(&value).map_err(|error| self.failed(error)))
            .transpose()
    }

    fn write(&self, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(value).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: impl std::fmt::Display) -> StoreError {
        StoreError::Index(self.directory.clone(), error.to_string())
    }

    fn whole(&self) -> MutexGuard<'_, Option<Whole>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_of(sort: u8, batch: &BatchKey) -> Vec<u8> {
    format!("{}/{}\0{}", char::from(sort), batch.account, batch.id).into_bytes()
}

/// The key of a submission's id at the provider, where that is another than ours.
fn providers_key_of(batch: &Batch) -> Option<Vec<u8>> {
    let id = batch.outer_id();
    (id != batch.key.id).then(|| {
        let (account, id) = (batch.key.account.clone(), id.to_owned());
        key_of(PROVIDERS, &BatchKey { account, id })
    })
}

fn tally_key(account: &str) -> Vec<u8> {
    format!("{}/{account}", char::from(TALLY)).into_bytes()
}

fn slots_key(schedule: &str) -> Vec<u8> {
    format!("s/{schedule}").into_bytes()
}

fn enrolment_key(account: &str) -> Vec<u8> {
    format!("e/{account}").into_bytes()
}
