//! When to look again. Waiting is kept in memory only: after a restart everything is tried at once,
//! which is what a person who restarts a daemon expects.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reissue_connector_api::Fault;

use super::key::BatchKey;
use super::verdict::back_off;

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// The open slot of a schedule.
    Slot(String),
    /// A batch, apart from its delivery.
    Batch(BatchKey),
    /// A batch on its way to a sink.
    Delivery(Delivery),
    /// The enrolment of an account.
    Enrolment(String),
    /// What waits in an account's inbox.
    Inbox(String),
}

impl Task {
    /// Whether it may call a provider: a delivery concerns a sink, and what waits in the inbox is here.
    pub fn calls_provider(&self) -> bool {
        !matches!(self, Self::Delivery(_) | Self::Inbox(_))
    }
}

/// One batch for one sink.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Delivery {
    /// The batch.
    pub batch: BatchKey,
    /// The sink.
    pub sink: String,
}

/// Failures in a row of each task, or of whatever else waits, and when to try again.
#[derive(Debug)]
pub struct Pace<T = Task>(HashMap<T, Wait>);

impl<T> Default for Pace<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// Why and how long a task waits.
#[derive(Debug, Clone)]
pub struct Wait {
    /// When to try again, on the clock that nobody sets. It stands still while the machine sleeps, so
    /// it is not enough by itself.
    over: Instant,
    /// The same on the wall clock, which goes on then, and which people read. A clock that is set back
    /// would make it later.
    pub until: DateTime<Utc>,
    /// How many failures there were in a row.
    pub failures: u32,
    /// The last of them; none while the provider merely is not ready.
    pub fault: Option<Fault>,
}

impl Wait {
    fn of(after: Duration, now: DateTime<Utc>, failures: u32, fault: Option<Fault>) -> Self {
        Self {
            over: Instant::now() + after,
            until: now + after,
            failures,
            fault,
        }
    }

    /// Whether it is time to try again, by either clock: once too early costs a request, an hour that
    /// becomes a night may cost a report.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        Instant::now() >= self.over || now >= self.until
    }
}

impl<T: Eq + Hash> Pace<T> {
    /// What a task waits for.
    pub fn wait<Q>(&self, task: &Q) -> Option<&Wait>
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.get(task)
    }

    /// The task has succeeded.
    pub fn clear<Q>(&mut self, task: &Q)
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.remove(task);
    }

    /// What stood in the way of these is gone.
    pub fn clear_those(&mut self, gone: impl Fn(&T, &Wait) -> bool) {
        self.0.retain(|task, wait| !gone(task, wait));
    }

    /// Nothing is wrong; look again then.
    pub fn later(&mut self, task: T, now: DateTime<Utc>, after: Duration) {
        self.0.insert(task, Wait::of(after, now, 0, None));
    }

    /// The task failed: later each time, but not sooner than `at_least`.
    pub fn failed(&mut self, task: T, now: DateTime<Utc>, fault: Fault, at_least: Duration) {
        let failures = self.0.get(&task).map_or(0, |wait| wait.failures) + 1;
        let after = back_off(&fault, failures).max(at_least);
        self.0
            .insert(task, Wait::of(after, now, failures, Some(fault)));
    }
}
