//! The inbox: what was sent to accounts' webhooks, sealed in `STATE/inbox/ACCOUNT/`, from before it was
//! answered until a run has read it.
//!
//! The directory is the queue, and no event tells of a notification. Nobody has proved who sent it, so
//! whoever learns a secret could fill a journal that is kept for years; and nothing is lost without it: a
//! file that is read again after a crash announces batches that are known by then. What can wait here is
//! bounded for each account, because a stranger's disk is cheaper than ours.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use reissue_connector_api::Notification;

use crate::clock;
use crate::seal::{Keyring, SealError, document};

/// How many notifications of an account may wait: many times what a provider sends in a day.
const ROOM: isize = 1000;

/// What waits for all accounts.
pub struct Inbox {
    directory: PathBuf,
    keyring: Arc<Keyring>,
    counts: Mutex<HashMap<String, Count>>,
    /// Tells apart what arrives in the same microsecond.
    number: AtomicU32,
}

#[derive(Default)]
struct Count {
    /// Files that are there. A run may delete one before it is counted, so it is below zero at moments.
    waiting: isize,
    /// Files that are about to be.
    expected: isize,
    /// Notifications that were thrown away since the daemon began, because nobody understood them.
    garbled: u64,
}

/// A notification that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    account: String,
    name: String,
}

impl Waiting {
    /// When it arrived.
    pub fn arrived(&self) -> Option<DateTime<Utc>> {
        let (micros, _) = self.name.split_once('-')?;
        DateTime::from_timestamp_micros(i64::from_str_radix(micros, 16).ok()?)
    }

    fn place(&self) -> String {
        format!("inbox/{}/{}", self.account, self.name)
    }
}

/// A place for one notification, taken before its body is.
pub struct Place {
    inbox: Arc<Inbox>,
    account: String,
}

impl Inbox {
    /// Counts what waits, and takes away what was not complete when a daemon ended.
    pub fn open(state: &Path, keyring: Arc<Keyring>) -> Self {
        let inbox = Self {
            directory: state.join("inbox"),
            keyring,
            counts: Mutex::default(),
            number: AtomicU32::default(),
        };
        for account in names(&inbox.directory) {
            let directory = inbox.directory.join(&account);
            for part in names(&directory).filter(|name| name.starts_with('.')) {
                let _ = fs::remove_file(directory.join(part));
            }
            let waiting = inbox.waiting(&account).len();
            let mut counts = inbox.counts();
            counts.entry(account).or_default().waiting = isize::try_from(waiting).unwrap_or(ROOM);
        }
        inbox
    }

    /// Takes a place; none while so many wait already.
    pub fn place(self: &Arc<Self>, account: &str) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(account.to_owned()).or_default();
        if count.waiting + count.expected >= ROOM {
            return None;
        }
        count.expected += 1;
        Some(Place {
            inbox: Arc::clone(self),
            account: account.to_owned(),
        })
    }

    /// The accounts for which something waits.
    pub fn accounts(&self) -> Vec<String> {
        let counts = self.counts();
        let waiting = counts.iter().filter(|(_, count)| count.waiting > 0);
        waiting.map(|(account, _)| account.clone()).collect()
    }

    /// How many wait for an account, and how many were thrown away since the daemon began.
    pub fn count(&self, account: &str) -> (u64, u64) {
        let counts = self.counts();
        let count = counts.get(account);
        count.map_or((0, 0), |count| {
            (u64::try_from(count.waiting).unwrap_or(0), count.garbled)
        })
    }

    /// What waits for an account, in the order of arrival.
    pub fn waiting(&self, account: &str) -> Vec<Waiting> {
        let names = names(&self.directory.join(account)).filter(|name| !name.starts_with('.'));
        let waiting = names.map(|name| Waiting {
            account: account.to_owned(),
            name,
        });
        let mut waiting: Vec<Waiting> = waiting.collect();
        waiting.sort();
        waiting
    }

    /// Opens a notification; none where it is gone.
    ///
    /// # Errors
    /// When its file is damaged.
    pub fn read(&self, waiting: &Waiting) -> Result<Option<Notification>, SealError> {
        document::read(&self.path(waiting), &self.keyring, &waiting.place())
    }

    /// What it announces is in the ledger, or nobody understands it.
    ///
    /// # Errors
    /// What the file system says; it will be read again.
    pub fn delete(&self, waiting: &Waiting, is_garbled: bool) -> Result<(), SealError> {
        let path = self.path(waiting);
        fs::remove_file(&path).map_err(SealError::writing(&path))?;
        let mut counts = self.counts();
        let count = counts.entry(waiting.account.clone()).or_default();
        count.waiting -= 1;
        count.garbled += u64::from(is_garbled);
        Ok(())
    }

    fn path(&self, waiting: &Waiting) -> PathBuf {
        self.directory.join(&waiting.account).join(&waiting.name)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Makes a notification durable. Then it can be answered that we have it.
    ///
    /// # Errors
    /// [`SealError::Write`]; then nothing of it is there.
    pub fn keep(self, notification: &Notification) -> Result<(), SealError> {
        let inbox = &self.inbox;
        let waiting = Waiting {
            account: self.account.clone(),
            name: format!(
                "{:016x}-{:08x}",
                clock::now().timestamp_micros(),
                inbox.number.fetch_add(1, Ordering::Relaxed)
            ),
        };
        let path = inbox.path(&waiting);
        document::write(&path, &inbox.keyring, &waiting.place(), notification)?;
        let mut counts = inbox.counts();
        counts.entry(waiting.account).or_default().waiting += 1;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(count) = self.inbox.counts().get_mut(&self.account) {
            count.expected -= 1;
        }
    }
}

/// The names in a directory; none where there is no such directory.
fn names(directory: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
}
