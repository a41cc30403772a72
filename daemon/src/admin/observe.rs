//! Makes the views, from a running daemon's state or from the journal alone: what a command shows must not
//! depend on which of the two answers.

mod batches;
mod connectors;
mod slots;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reissue_config::{Config, Sink};

pub use self::connectors::connectors;
use super::concerns::about_daemon;
use super::view::{
    AccountView, AskedView, Deadline, EnrolmentView, OpenView, ScheduleView, SinkView, Status,
    WebhookView,
};
use crate::ledger::State;
use crate::ledger::alarm::{Alarm, Backlog, Backlogs, UnknownBatches};
use crate::ledger::context::Context;
use crate::ledger::pace::{Task, Wait};
use crate::ledger::parking::Parked;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
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
        let mut backlogs = Backlogs::default();
        let mut deadlines = Vec::new();
        let mut attention: Vec<Alarm> = Vec::new();
        for batch in self.records.of_note()? {
            attention.extend(Alarm::of_batch(&batch, None, self.now));
        }
        let open_batches = self.records.open()?;
        attention.extend(UnknownBatches::among(&open_batches).alarms());
        for batch in open_batches {
            *open.entry(batch.key.account.clone()).or_default() += 1;
            backlogs.count(&batch);
            if let (Some(purge), State::Waiting | State::Held) = (batch.purge, batch.state)
                && !batch.unconfirmed
            {
                let batch = batch.key.to_string();
                deadlines.push(Deadline { batch, purge });
            }
            let met = self.met(Task::Batch(batch.key.clone()));
            attention.extend(Alarm::of_batch(&batch, met, self.now));
        }
        attention.extend(backlogs.alarms());
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
        let accounts = self.accounts(&open, &tallies)?;
        for account in &accounts {
            attention.extend(self.of_enrolment(&account.name)?);
            attention.extend(self.of_webhook(&account.name)?);
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
            sinks: self.sinks(&backlogs),
        })
    }

    fn accounts(
        &self,
        open: &BTreeMap<String, u64>,
        tallies: &BTreeMap<String, Tally>,
    ) -> Result<Vec<AccountView>, StoreError> {
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
                webhook: self.webhook(name, tallies.get(name)),
                parked_until: self.parked(name).map(|parked| parked.probed_at),
            });
        }
        Ok(accounts)
    }

    /// What came to an account's webhook, if anything did.
    fn webhook(&self, account: &str, tally: Option<&Tally>) -> Option<WebhookView> {
        let (waiting, garbled) = self
            .context
            .map(|context| context.inbox.count(account))
            .unwrap_or_default();
        let unfounded = |tally: &Tally| tally.batches.get(&State::Unfounded).copied();
        let view = WebhookView {
            waiting,
            unconfirmed: tally.map_or(0, |tally| tally.unconfirmed),
            unfounded: tally.and_then(unfounded).unwrap_or(0),
            garbled,
        };
        (view != WebhookView::default()).then_some(view)
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

    /// That the provider does not have a webhook which is needed. What is needed only the running daemon
    /// knows.
    fn of_webhook(&self, account: &str) -> Result<Option<Alarm>, StoreError> {
        match self.context {
            Some(context) => context.unregistered_webhook(account),
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

    /// How often a schedule should find a new batch. Where nobody looks none is expected.
    fn expected_every(&self, name: &str) -> Option<Duration> {
        let schedule = self.config.schedules.get(name)?;
        let account = self.config.accounts.get(&schedule.account)?;
        schedule.expect_every.filter(|_| account.enabled)
    }

    fn sinks(&self, backlogs: &Backlogs) -> Vec<SinkView> {
        let sinks = self.config.sinks.iter().map(|(name, sink)| {
            let backlog = backlogs.of(name);
            let fault = backlog.and_then(Backlog::fault).cloned();
            let wait = self.context.and_then(|context| context.sink_waits(name));
            SinkView {
                name: name.clone(),
                target: match sink {
                    Sink::Files(files) => files.dir.display().to_string(),
                    // Its path may be secret.
                    Sink::Webhook(webhook) => webhook.url.origin(),
                },
                backlog: backlog.map_or(0, |backlog| backlog.batches),
                held: backlog.map_or(0, Backlog::held),
                again: wait.filter(|_| fault.is_some()).map(|wait| wait.until),
                fault,
            }
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
