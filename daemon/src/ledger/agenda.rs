//! The batches that the daemon has something to do for, by when: a look costs what is due, not what is
//! known. A year's spools that wait for their deletion cost nothing, and neither does a provider's
//! whole history that waits for its turn.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::batch::{Batch, Work};
use super::key::BatchKey;

/// What there is to do for batches, and when.
#[derive(Default)]
pub(super) struct Agenda {
    entries: HashMap<Arc<BatchKey>, Entry>,
    /// Those that are not due yet.
    later: BTreeSet<(DateTime<Utc>, Arc<BatchKey>)>,
    /// Those that are, by account.
    due: BTreeMap<String, BTreeSet<(Urgency, Arc<BatchKey>)>>,
}

#[derive(Clone, Copy)]
struct Entry {
    work: Work,
    due: DateTime<Utc>,
    urgency: Urgency,
}

/// What the provider purges soonest comes first, then what has been due for longest; and last of all what
/// was announced and the provider did not know.
type Urgency = (bool, bool, Option<DateTime<Utc>>, DateTime<Utc>);

impl Agenda {
    /// Takes what there is to do for a batch now, in place of what there was.
    pub(super) fn note(&mut self, batch: &Batch) {
        self.forget(&batch.key);
        let Some(work) = batch.work() else {
            return;
        };
        let key = Arc::new(batch.key.clone());
        let due = batch.due();
        let entry = Entry {
            work,
            due,
            urgency: urgency(batch, due),
        };
        self.later.insert((due, Arc::clone(&key)));
        self.entries.insert(key, entry);
    }

    fn forget(&mut self, key: &BatchKey) {
        let Some((key, entry)) = self.entries.remove_entry(key) else {
            return;
        };
        if let Some(due) = self.due.get_mut(&key.account) {
            due.remove(&(entry.urgency, Arc::clone(&key)));
            if due.is_empty() {
                self.due.remove(&key.account);
            }
        }
        self.later.remove(&(entry.due, key));
    }

    /// Lets what is due by now become so.
    pub(super) fn advance(&mut self, now: DateTime<Utc>) {
        while self.later.first().is_some_and(|(due, _)| *due <= now)
            && let Some((_, key)) = self.later.pop_first()
        {
            let urgency = self.entries[&key].urgency;
            let account = self.due.entry(key.account.clone()).or_default();
            account.insert((urgency, key));
        }
    }

    /// The accounts with something due.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &String> {
        self.due.keys()
    }

    /// What is due for an account, the most urgent first.
    pub(super) fn due(&self, account: &str) -> impl Iterator<Item = (&BatchKey, Work)> {
        let due = self.due.get(account).into_iter().flatten();
        due.map(|(_, key)| (&**key, self.entries[key].work))
    }
}

fn urgency(batch: &Batch, due: DateTime<Utc>) -> Urgency {
    // An announcement may say what it likes: each gets its first look in turn, as one does that is purged
    // within a day.
    let purge = match batch.unconfirmed {
        true => Some(batch.known_since + TimeDelta::days(1)),
        false => batch.purge,
    };
    (batch.is_unknown_there(), purge.is_none(), purge, due)
}
