//! Which runs may begin, which are under way, and what the others wait for. All of it is this process's
//! own: after a restart everything may be tried at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use reissue_connector_api::{Fault, Kind};

use super::batch::{Calls, Work};
use super::context::Context;
use super::key::BatchKey;
use super::lookups::Lookups;
use super::pace::{Delivery, Pace, Task, Wait};
use super::parking::{Parked, Parking};
use crate::account::Account;
use crate::clock;

/// Runs under way, and waits.
#[derive(Default)]
pub(super) struct Runs {
    pub(super) pace: Pace,
    /// Sinks that take nothing.
    pub(super) sinks: Pace<String>,
    /// Deliveries that a person wants tried now.
    pub(super) wanted: BTreeSet<Delivery>,
    parking: Parking,
    lookups: Lookups,
    /// Tasks under way, with their account.
    pub(super) running: HashMap<Task, String>,
}

impl Runs {
    /// Everything may be tried at once.
    pub(super) fn forget_failures(&mut self) {
        self.pace = Pace::default();
        self.sinks = Pace::default();
        self.parking = Parking::default();
    }

    /// How many calls of an account are under way. Neither a sink that stalls nor the inbox takes one of them.
    fn calls(&self, account: &str) -> usize {
        let running = self.running.iter();
        let calls = running.filter(|(task, of)| *of == account && task.calls_provider());
        calls.count()
    }
}

impl Context {
    /// A provider has answered a call, or refused its credentials.
    ///
    /// One that was asked before a reload says nothing about the credentials of now.
    pub(super) fn note_answer<T>(&self, account: &Account, call: &Task, answer: &Result<T, Fault>) {
        let generation = self.generation();
        let now = generation.accounts.get(&account.name);
        if !now.is_some_and(|now| std::ptr::eq(&**now, account)) {
            return;
        }
        let account = &account.name;
        let mut runs = self.runs();
        match answer {
            Ok(_) if runs.parking.answered(account) => {
                tracing::info!(
                    account,
                    "The provider takes the account's credentials again."
                );
            }
            Err(fault)
                if fault.kind == Kind::Credentials
                    && runs
                        .parking
                        .refused(account, call, &fault.message, clock::now()) =>
            {
                tracing::error!(
                    account,
                    fault = fault.message,
                    "The provider refuses the account's credentials; the account is parked."
                );
            }
            _ => {}
        }
    }

    /// The provider has answered for a batch that was announced.
    pub(super) fn confirmed(&self, key: &BatchKey) {
        self.runs().lookups.confirmed(key);
    }

    /// The accounts for which something waits in the inbox, and that can go on with it.
    pub(super) fn mail(&self) -> Vec<String> {
        let generation = self.generation();
        let mut accounts = self.inbox.accounts();
        accounts.retain(|name| {
            let account = generation.accounts.get(name);
            account.is_some_and(|account| account.enabled) && self.parked(name).is_none()
        });
        accounts
    }

    /// How an account is parked.
    pub fn parked(&self, account: &str) -> Option<Parked> {
        self.runs().parking.parked(account).cloned()
    }

    /// Whether the account lets this be done for a batch: not a call while it is parked, nor a
    /// submission while it is not enrolled, nor a delivery in shadow mode.
    pub fn may(&self, key: &BatchKey, work: Work) -> bool {
        match work {
            Work::Submit if self.waits_for_enrolment(key) => false,
            Work::Confirm if !self.runs().lookups.admit(&key.account, Instant::now()) => false,
            Work::Submit | Work::Reconcile | Work::Collect | Work::Confirm => {
                let call = Task::Batch(key.clone());
                let now = clock::now();
                self.runs().parking.admits(&key.account, &call, now)
            }
            Work::Deliver => self.generation().delivers(&key.account),
            Work::DeleteSpool => true,
        }
    }

    /// How many more calls each account allows itself.
    pub(super) fn free_calls<'a>(
        &self,
        accounts: impl IntoIterator<Item = &'a String>,
    ) -> BTreeMap<String, usize> {
        let generation = self.generation();
        let runs = self.runs();
        let free = accounts.into_iter().map(|account| {
            let allowed = generation.concurrent_calls(account);
            (account.clone(), allowed.saturating_sub(runs.calls(account)))
        });
        free.collect()
    }

    /// How many calls of each account are under way.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        let runs = self.runs();
        let accounts = runs.running.values();
        accounts
            .map(|account| (account.clone(), runs.calls(account)))
            .collect()
    }

    /// Takes a task for a run: unless one is under way, or it has to wait, or the account has no
    /// call left, or it is parked and the run would call its provider.
    pub(super) fn take(&self, task: &Task, account: &str, whom: Calls, now: DateTime<Utc>) -> bool {
        let calls = whom != Calls::Nobody;
        let limit = self.generation().concurrent_calls(account);
        let mut runs = self.runs();
        if let Task::Delivery(delivery) = task {
            return runs.take_delivery(delivery);
        }
        let waits = runs.pace.wait(task).is_some_and(|wait| !wait.is_over(now));
        let is_full = !matches!(task, Task::Inbox(_)) && runs.calls(account) >= limit;
        let parked = calls && !runs.parking.admits(account, task, now);
        if waits || parked || is_full || runs.running.contains_key(task) {
            return false;
        }
        if let (Calls::Unconfirmed, Task::Batch(key)) = (whom, task) {
            if !runs.lookups.admit(account, Instant::now()) {
                return false;
            }
            runs.lookups.begins(key, Instant::now());
        }
        if calls {
            runs.parking.begins(account, task, now);
        }
        runs.running.insert(task.clone(), account.to_owned());
        true
    }

    /// The run of a task has ended.
    pub(super) fn give_back(&self, task: &Task, change: impl FnOnce(&mut Pace)) {
        let mut runs = self.runs();
        runs.running.remove(task);
        if let Task::Batch(key) = task {
            runs.lookups.ended(key);
        }
        change(&mut runs.pace);
        drop(runs);
        self.changed.send_replace(());
        self.bell.ring();
    }

    /// Keeps runs of a batch from beginning while a person decides about it; none while one is under
    /// way.
    pub fn reserve(&self, key: &BatchKey) -> Option<Reserved<'_>> {
        let is_busy = |runs: &Runs| runs.is_at(key);
        self.hold(Task::Batch(key.clone()), &key.account, is_busy)
    }

    /// The same for the enrolment of an account, while a person goes on with it.
    pub(super) fn reserve_enrolment(&self, account: &str) -> Option<Reserved<'_>> {
        let task = Task::Enrolment(account.to_owned());
        let is_busy = |runs: &Runs| runs.running.contains_key(&task);
        self.hold(task.clone(), account, is_busy)
    }

    fn hold(
        &self,
        task: Task,
        account: &str,
        is_busy: impl FnOnce(&Runs) -> bool,
    ) -> Option<Reserved<'_>> {
        let mut runs = self.runs();
        if is_busy(&runs) {
            return None;
        }
        runs.running.insert(task.clone(), account.to_owned());
        Some(Reserved {
            context: self,
            task,
        })
    }

    /// Looks at a task again at once, whatever it waits for.
    pub fn hurry(&self, task: &Task) {
        self.runs().pace.clear(task);
        self.bell.ring();
    }

    /// The same because a person wants it, even if the account is parked.
    pub fn hurry_for_a_person(&self, task: &Task, account: &str) {
        self.runs().parking.want(account, task);
        self.hurry(task);
    }

    /// What a task waits for.
    pub fn wait(&self, task: &Task) -> Option<Wait> {
        self.runs().pace.wait(task).cloned()
    }

    /// Whether a run of the task is under way.
    pub fn is_running(&self, task: &Task) -> bool {
        self.runs().running.contains_key(task)
    }

    /// How many runs are under way.
    pub fn running(&self) -> usize {
        self.runs().running.len()
    }

    pub(super) fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch or an enrolment that no run takes up until this is dropped.
pub struct Reserved<'c> {
    context: &'c Context,
    task: Task,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.context.give_back(&self.task, |_| {});
    }
}
