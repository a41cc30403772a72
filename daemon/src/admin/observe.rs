//! Makes the views, from a running daemon's state or from the journal alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::{Config, Sink};

use super::view::{
    AccountView, Attention, BatchView, ConnectorView, Deadline, OpenView, PlannedView,
    ScheduleView, SinkView, Status, WaitView,
};
use crate::connector::Catalogue;
use crate::ledger::batch::SinkState;
use crate::ledger::context::Context;
use crate::ledger::pace::{Task, Wait};
use crate::ledger::slots::Slots;
use crate::ledger::{Batch, BatchKey, State};
use crate::schedule::{Timetable, rehearse};
use crate::store::{Records, StoreError};

/// How long a batch that ended badly is shown as needing a person.
const NEWS: TimeDelta = TimeDelta::days(7);

/// What there is to look at.
pub struct Observer<'o> {
    /// The configuration.
    pub config: &'o Config,
    /// The state.
    pub records: &'o dyn Records,
    /// The running daemon, if this is it.
    pub context: Option<&'o Arc<Context>>,
    /// The clock.
    pub now: DateTime<Utc>,
}

impl Observer<'_> {
    /// One screen.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn status(&self) -> Result<Status, StoreError> {
        let mut batches: BTreeMap<String, u64> = BTreeMap::new();
        let mut open: BTreeMap<String, u64> = BTreeMap::new();
        let mut backlog: BTreeMap<String, u64> = BTreeMap::new();
        let mut deadlines = Vec::new();
        let mut attention = Vec::new();
        self.records.batches(&mut |batch| {
            *batches.entry(batch.state.as_str().into()).or_default() += 1;
            if batch.state.is_open() {
                *open.entry(batch.key.account.clone()).or_default() += 1;
            }
            for (sink, state) in &batch.sinks {
                if !matches!(state, SinkState::Done { .. }) {
                    *backlog.entry(sink.clone()).or_default() += 1;
                }
            }
            if let (Some(purge), State::Waiting | State::Held) = (batch.purge, batch.state) {
                let batch = batch.key.to_string();
                deadlines.push(Deadline { batch, purge });
            }
            attention.extend(self.about_batch(&batch));
        })?;
        deadlines.sort_by_key(|deadline| deadline.purge);
        let mut schedules = Vec::new();
        for name in self.config.schedules.keys() {
            let slots = self.records.slots(name)?.unwrap_or_default();
            attention.extend(self.about_schedule(name, &slots));
            schedules.push(self.schedule(name, slots));
        }
        if let Some(context) = self.context {
            let catalogue = &context.generation().catalogue;
            attention.extend(catalogue.refused.iter().map(|refused| Attention {
                about: refused.source.display().to_string(),
                text: refused.why.clone(),
            }));
        }
        Ok(Status {
            running: self.context.is_some(),
            version: env!("CARGO_PKG_VERSION").into(),
            attention,
            accounts: self.accounts(&open),
            schedules,
            batches,
            deadlines,
            sinks: self.sinks(&backlog),
        })
    }

    /// The slots of all schedules between two instants, at most `most` of each.
    pub fn planned(&self, from: DateTime<Utc>, to: DateTime<Utc>, most: usize) -> Vec<PlannedView> {
        let mut planned: Vec<PlannedView> = self
            .config
            .schedules
            .keys()
            .filter_map(|name| Some((name, self.timetable(name)?)))
            .flat_map(|(name, timetable)| {
                let slots = rehearse(&timetable, from, to).take(most);
                let views = slots.map(|slot| PlannedView {
                    schedule: name.clone(),
                    slot: slot.slot,
                    local: slot.local.format("%a %Y-%m-%d %H:%M:%S %Z").to_string(),
                    rings_at: slot.rings_at,
                    note: slot.note,
                });
                views.collect::<Vec<_>>()
            })
            .collect();
        planned.sort_by(|a, b| (a.slot, &a.schedule).cmp(&(b.slot, &b.schedule)));
        planned
    }

    /// The batches that a filter lets through, latest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn batches(&self, wanted: impl Fn(&Batch) -> bool) -> Result<Vec<BatchView>, StoreError> {
        let mut batches = Vec::new();
        self.records.batches(&mut |batch| {
            if wanted(&batch) {
                batches.push(self.batch_view(batch));
            }
        })?;
        batches.sort_by(|a, b| {
            let (a, b) = (&a.batch, &b.batch);
            b.known_since
                .cmp(&a.known_since)
                .then_with(|| a.key.cmp(&b.key))
        });
        Ok(batches)
    }

    /// One batch, by its whole key, or by the provider's id where only one account has it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn batch(&self, name: &str) -> Result<Option<BatchView>, StoreError> {
        if let Ok(key) = name.parse::<BatchKey>()
            && let Some(batch) = self.records.batch(&key)?
        {
            return Ok(Some(self.batch_view(batch)));
        }
        let mut found = self.batches(|batch| batch.key.id == name)?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    fn batch_view(&self, batch: Batch) -> BatchView {
        let wait = self.wait(Task::Batch(batch.key.clone()));
        BatchView {
            batch,
            waits: wait.map(|wait| WaitView {
                until: wait.until,
                failures: wait.failures,
                fault: wait.fault.map(|fault| fault.message),
            }),
        }
    }

    fn accounts(&self, open: &BTreeMap<String, u64>) -> Vec<AccountView> {
        let calls = self
            .context
            .map(|context| context.calls())
            .unwrap_or_default();
        let accounts = self
            .config
            .accounts
            .iter()
            .map(|(name, account)| AccountView {
                name: name.clone(),
                connector: account.connector.clone(),
                environment: match (&account.environment, &account.base_url) {
                    (Some(environment), _) => environment.clone(),
                    (None, Some(origin)) => origin.as_str().to_owned(),
                    (None, None) => String::new(),
                },
                open_batches: open.get(name).copied().unwrap_or(0),
                calls: calls.get(name).copied().unwrap_or(0),
            });
        accounts.collect()
    }

    fn schedule(&self, name: &str, slots: Slots) -> ScheduleView {
        let settings = &self.config.schedules[name];
        let timetable = self.timetable(name);
        let next = timetable.and_then(|timetable| {
            let slot = timetable.next_after(self.now)?;
            Some(timetable.rings_at(slot))
        });
        let wait = self.wait(Task::Slot(name.to_owned()));
        ScheduleView {
            name: name.to_owned(),
            account: settings.account.clone(),
            job: settings.job.clone(),
            next,
            last: slots.served,
            open: slots.open.map(|open| OpenView {
                slot: open.slot,
                fault: open.fault,
                again: wait.map(|wait| wait.until),
            }),
            missed: slots.missed,
            overlapped: slots.overlapped,
        }
    }

    fn timetable(&self, name: &str) -> Option<Timetable> {
        Timetable::of(name, self.config.schedules.get(name)?).ok()
    }

    fn sinks(&self, backlog: &BTreeMap<String, u64>) -> Vec<SinkView> {
        let sinks = self
            .config
            .sinks
            .iter()
            .map(|(name, Sink::Files(files))| SinkView {
                name: name.clone(),
                target: files.dir.display().to_string(),
                backlog: backlog.get(name).copied().unwrap_or(0),
            });
        sinks.collect()
    }

    /// What the running daemon waits for before it tries again.
    fn wait(&self, task: Task) -> Option<Wait> {
        self.context.and_then(|context| context.wait(&task))
    }

    /// What a person should know of a batch.
    fn about_batch(&self, batch: &Batch) -> Option<Attention> {
        // What this process met last is newer than what the journal says, and some faults are not
        // in the journal.
        let wait = self.wait(Task::Batch(batch.key.clone()));
        let met = wait.and_then(|wait| wait.fault).map(|fault| fault.message);
        let fault = met.or_else(|| batch.fault.as_ref().map(|fault| fault.message.clone()));
        let why = fault.as_deref().unwrap_or("it was not ready");
        let left = batch.purge.map(|purge| purge - self.now);
        let whole = batch.purge.map(|purge| purge - batch.known_since);
        let text = match batch.state {
            State::Expired if self.now - batch.changed < NEWS => format!(
                "was purged before it was collected ({}); ask the provider for its results",
                batch.ended.as_deref().unwrap_or("gone")
            ),
            State::Refused if self.now - batch.changed < NEWS => format!(
                "was declined by the provider: {}",
                batch.ended.as_deref().unwrap_or("it gave no reason")
            ),
            State::Held => format!("is held and tried once a day: {why}"),
            State::Waiting
                if left
                    .zip(whole)
                    .is_some_and(|(left, whole)| left * 4 < whole) =>
            {
                format!(
                    "will be purged in {}: {why}",
                    hours(left.unwrap_or_default())
                )
            }
            State::Waiting if self.now > batch.overdue => format!(
                "is overdue: the provider has worked on it for {}",
                hours(self.now - batch.found.created.unwrap_or(batch.known_since))
            ),
            State::Waiting | State::Collected if fault.is_some() => {
                format!("fails and is tried again: {why}")
            }
            _ => return None,
        };
        Some(Attention {
            about: batch.key.to_string(),
            text,
        })
    }

    /// What a person should know of a schedule.
    fn about_schedule(&self, name: &str, slots: &Slots) -> Vec<Attention> {
        let mut texts = Vec::new();
        let wait = self.wait(Task::Slot(name.to_owned()));
        let met = wait.and_then(|wait| wait.fault).map(|fault| fault.message);
        let noted = slots.open.as_ref().and_then(|open| open.fault.as_ref());
        if let Some(why) = met.or_else(|| noted.map(|fault| fault.message.clone())) {
            texts.push(format!("cannot be served: {why}"));
        }
        let expected = self.config.schedules[name].expect_every;
        let since = slots
            .last_new_batch
            .map_or(slots.set, |last| last.max(slots.set));
        if let Some(expected) = expected.and_then(|every| TimeDelta::from_std(every).ok())
            && !slots.times.is_empty()
            && self.now - since > expected
        {
            texts.push(format!(
                "found no new batch for {}, one is expected every {}: ask the provider",
                hours(self.now - since),
                hours(expected)
            ));
        }
        let about = |text| Attention {
            about: name.to_owned(),
            text,
        };
        texts.into_iter().map(about).collect()
    }
}

/// Loaded connectors, then files that are not used.
pub fn connectors(catalogue: &Catalogue) -> Vec<ConnectorView> {
    let loaded = catalogue.connectors.values().map(|connector| {
        let description = connector.loaded.description();
        ConnectorView {
            file: connector.staged.source.display().to_string(),
            refused: None,
            sha256: Some(connector.staged.sha256.clone()),
            built_with: Some(connector.loaded.built_with()),
            manifest: serde_json::to_value(description.manifest).ok(),
            settings: Some(description.settings.clone()),
        }
    });
    let refused = catalogue.refused.iter().map(|refused| ConnectorView {
        file: refused.source.display().to_string(),
        refused: Some(refused.why.clone()),
        sha256: None,
        built_with: None,
        manifest: None,
        settings: None,
    });
    loaded.chain(refused).collect()
}

/// A span of time as people say it: `3d 4h`, `5h 20m`, `12m`.
pub fn hours(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}
