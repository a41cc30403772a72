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
    due: BTreeMap<String, Queue>,
    /// Those that are to be delivered, by sink.
    deliveries: BTreeMap<String, Queue>,
}

struct Entry {
    work: Work,
    due: DateTime<Utc>,
    urgency: Urgency,
    /// The sinks that it is to be delivered to.
    sinks: Vec<String>,
}

/// Batches, the most urgent first.
type Queue = BTreeSet<(Urgency, Arc<BatchKey>)>;

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
        let urgency = urgency(batch, due);
        let mut sinks = Vec::new();
        if work == Work::Deliver {
            sinks.extend(batch.undelivered().cloned());
            for sink in &sinks {
                let queue = self.deliveries.entry(sink.clone()).or_default();
                queue.insert((urgency, Arc::clone(&key)));
            }
        } else {
            self.later.insert((due, Arc::clone(&key)));
        }
        let entry = Entry {
            work,
            due,
            urgency,
            sinks,
        };
        self.entries.insert(key, entry);
    }

    fn forget(&mut self, key: &BatchKey) {
        let Some((key, entry)) = self.entries.remove_entry(key) else {
            return;
        };
        let place = (entry.urgency, Arc::clone(&key));
        remove(&mut self.due, &key.account, &place);
        for sink in &entry.sinks {
            remove(&mut self.deliveries, sink, &place);
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

    /// What is to be delivered to each sink, the most urgent first.
    pub(super) fn deliveries(
        &self,
    ) -> impl Iterator<Item = (&String, impl Iterator<Item = &BatchKey>)> {
        let queues = self.deliveries.iter();
        queues.map(|(sink, queue)| (sink, queue.iter().map(|(_, key)| &**key)))
    }
}

fn remove(queues: &mut BTreeMap<String, Queue>, of: &str, place: &(Urgency, Arc<BatchKey>)) {
    if let Some(queue) = queues.get_mut(of) {
        queue.remove(place);
        if queue.is_empty() {
            queues.remove(of);
        }
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
