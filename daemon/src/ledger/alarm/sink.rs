//! What of a sink needs a person's eye: one line for a sink that takes nothing, however many batches wait
//! for it.

use std::collections::BTreeMap;

use super::{Alarm, Matter};
use crate::ledger::batch::{Batch, Failing};
use crate::ledger::event::FaultNote;
use crate::ledger::key::BatchKey;
use crate::wording::counted;

/// What sinks do not have yet, and why.
#[derive(Debug, Default)]
pub struct Backlogs(BTreeMap<String, Backlog>);

/// What one sink does not have yet.
#[derive(Debug, Default)]
pub struct Backlog {
    /// How many batches.
    pub batches: u64,
    /// What it failed with last, and for how many of them.
    failing: Trouble,
    /// The same of those that wait for a person.
    held: Trouble,
}

#[derive(Debug, Default)]
struct Trouble {
    batches: u64,
    last: Option<(BatchKey, Failing)>,
}

impl Backlogs {
    /// Counts an open batch in.
    pub fn count(&mut self, batch: &Batch) {
        for sink in batch.undelivered() {
            let backlog = self.0.entry(sink.clone()).or_default();
            backlog.batches += 1;
            if let Some(failing) = batch.failing.get(sink) {
                let trouble = match failing.held {
                    true => &mut backlog.held,
                    false => &mut backlog.failing,
                };
                trouble.count(&batch.key, failing);
            }
        }
    }

    /// What a sink does not have yet.
    pub fn of(&self, sink: &str) -> Option<&Backlog> {
        self.0.get(sink)
    }

    /// What is the matter with the sinks.
    pub fn alarms(&self) -> Vec<Alarm> {
        let alarms = self.0.iter().flat_map(|(sink, backlog)| {
            let alarm = |matter, text| Alarm {
                about: sink.clone(),
                matter,
                text,
            };
            let held = backlog.held.last.as_ref().map(|(batch, failing)| {
                let batches = counted(backlog.held.batches, "batch");
                let text = format!(
                    "does not take {batches}, held and tried once a day: {}. Mend it, then `reissue \
                     batch retry {batch}`",
                    failing.fault.message
                );
                alarm(Matter::Held, text)
            });
            let failing = backlog.failing.last.as_ref().map(|(_, failing)| {
                let waiting = counted(backlog.batches, "batch");
                let text = format!(
                    "fails and is tried again, {waiting} not delivered: {}",
                    failing.fault.message
                );
                alarm(Matter::Failing, text)
            });
            held.into_iter().chain(failing)
        });
        alarms.collect()
    }
}

impl Backlog {
    /// How many batches wait for a person.
    pub fn held(&self) -> u64 {
        self.held.batches
    }

    /// Why it has not got them.
    pub fn fault(&self) -> Option<&FaultNote> {
        let trouble = self.failing.last.as_ref().or(self.held.last.as_ref());
        trouble.map(|(_, failing)| &failing.fault)
    }
}

impl Trouble {
    fn count(&mut self, batch: &BatchKey, failing: &Failing) {
        self.batches += 1;
        let last = self.last.as_ref().map(|(_, last)| last.since);
        if last.is_none_or(|last| last < failing.since) {
            self.last = Some((batch.clone(), failing.clone()));
        }
    }
}
