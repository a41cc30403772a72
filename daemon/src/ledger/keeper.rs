//! The keeper: compares the ledger with the clock and starts what is due.
//!
//! It is a thread that wakes when the bell rings, when a run ends, and when a person asks. It reads
//! no input but the ledger and the clock, so a lost or extra ring changes nothing. A run is a thread
//! too: connectors are blocking code, and durable work waits in the ledger, never on a stack.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::{DateTime, Utc};

use super::batch::{Batch, Work};
use super::context::Context;
use super::event::Event;
use super::key::BatchKey;
use super::pace::Task;
use super::run;
use super::watch::Watch;
use crate::clock;
use crate::generation::{Generation, Schedule};
use crate::schedule::{Due, due};
use crate::store::StoreError;

/// The keeper's own memory, all of it derived from the ledger.
pub struct Keeper {
    context: Arc<Context>,
    /// The configuration that `later` was worked out for.
    generation: Arc<Generation>,
    /// The live batches, in memory because they are looked at every second.
    live: HashMap<BatchKey, Live>,
    /// When each schedule has to be looked at again, and the instant that this was decided at.
    later: HashMap<String, (DateTime<Utc>, Option<DateTime<Utc>>)>,
    watch: Watch,
}

/// What the keeper remembers of a live batch.
struct Live {
    account: String,
    work: Option<Work>,
    due: DateTime<Utc>,
    purge: Option<DateTime<Utc>>,
}

impl Keeper {
    /// Reads the ledger.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(context: Arc<Context>) -> Result<Self, StoreError> {
        let live = context.store.live()?;
        Ok(Self {
            live: live
                .iter()
                .map(|batch| (batch.key.clone(), Live::of(batch)))
                .collect(),
            later: HashMap::new(),
            watch: Watch::default(),
            generation: context.generation(),
            context,
        })
    }

    /// Serves rings until the daemon stops.
    ///
    /// # Errors
    /// When the state fails; the process must end then.
    pub fn serve(mut self, bell: &Receiver<()>) -> Result<(), StoreError> {
        while bell.recv().is_ok() && !self.context.stop.is_stopped() {
            match self.look_after(clock::now()) {
                // Nothing happened, so the next ring finds the same to do.
                Ok(()) | Err(StoreError::Full(_)) => self.context.beat(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn look_after(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        for key in self.context.take_touched() {
            match self.context.store.batch(&key)? {
                Some(batch) if batch.is_live() => _ = self.live.insert(key, Live::of(&batch)),
                _ => _ = self.live.remove(&key),
            }
        }
        if self.context.is_paused() {
            return Ok(());
        }
        let generation = self.context.generation();
        if !Arc::ptr_eq(&generation, &self.generation) {
            self.later.clear();
            self.generation = Arc::clone(&generation);
        }
        for schedule in generation.schedules.values() {
            // One that is disabled is as one whose daemon is down: its next slot makes up for it.
            if generation.accounts[&schedule.account].enabled {
                self.look_after_schedule(schedule, now)?;
            }
        }
        for (key, work) in self.due_batches(now) {
            run::start(&self.context, Task::Batch(key), work == Work::Collect, now);
        }
        self.watch.look(&self.context, now)
    }

    fn look_after_schedule(
        &mut self,
        schedule: &Arc<Schedule>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let name = &schedule.name;
        let task = Task::Slot(name.clone());
        let open = self.context.is_open(name);
        if open {
            run::start(&self.context, task, true, now);
        }
        // Nothing can fall due before the instant that was worked out, unless the clock was set.
        if let Some((at, later)) = self.later.get(name)
            && now >= *at
            && later.is_none_or(|later| now < later)
        {
            return Ok(());
        }
        let since = self.context.slots_since(schedule, now)?;
        let schedule_name = name.clone();
        let event = match due(&schedule.timetable, since, now) {
            Due::Later(later) => {
                self.later.insert(name.clone(), (now, later));
                return Ok(());
            }
            Due::PassOver { slot, missed } => Event::SlotsMissed {
                schedule: schedule_name,
                slot,
                missed: missed + 1,
            },
            Due::Slot { slot, .. } if open => Event::SlotOverlapped {
                schedule: schedule_name,
                slot,
            },
            Due::Slot { slot, missed } => Event::SlotOpened {
                schedule: schedule_name,
                slot,
                missed,
                asked_by: None,
                since: None,
            },
        };
        let opened = matches!(event, Event::SlotOpened { .. });
        self.context.commit(&[event])?;
        if opened {
            run::start(&self.context, Task::Slot(name.clone()), true, now);
        }
        Ok(())
    }

    /// The batches that are due, those first whose provider purges them soonest, within what each
    /// account allows itself.
    fn due_batches(&self, now: DateTime<Utc>) -> Vec<(BatchKey, Work)> {
        let mut due: Vec<(&BatchKey, &Live, Work)> = self
            .live
            .iter()
            .filter(|(key, live)| self.is_due(key, live, now))
            .filter_map(|(key, live)| Some((key, live, live.work?)))
            .filter(|(_, live, work)| self.context.may(&live.account, *work))
            .collect();
        due.sort_by_key(|(key, live, _)| (live.purge.is_none(), live.purge, live.due, *key));
        let accounts: BTreeSet<&String> = due.iter().map(|(_, live, _)| &live.account).collect();
        let mut free = self.context.free_calls(accounts);
        due.retain(|(_, live, _)| match free.get_mut(&live.account) {
            Some(calls @ 1..) => {
                *calls -= 1;
                true
            }
            _ => false,
        });
        due.into_iter()
            .map(|(key, _, work)| (key.clone(), work))
            .collect()
    }

    fn is_due(&self, key: &BatchKey, live: &Live, now: DateTime<Utc>) -> bool {
        let task = Task::Batch(key.clone());
        // One that is running has its call already.
        !self.context.is_running(&task)
            && match self.context.wait(&task) {
                Some(wait) => wait.is_over(),
                None => now >= live.due,
            }
    }
}

impl Live {
    fn of(batch: &Batch) -> Self {
        Self {
            account: batch.key.account.clone(),
            work: batch.work(),
            due: batch.due(),
            purge: batch.purge,
        }
    }
}
