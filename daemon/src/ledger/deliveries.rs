//! Which delivery a sink gets next. A sink gets one at a time, so a receiver that stalls holds one thread;
//! and while it fails, one batch tries it for all that wait.

use chrono::{DateTime, Utc};
use reissue_connector_api::{Fault, Kind};

use super::batch::Batch;
use super::context::Context;
use super::key::BatchKey;
use super::pace::{Delivery, Task, Wait};
use super::runs::Runs;
use crate::clock;

impl Runs {
    fn is_delivering(&self, sink: &str) -> bool {
        let mut running = self.running.keys();
        running.any(|task| matches!(task, Task::Delivery(one) if one.sink == sink))
    }

    /// Whether a run of the batch is under way, or a person decides about it.
    pub(super) fn is_at(&self, batch: &BatchKey) -> bool {
        self.running.keys().any(|task| match task {
            Task::Batch(key) => key == batch,
            Task::Delivery(one) => one.batch == *batch,
            Task::Slot(_) | Task::Enrolment(_) | Task::Inbox(_) => false,
        })
    }

    /// Takes a delivery for a run, unless the sink or the batch is busy.
    pub(super) fn take_delivery(&mut self, delivery: &Delivery) -> bool {
        let task = Task::Delivery(delivery.clone());
        let decided = Task::Batch(delivery.batch.clone());
        if self.is_delivering(&delivery.sink) || self.running.contains_key(&decided) {
            return false;
        }
        self.wanted.remove(delivery);
        self.running.insert(task, delivery.batch.account.clone());
        true
    }

    /// What one delivery waits for, be it its own failure or the sink's.
    fn delivery_waits(&self, delivery: &Delivery, now: DateTime<Utc>) -> Option<&Wait> {
        let own = self.pace.wait(&Task::Delivery(delivery.clone()));
        let sinks = self.sinks.wait(&delivery.sink);
        let waits = own.into_iter().chain(sinks);
        waits
            .filter(|wait| !wait.is_over(now))
            .max_by_key(|wait| wait.until)
    }
}

impl Context {
    /// The delivery that a sink gets next, of the batches that it does not have: what a person wants, else
    /// what failed least, and of these the first. So a batch that the receiver cannot take does not keep
    /// it from the others.
    pub(super) fn next_delivery<'b>(
        &self,
        sink: &str,
        batches: impl Iterator<Item = &'b BatchKey>,
        now: DateTime<Utc>,
    ) -> Option<Delivery> {
        let generation = self.generation();
        let runs = self.runs();
        if runs.is_delivering(sink) {
            return None;
        }
        let delivers = |batch: &BatchKey| generation.delivers(&batch.account);
        let wanted = |one: &&Delivery| one.sink == sink && delivers(&one.batch);
        if let Some(wanted) = runs.wanted.iter().find(wanted) {
            return Some(wanted.clone());
        }
        if runs.sinks.wait(sink).is_some_and(|wait| !wait.is_over(now)) {
            return None;
        }
        let mut least: Option<(u32, Delivery)> = None;
        for batch in batches {
            let decided = Task::Batch(batch.clone());
            if !delivers(batch) || runs.running.contains_key(&decided) {
                continue;
            }
            let delivery = Delivery {
                batch: batch.clone(),
                sink: sink.to_owned(),
            };
            match runs.pace.wait(&Task::Delivery(delivery.clone())) {
                None => return Some(delivery),
                Some(wait) if !wait.is_over(now) => {}
                Some(wait) => {
                    if least
                        .as_ref()
                        .is_none_or(|(least, _)| wait.failures < *least)
                    {
                        least = Some((wait.failures, delivery));
                    }
                }
            }
        }
        least.map(|(_, delivery)| delivery)
    }

    /// What a sink has come to: nothing, or why it takes nothing. One that was asked before a reload is
    /// soon asked again.
    pub(super) fn note_sink(&self, sink: &str, fault: Option<&Fault>) {
        let mut runs = self.runs();
        match fault {
            None if runs.sinks.wait(sink).is_some() => {
                runs.sinks.clear(sink);
                // It is there again, for those too that tried while it was not. What it refused by itself
                // it would refuse again.
                runs.pace.clear_those(|task, wait| {
                    let fault = wait.fault.as_ref().map(|fault| fault.kind);
                    let was_away = matches!(fault, Some(Kind::Busy | Kind::Unreachable));
                    was_away && matches!(task, Task::Delivery(one) if one.sink == sink)
                });
            }
            None => {}
            Some(fault) if fault.kind == Kind::Cancelled => {}
            Some(fault) => {
                let fault = fault.clone();
                let nothing_more = std::time::Duration::ZERO;
                runs.sinks
                    .failed(sink.to_owned(), clock::now(), fault, nothing_more);
            }
        }
    }

    /// A person wants a batch delivered now, whatever its sinks wait for.
    pub fn hurry_deliveries(&self, batch: &Batch) {
        let mut runs = self.runs();
        for sink in batch.undelivered() {
            let delivery = Delivery {
                batch: batch.key.clone(),
                sink: sink.clone(),
            };
            runs.pace.clear(&Task::Delivery(delivery.clone()));
            runs.wanted.insert(delivery);
        }
        drop(runs);
        self.bell.ring();
    }

    /// What a batch waits for before something is done for it; of several sinks the first that it is
    /// brought to again.
    pub fn batch_waits(&self, batch: &Batch, now: DateTime<Utc>) -> Option<Wait> {
        let runs = self.runs();
        if batch.work() != Some(super::batch::Work::Deliver) {
            return runs.pace.wait(&Task::Batch(batch.key.clone())).cloned();
        }
        let mut first: Option<&Wait> = None;
        for sink in batch.undelivered() {
            let delivery = Delivery {
                batch: batch.key.clone(),
                sink: sink.clone(),
            };
            // One of them that waits for nothing is enough.
            let wait = runs.delivery_waits(&delivery, now)?;
            if first.is_none_or(|first| wait.until < first.until) {
                first = Some(wait);
            }
        }
        first.cloned()
    }

    /// What a sink waits for before it is tried again.
    pub fn sink_waits(&self, sink: &str) -> Option<Wait> {
        self.runs().sinks.wait(sink).cloned()
    }

    /// Whether a run of the batch is under way.
    pub fn is_at(&self, batch: &BatchKey) -> bool {
        self.runs().is_at(batch)
    }
}
