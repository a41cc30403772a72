//! The keeper: compares the ledger with the clock and starts what is due.
//!
//! It is a thread that wakes when the bell rings, when a run ends, and when a person asks. It reads
//! no input but the ledger and the clock, so a lost or extra ring changes nothing. A run is a thread
//! too: connectors are blocking code, and durable work waits in the ledger, never on a stack.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::{DateTime, Utc};

use super::agenda::Agenda;
use super::batch::{Batch, Calls, State, Work};
use super::context::Context;
use super::event::Event;
use super::key::BatchKey;
use super::pace::Task;
use super::plan;
use super::run;
use super::watch::Watch;
use crate::cards::SealedFile;
use crate::clock;
use crate::connector::under_way;
use crate::generation::{Generation, Schedule};
use crate::schedule::{Due, due};
use crate::store::StoreError;

/// The keeper's own memory, all of it derived from the ledger.
pub struct Keeper {
    context: Arc<Context>,
    /// The configuration that `later` was worked out for.
    generation: Arc<Generation>,
    agenda: Agenda,
    /// When each schedule has to be looked at again.
    later: BTreeSet<(DateTime<Utc>, String)>,
    /// When that was looked at last: a clock that is behind it was set.
    looked: DateTime<Utc>,
    watch: Watch,
}

impl Keeper {
    /// Reads the ledger.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(context: Arc<Context>) -> Result<Self, StoreError> {
        let mut agenda = Agenda::default();
        for batch in context.store.live()? {
            agenda.note(&batch);
            forget_cards(&context, &batch);
        }
        Ok(Self {
            agenda,
            later: BTreeSet::new(),
            looked: DateTime::<Utc>::MAX_UTC,
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
            if let Some(batch) = self.context.store.batch(&key)? {
                self.agenda.note(&batch);
                forget_cards(&self.context, &batch);
            }
        }
        under_way::tell();
        if self.context.is_paused() {
            return Ok(());
        }
        self.look_after_schedules(now)?;
        for account in self.context.looks(now) {
            run::start(
                &self.context,
                Task::Enrolment(account),
                Calls::Provider,
                now,
            );
        }
        for account in self.context.mail() {
            run::start(&self.context, Task::Inbox(account), Calls::Nobody, now);
        }
        for (key, work) in self.due_batches(now) {
            run::start(&self.context, Task::Batch(key), work.calls(), now);
        }
        for (sink, batches) in self.agenda.deliveries() {
            if let Some(delivery) = self.context.next_delivery(sink, batches, now) {
                run::start(&self.context, Task::Delivery(delivery), Calls::Nobody, now);
            }
        }
        self.watch.look(&self.context, now)
    }

    fn look_after_schedules(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let generation = self.context.generation();
        // One that is disabled is as one whose daemon is down: its next slot makes up for it.
        let enabled = |schedule: &&Arc<Schedule>| generation.accounts[&schedule.account].enabled;
        if !Arc::ptr_eq(&generation, &self.generation) || now < self.looked {
            self.put_away(&generation)?;
            let all = generation.schedules.values().filter(enabled);
            self.later = all.map(|one| (now, one.name.clone())).collect();
            self.generation = Arc::clone(&generation);
        }
        self.looked = now;
        for name in self.context.open_slots() {
            if let Some(schedule) = generation.schedules.get(&name).filter(enabled) {
                self.serve_slot(schedule, now)?;
            }
        }
        // Nothing can fall due before the instant that was worked out.
        let due = self.later.iter().take_while(|(at, _)| *at <= now);
        for entry in due.cloned().collect::<Vec<_>>() {
            let again = self.look_after_schedule(&generation.schedules[&entry.1], now)?;
            self.later.remove(&entry);
            self.later.extend(again.map(|at| (at, entry.1)));
        }
        Ok(())
    }

    /// Finishes with the files that were read when the daemon died, or that could not be deleted then:
    /// they hold card numbers, and the next slot may be a week away.
    fn put_away(&self, generation: &Generation) -> Result<(), StoreError> {
        for name in generation.schedules.keys() {
            let slots = self.context.store.slots(name)?.unwrap_or_default();
            // A run finishes with its own.
            if !self.context.is_running(&Task::Slot(name.clone())) {
                plan::put_away(&self.context, name, &slots.inputs)?;
            }
        }
        Ok(())
    }

    /// Opens the slot that is due, and says when to look again.
    fn look_after_schedule(
        &self,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let since = self.context.slots_since(schedule, now)?;
        let name = schedule.name.clone();
        let event = match due(&schedule.timetable, since, now) {
            Due::Later(later) => return Ok(later),
            Due::PassOver { slot, missed } => Event::SlotsMissed {
                schedule: name,
                slot,
                missed: missed + 1,
            },
            Due::Slot { slot, .. } if self.context.is_open(&name) => Event::SlotOverlapped {
                schedule: name,
                slot,
            },
            Due::Slot { slot, missed } => Event::SlotOpened {
                schedule: name,
                slot,
                missed,
                asked_by: None,
                since: None,
            },
        };
        let opened = matches!(event, Event::SlotOpened { .. });
        self.context.commit(&[event])?;
        if opened {
            self.serve_slot(schedule, now)?;
        }
        Ok(Some(now))
    }

    /// Starts the run of an open slot, unless it waits for the account's enrolment.
    fn serve_slot(&self, schedule: &Schedule, now: DateTime<Utc>) -> Result<(), StoreError> {
        let waits = self
            .context
            .why_unenrolled(&schedule.account, schedule.job.name)?;
        if waits.is_none() {
            let task = Task::Slot(schedule.name.clone());
            run::start(&self.context, task, Calls::Provider, now);
        }
        Ok(())
    }

    /// The batches that are due, those first whose provider purges them soonest, within what each
    /// account allows itself.
    fn due_batches(&mut self, now: DateTime<Utc>) -> Vec<(BatchKey, Work)> {
        self.agenda.advance(now);
        let mut batches = Vec::new();
        for (account, free) in self.context.free_calls(self.agenda.accounts()) {
            let due = self.agenda.due(&account);
            let due =
                due.filter(|(key, work)| self.context.may(key, *work) && self.is_free(key, now));
            batches.extend(due.take(free).map(|(key, work)| (key.clone(), work)));
        }
        batches
    }

    /// Whether no run of it is under way, and none has to wait.
    fn is_free(&self, key: &BatchKey, now: DateTime<Utc>) -> bool {
        let task = Task::Batch(key.clone());
        !self.context.is_running(&task)
            && self
                .context
                .wait(&task)
                .is_none_or(|wait| wait.is_over(now))
    }
}

/// Deletes the cards of a submission that needs them no longer, and the new numbers of a batch that was given
/// up and cannot be delivered any more: full numbers are not kept beyond that.
fn forget_cards(context: &Context, batch: &Batch) {
    let (state, key) = (&context.state, &batch.key);
    let mut files = Vec::new();
    // What changes subscriptions has no cards of its own, and its refusals are for the next slot.
    if batch.cards.is_some() && !batch.needs_cards() && batch.change.is_none() {
        files.push(SealedFile::submission(state, &key.account, &key.id));
        files.push(SealedFile::refusals(state, &key.account, &key.id));
    }
    if batch.state == State::Abandoned && !batch.has_spool() {
        files.push(SealedFile::replacements(state, &key.account, &key.id));
    }
    for file in files {
        if let Err(error) = file.delete() {
            tracing::warn!(batch = %key, %error, "The cards of a submission cannot be deleted.");
        }
    }
}
