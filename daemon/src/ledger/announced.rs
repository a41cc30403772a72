//! The run of an account's inbox: what its connector makes of each notification becomes batches, unconfirmed
//! until the provider answers for them.
//!
//! Nobody has proved who sent a notification. It is believed as far as the name of a batch goes; what the
//! provider says of it counts. A batch that is known already changes nothing, and leaves no event. One for
//! which there is no room among the unconfirmed leaves its notification in the inbox.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{Announced, Fault, Found, FoundState, Kind, Origin};

use super::context::Context;
use super::deadlines::Deadlines;
use super::discover::mask;
use super::ended::Ended;
use super::event::Event;
use super::key::BatchKey;
use super::unconfirmed::Room;
use crate::account::Account;
use crate::clock;
use crate::spool::own_disk;
use crate::store::StoreError;
use crate::webhook::Waiting;

/// How many notifications are read for one record.
const TOGETHER: usize = 100;

/// How soon there may be room again.
const LATER: Duration = Duration::from_secs(60);

/// No provider keeps a result for less; who says so wants to be in a hurry.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// The longest name of a batch.
const LONGEST_ID: usize = 256;

/// Reads what waits for an account.
pub(super) fn run(context: &Context, name: &str) -> Result<Ended, StoreError> {
    let generation = context.generation();
    let Some(account) = generation.accounts.get(name) else {
        return Ok(Ended::Well);
    };
    let mut run = InboxRun {
        context,
        account,
        garbled: None,
        waits: false,
        fault: None,
    };
    for waiting in context.inbox.waiting(name).chunks(TOGETHER) {
        run.read(waiting)?;
    }
    Ok(run.end())
}

/// What one run makes of the inbox.
struct InboxRun<'c> {
    context: &'c Context,
    account: &'c Account,
    /// How many notifications nobody understood, and why the last one.
    garbled: Option<(u64, String)>,
    /// Whether one waits for room.
    waits: bool,
    /// What else went wrong last.
    fault: Option<Fault>,
}

impl InboxRun<'_> {
    /// Records what these announce in one record, and only then deletes them.
    fn read(&mut self, waiting: &[Waiting]) -> Result<(), StoreError> {
        let mut room = Room::of(self.context, &self.account.name)?;
        let mut events = Vec::new();
        let mut done = Vec::new();
        for waiting in waiting {
            match self.receive(waiting) {
                Ok(announced) => match self.take(announced, waiting, &mut room, &mut events)? {
                    true => done.push((waiting, false)),
                    false => self.waits = true,
                },
                Err(fault) if is_garbled(&fault) => {
                    let count = self.garbled.as_ref().map_or(0, |(count, _)| *count);
                    self.garbled = Some((count + 1, fault.message));
                    done.push((waiting, true));
                }
                Err(fault) => self.fault = Some(fault),
            }
        }
        if !events.is_empty() {
            self.context.commit(&events)?;
            tracing::info!(
                account = self.account.name,
                new = events.len(),
                "The provider announces batches."
            );
        }
        for (waiting, is_garbled) in done {
            if let Err(error) = self.context.inbox.delete(waiting, is_garbled) {
                self.fault = Some(own_disk(&error));
            }
        }
        Ok(())
    }

    fn receive(&self, waiting: &Waiting) -> Result<Vec<Announced>, Fault> {
        let read = self.context.inbox.read(waiting);
        let Some(notification) = read.map_err(|error| own_disk(&error))? else {
            return Ok(Vec::new());
        };
        let announced = self.account.instance()?.receive(notification)?;
        announced.iter().try_for_each(|one| self.check(one))?;
        Ok(announced)
    }

    /// A batch of another kind of job, or without a name, could never be collected.
    fn check(&self, announced: &Announced) -> Result<(), Fault> {
        let job = self.account.connector.manifest().job(&announced.job);
        let has_webhook = job.is_some_and(|job| job.needs_webhook);
        match has_webhook && (1..=LONGEST_ID).contains(&announced.found.id.len()) {
            true => Ok(()),
            false => Err(Fault::garbled(
                "the connector names a job that is not called by webhook, or a batch without an id: tell \
                 its author",
            )),
        }
    }

    /// Adds the events of the batches that are new to us; `false` where there is no room for one.
    fn take(
        &self,
        announced: Vec<Announced>,
        waiting: &Waiting,
        room: &mut Room<'_>,
        events: &mut Vec<Event>,
    ) -> Result<bool, StoreError> {
        for one in announced {
            let key = BatchKey {
                account: self.account.name.clone(),
                id: one.found.id.clone(),
            };
            if room.has(&key) || self.context.at_provider(&key.account, &key.id)?.is_some() {
                continue;
            }
            let Some(gone) = room.take(&key)? else {
                return Ok(false);
            };
            events.extend(gone);
            events.push(self.found(key, one, waiting));
        }
        Ok(true)
    }

    fn found(&self, key: BatchKey, announced: Announced, waiting: &Waiting) -> Event {
        let now = clock::now();
        let arrived = waiting.arrived().map_or(now, |at| at.min(now));
        let mut found = believed(announced.found, arrived);
        mask(&mut found);
        let job = self.account.connector.manifest().job(&announced.job);
        let timing = job.map(|job| self.account.timing(job));
        let deadlines = Deadlines::of(timing, found.created.unwrap_or(arrived));
        Event::BatchFound {
            batch: key,
            schedule: self.schedule(&announced.job),
            job: announced.job,
            origin: Origin::Announced,
            first_poll: match found.state {
                FoundState::Running => deadlines.first_poll,
                _ => now,
            },
            // A provider may state less than it keeps, or keep less than it states.
            purge: found.purge.into_iter().chain(deadlines.purge).min(),
            overdue: deadlines.overdue,
            found,
        }
    }

    /// The account's schedule of a job; empty where it has none.
    fn schedule(&self, job: &str) -> String {
        let generation = self.context.generation();
        let mut schedules = generation.schedules.values();
        let of_job = schedules.find(|it| it.account == self.account.name && it.job.name == job);
        of_job.map_or_else(String::new, |schedule| schedule.name.clone())
    }

    fn end(self) -> Ended {
        let account = &self.account.name;
        if let Some((count, why)) = self.garbled {
            tracing::warn!(
                account,
                count,
                why,
                "Notifications that nobody understands were thrown away."
            );
        }
        match self.fault {
            Some(fault) => {
                let (kind, fault_message) = (fault.kind.as_str(), &fault.message);
                tracing::warn!(
                    account,
                    kind,
                    fault = fault_message,
                    "Notifications cannot be read; it will be tried again."
                );
                Ended::Failed(fault, Duration::ZERO)
            }
            None if self.waits => Ended::Later(LATER),
            None => Ended::Well,
        }
    }
}

/// What is believed of an announced batch: its name, dates as far as they make sense, and facts for people.
/// It cannot settle a submission, nor end a batch.
fn believed(announced: Found, arrived: DateTime<Utc>) -> Found {
    let state = match announced.state {
        FoundState::Running => FoundState::Running,
        FoundState::Ready | FoundState::Failed(_) => FoundState::Ready,
    };
    let yesterday = arrived - TimeDelta::days(1);
    Found {
        created: announced.created.map(|at| at.clamp(yesterday, arrived)),
        purge: announced.purge.map(|at| at.max(arrived + KEPT)),
        facts: announced.facts,
        ..Found::new(announced.id, state)
    }
}

/// Whether the connector says that this is nothing which its provider sends.
fn is_garbled(fault: &Fault) -> bool {
    matches!(fault.kind, Kind::Garbled | Kind::Refused | Kind::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_that_make_no_sense_are_not_believed() {
        let arrived = utc("2026-11-22T12:00:00Z");
        for (said, created) in [
            ("2026-11-22T11:59:00Z", "2026-11-22T11:59:00Z"),
            ("2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z"),
            ("1970-01-01T00:00:00Z", "2026-11-21T12:00:00Z"),
            ("2099-01-01T00:00:00Z", "2026-11-22T12:00:00Z"),
        ] {
            let mut found = Found::new("e1", FoundState::Ready);
            found.created = Some(utc(said));
            assert_eq!(
                believed(found, arrived).created,
                Some(utc(created)),
                "{said}"
            );
        }
        for (said, purge) in [
            ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
            ("2026-11-22T12:00:01Z", "2026-11-22T13:00:00Z"),
            ("1970-01-01T00:00:00Z", "2026-11-22T13:00:00Z"),
        ] {
            let mut found = Found::new("e1", FoundState::Ready);
            found.purge = Some(utc(said));
            assert_eq!(believed(found, arrived).purge, Some(utc(purge)), "{said}");
        }
    }

    #[test]
    fn it_can_neither_settle_a_submission_nor_end_a_batch() {
        let mut found = Found::new("e1", FoundState::Failed("forged".into())).fact("call", "c1");
        found.submission = Some("r1a2b3".into());
        found.totals.billed = Some(7);

        let believed = believed(found, utc("2026-11-22T12:00:00Z"));

        let expected = Found::new("e1", FoundState::Ready).fact("call", "c1");
        assert_eq!(believed, expected);
    }
}
