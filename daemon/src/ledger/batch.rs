//! A batch as the ledger knows it: the fold of its events.
//!
//! ```text
//! (found) ──► waiting ──► collected ──► delivered
//!               │  ▲  │
//!               │  │  └──► refused     the provider declined it
//!               ▼  │  └──► expired     purged before we got it
//!              held             a person decides; tried once a day
//! ```

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{self as api, Found, Origin, Totals};
use serde::{Deserialize, Serialize};

use super::event::{Event, FaultNote, OutcomeCount};
use super::key::BatchKey;

/// How long a delivered batch's spool is kept, for `reissue updates`.
const SPOOL_KEPT: TimeDelta = TimeDelta::days(7);

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A person decides; collecting is tried once a day meanwhile.
    Held,
    /// The provider works on it, or we have not collected it yet.
    Waiting,
    /// The spool is complete; some sink does not have it yet.
    Collected,
    /// Every sink has it.
    Delivered,
    /// The provider declined it.
    Refused,
    /// The provider purged it before we got it.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Held,
        Self::Waiting,
        Self::Collected,
        Self::Delivered,
        Self::Refused,
        Self::Expired,
    ];

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The word of listings and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Collected => "collected",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    /// Whether it is not over yet.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Held | Self::Waiting | Self::Collected)
    }

    /// Whether its updates are still at the provider.
    fn is_to_collect(self) -> bool {
        matches!(self, Self::Held | Self::Waiting)
    }
}

/// A batch, everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Which.
    pub key: BatchKey,
    /// Where it stands.
    pub state: State,
    /// The job that found it.
    pub job: String,
    /// How it came to us.
    pub origin: Origin,
    /// The schedule whose run found it.
    pub schedule: String,
    /// What the provider said of it when it was found.
    pub found: Found,
    /// When we first knew of it.
    pub known_since: DateTime<Utc>,
    /// When to look at it first.
    pub first_poll: DateTime<Utc>,
    /// When the provider purges it, where that is known.
    pub purge: Option<DateTime<Utc>>,
    /// From when on it is overdue while it is not ready.
    pub overdue: DateTime<Utc>,
    /// The last fault that is not yet overcome.
    pub fault: Option<FaultNote>,
    /// What was collected.
    pub collected: Option<Collection>,
    /// Where each sink stands.
    pub sinks: BTreeMap<String, SinkState>,
    /// Why it ended without being collected.
    pub ended: Option<String>,
    /// When its state last changed.
    pub changed: DateTime<Utc>,
}

/// What was collected of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// When.
    pub at: DateTime<Utc>,
    /// How many updates.
    pub updates: u64,
    /// The same by outcome and provider code.
    pub counts: Vec<OutcomeCount>,
    /// The provider's totals.
    pub totals: Totals,
    /// In what the totals and the records disagree.
    pub mismatches: Vec<String>,
    /// Whether the spool still exists.
    pub spool: bool,
}

/// Where one sink stands with one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SinkState {
    /// It has nothing yet.
    Pending,
    /// Its file is complete under its temporary name.
    Publishing {
        /// The file's own name.
        path: String,
    },
    /// It has everything.
    Done {
        /// The file's own name.
        path: String,
        /// Since when.
        at: DateTime<Utc>,
    },
}

impl Batch {
    /// The batch after one more event. `None` before the event that found it; an event that does
    /// not fit changes nothing, so a journal can always be folded.
    pub fn apply(before: Option<Self>, event: &Event, at: DateTime<Utc>) -> Option<Self> {
        if let Event::BatchFound { .. } = event {
            return before.or_else(|| Self::found(event, at));
        }
        let mut batch = before?;
        match event {
            Event::BatchFailed { fault, held, .. } if batch.state.is_open() => {
                batch.fault = Some(fault.clone());
                if *held && batch.state.is_to_collect() {
                    batch.move_to(State::Held, at);
                }
            }
            Event::BatchWaits { .. } if batch.state.is_to_collect() => {
                batch.fault = None;
                batch.move_to(State::Waiting, at);
            }
            Event::Collected {
                updates,
                counts,
                totals,
                mismatches,
                sinks,
                ..
            } if batch.state.is_to_collect() => {
                batch.fault = None;
                batch.collected = Some(Collection {
                    at,
                    updates: *updates,
                    counts: counts.clone(),
                    totals: *totals,
                    mismatches: mismatches.clone(),
                    spool: *updates > 0,
                });
                if *updates > 0 {
                    let pending = sinks.iter().map(|sink| (sink.clone(), SinkState::Pending));
                    batch.sinks = pending.collect();
                }
                batch.move_to(State::Collected, at);
                batch.close_if_everybody_has_it(at);
            }
            Event::BatchRefused { reason, .. } if batch.state.is_to_collect() => {
                batch.ended = Some(reason.clone());
                batch.move_to(State::Refused, at);
            }
            Event::BatchExpired { reason, .. } if batch.state.is_to_collect() => {
                batch.ended = Some(reason.clone());
                batch.move_to(State::Expired, at);
            }
            Event::Publishing { sink, path, .. } if batch.state == State::Collected => {
                if let Some(state @ SinkState::Pending) = batch.sinks.get_mut(sink) {
                    *state = SinkState::Publishing { path: path.clone() };
                }
            }
            Event::Delivered { sink, .. } if batch.state == State::Collected => {
                if let Some(state) = batch.sinks.get_mut(sink)
                    && let SinkState::Publishing { path } = state
                {
                    let path = std::mem::take(path);
                    *state = SinkState::Done { path, at };
                }
                batch.close_if_everybody_has_it(at);
            }
            Event::SpoolDeleted { .. } if batch.state == State::Delivered => {
                if let Some(collected) = &mut batch.collected {
                    collected.spool = false;
                }
            }
            _ => {}
        }
        Some(batch)
    }

    fn found(event: &Event, at: DateTime<Utc>) -> Option<Self> {
        let Event::BatchFound {
            batch,
            job,
            origin,
            schedule,
            found,
            first_poll,
            purge,
            overdue,
        } = event
        else {
            return None;
        };
        Some(Self {
            key: batch.clone(),
            state: State::Waiting,
            job: job.clone(),
            origin: *origin,
            schedule: schedule.clone(),
            found: found.clone(),
            known_since: at,
            first_poll: *first_poll,
            purge: *purge,
            overdue: *overdue,
            fault: None,
            collected: None,
            sinks: BTreeMap::new(),
            ended: None,
            changed: at,
        })
    }

    fn move_to(&mut self, state: State, at: DateTime<Utc>) {
        if self.state != state {
            self.state = state;
            self.changed = at;
        }
    }

    fn close_if_everybody_has_it(&mut self, at: DateTime<Utc>) {
        let everybody = self
            .sinks
            .values()
            .all(|sink| matches!(sink, SinkState::Done { .. }));
        if self.state == State::Collected && everybody {
            self.fault = None;
            self.move_to(State::Delivered, at);
        }
    }

    /// Whether the daemon still has something to do for it, be it only to delete its spool.
    pub fn is_live(&self) -> bool {
        self.state.is_open() || self.collected.as_ref().is_some_and(|it| it.spool)
    }

    /// From when on there is something to do for it, apart from waits after a failure.
    pub fn due(&self) -> DateTime<Utc> {
        match self.state {
            State::Waiting | State::Held => self.first_poll,
            // At once, whatever the clock says now.
            State::Collected => DateTime::UNIX_EPOCH,
            State::Delivered | State::Refused | State::Expired => self.changed + SPOOL_KEPT,
        }
    }

    /// What the connector is told about it.
    pub fn for_connector(&self) -> api::Batch {
        api::Batch {
            job: self.job.clone(),
            origin: self.origin,
            found: self.found.clone(),
        }
    }
}
