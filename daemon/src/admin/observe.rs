//! Makes the views, from a running daemon's state or from the journal alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reissue_config::{Config, Fees, Sink};
use reissue_connector_api::Origin;

use super::concerns::about_daemon;
use super::view::{
    AccountView, AskedView, BatchView, CatchUpView, ConnectorView, Deadline, EnrolmentView,
    OpenView, PlannedView, ScheduleView, SinkView, Status, WaitView,
};
use crate::connector::Catalogue;
use crate::ledger::alarm::Alarm;
use crate::ledger::batch::SinkState;
use crate::ledger::context::{Context, Follower};
use crate::ledger::fees::{self, Estimate};
use crate::ledger::pace::{Task, Wait};
use crate::ledger::parking::Parked;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
use crate::ledger::{Batch, BatchKey, State};
use crate::schedule::{Timetable, catch_up, rehearse};
use crate::source::LeftOut;
use crate::store::{Records, StoreError};

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
        let tallies = self.records.tallies()?;
        let mut batches: BTreeMap<String, u64> = BTreeMap::new();
        for (state, count) in tallies.values().flat_map(|tally| &tally.batches) {
            *batches.entry(state.as_str().into()).or_default() += count;
        }
        let mut open: BTreeMap<String, u64> = BTreeMap::new();
        let mut backlog: BTreeMap<String, u64> = BTreeMap::new();
        let mut deadlines = Vec::new();
        let mut attention: Vec<Alarm> = Vec::new();
        for batch in self.records.of_note()? {
            attention.extend(Alarm::of_batch(&batch, None, self.now));
        }
        for batch in self.records.open()? {
            *open.entry(batch.key.account.clone()).or_default() += 1;
            for (sink, state) in &batch.sinks {
                if !matches!(state, SinkState::Done { .. }) {
                    *backlog.entry(sink.clone()).or_default() += 1;
                }
            }
            if let (Some(purge), State::Waiting | State::Held) = (batch.purge, batch.state) {
                let batch = batch.key.to_string();
                deadlines.push(Deadline { batch, purge });
            }
            let met = self.met(Task::Batch(batch.key.clone()));
            attention.extend(Alarm::of_batch(&batch, met, self.now));
        }
        deadlines.sort_by_key(|deadline| deadline.purge);
        let mut schedules = Vec::new();
        for name in self.config.schedules.keys() {
            let slots = self.records.slots(name)?.unwrap_or_default();
            let expected = self.expected_every(name);
            let met = self.met(Task::Slot(name.clone()));
            attention.extend(Alarm::of_schedule(name, expected, &slots, met, self.now));
            attention.extend(Alarm::of_inputs(name, &slots, LeftOut::is_there));
            schedules.push(self.schedule(name, slots)?);
        }
        let accounts = self.accounts(&open)?;
        for account in &accounts {
            attention.extend(self.of_enrolment(&account.name)?);
        }
        if let Some(context) = self.context {
            attention.extend(about_daemon(context));
        }
        Ok(Status {
            running: self.context.is_some(),
            version: env!("CARGO_PKG_VERSION").into(),
            attention,
            accounts,
            schedules,
            batches,
            cards: tallies.into_iter().filter_map(asked).collect(),
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

    /// What each schedule would do at `to`, had the daemon been down since `from`.
    pub fn catch_up(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<CatchUpView> {
        let schedules = self.config.schedules.keys();
        let caught_up = schedules.filter_map(|name| {
            let caught_up = catch_up(&self.timetable(name)?, from, to)?;
            Some(CatchUpView {
                schedule: name.clone(),
                missed: caught_up.missed,
                serves: caught_up.serves,
            })
        });
        caught_up.collect()
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
        sort(&mut batches);
        Ok(batches)
    }

    /// The same among those that are open or that a follower has met: never the whole history.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn recent_batches(
        &self,
        met: &Follower,
        wanted: impl Fn(&Batch) -> bool,
    ) -> Result<Vec<BatchView>, StoreError> {
        let open = self.records.open()?;
        let open = open.into_iter().map(|batch| (batch.key.clone(), batch));
        let mut recent: BTreeMap<BatchKey, Batch> = open.collect();
        for key in met.keys().iter() {
            if let Entry::Vacant(place) = recent.entry(key.clone())
                && let Some(batch) = self.records.batch(key)?
            {
                place.insert(batch);
            }
        }
        let wanted = recent.into_values().filter(wanted);
        let mut batches: Vec<BatchView> = wanted.map(|batch| self.batch_view(batch)).collect();
        sort(&mut batches);
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
        let mut found = self.batches(|batch| batch.key.id == name || batch.found.id == name)?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    fn batch_view(&self, batch: Batch) -> BatchView {
        let wait = self.wait(Task::Batch(batch.key.clone()));
        let asks = batch.origin == Origin::Submitted;
        let collected = batch.collected.as_ref().filter(|_| asks);
        let cost = collected.and_then(|collected| {
            let fees = self.fees(&batch.key.account)?;
            Some(fees::cost(fees, &collected.counts))
        });
        BatchView {
            cost,
            batch,
            waits: wait.map(|wait| WaitView {
                until: wait.until,
                failures: wait.failures,
                fault: wait.fault.map(|fault| fault.message),
            }),
        }
    }

    fn accounts(&self, open: &BTreeMap<String, u64>) -> Result<Vec<AccountView>, StoreError> {
        let calls = self
            .context
            .map(|context| context.calls())
            .unwrap_or_default();
        let mut accounts = Vec::new();
        for (name, account) in &self.config.accounts {
            let enrolment = self.records.enrolment(name)?;
            accounts.push(AccountView {
                name: name.clone(),
                connector: account.connector.clone(),
                environment: match (&account.environment, &account.base_url) {
                    (Some(environment), _) => environment.clone(),
                    (None, Some(origin)) => origin.as_str().to_owned(),
                    (None, None) => String::new(),
                },
                open_batches: open.get(name).copied().unwrap_or(0),
                calls: calls.get(name).copied().unwrap_or(0),
                enabled: account.enabled,
                deliver: account.deliver,
                enrolment: enrolment.as_ref().map(EnrolmentView::of),
                parked_until: self.parked(name).map(|parked| parked.probed_at),
            });
        }
        Ok(accounts)
    }

    /// What of an account's enrolment needs a person. Whether one is needed that nobody began only the
    /// running daemon knows.
    fn of_enrolment(&self, account: &str) -> Result<Option<Alarm>, StoreError> {
        if let Some(enrolment) = self.records.enrolment(account)? {
            let met = self.met(Task::Enrolment(account.to_owned()));
            return Ok(Alarm::of_enrolment(account, &enrolment, met));
        }
        match self.context {
            Some(context) => context.unbegun_enrolment(account),
            None => Ok(None),
        }
    }

    fn schedule(&self, name: &str, slots: Slots) -> Result<ScheduleView, StoreError> {
        let settings = &self.config.schedules[name];
        let task = Task::Slot(name.to_owned());
        let running = self
            .context
            .is_some_and(|context| context.is_running(&task));
        let wait = self.wait(task);
        let waits = match self.context {
            Some(context) => context.why_unenrolled(&settings.account, &settings.job)?,
            None => None,
        };
        Ok(ScheduleView {
            name: name.to_owned(),
            account: settings.account.clone(),
            job: settings.job.clone(),
            next: self.next(name),
            last: slots.served,
            open: slots.open.map(|open| OpenView {
                slot: open.slot,
                running,
                fault: open.fault,
                again: wait.map(|wait| wait.until),
            }),
            rejects: slots
                .rejects
                .into_iter()
                .filter(|(path, _)| path.exists())
                .collect(),
            waits,
            input: slots.input,
            missed: slots.missed,
            overlapped: slots.overlapped,
        })
    }

    /// What the answers of an account's provider cost.
    fn fees(&self, account: &str) -> Option<&Fees> {
        let account = self.config.accounts.get(account)?;
        self.config.fees.get(&account.connector)
    }

    /// What it costs to ask about so many cards.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn estimate(&self, account: &str, cards: u64) -> Result<Option<Estimate>, StoreError> {
        let Some(fees) = self.fees(account) else {
            return Ok(None);
        };
        let earlier = self.records.tallies()?.remove(account);
        Ok(Some(fees::estimate(
            fees,
            cards,
            &earlier.unwrap_or_default(),
        )))
    }

    /// When a schedule rings next.
    pub fn next(&self, schedule: &str) -> Option<DateTime<Utc>> {
        let timetable = self.timetable(schedule)?;
        let slot = timetable.next_after(self.now)?;
        Some(timetable.rings_at(slot))
    }

    /// How often a schedule should find a new batch. Where nobody looks none is expected.
    fn expected_every(&self, name: &str) -> Option<Duration> {
        let schedule = self.config.schedules.get(name)?;
        let account = self.config.accounts.get(&schedule.account)?;
        schedule.expect_every.filter(|_| account.enabled)
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

    /// What the running daemon met last, which is newer than what the journal says; and some faults
    /// are not in the journal.
    fn met(&self, task: Task) -> Option<String> {
        let fault = self.wait(task)?.fault?;
        Some(fault.message)
    }

    fn parked(&self, account: &str) -> Option<Parked> {
        self.context?.parked(account)
    }
}

/// An account's cards, if it has asked about any.
fn asked((account, tally): (String, Tally)) -> Option<(String, AskedView)> {
    let view = AskedView {
        asked: tally.asked(),
        fates: tally.cards,
    };
    (view.asked > 0).then_some((account, view))
}

/// Latest first.
fn sort(batches: &mut [BatchView]) {
    batches.sort_by(|a, b| {
        let (a, b) = (&a.batch, &b.batch);
        b.known_since
            .cmp(&a.known_since)
            .then_with(|| a.key.cmp(&b.key))
    });
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
