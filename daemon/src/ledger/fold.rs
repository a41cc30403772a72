//! A batch as the fold of its events: a pure function, so that a restart, a lost index and the command
//! line that reads the journal all come to the same.

mod sinks;
mod submission;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use reissue_connector_api::Origin;

use super::batch::{Batch, Collection, SinkState, State, Work};
use super::event::{Event, Resolution};

impl Batch {
    /// The batch after one more event. `None` before the event that found it; an event that does
    /// not fit changes nothing, so a journal can always be folded.
    pub fn apply(before: Option<Self>, event: &Event, at: DateTime<Utc>) -> Option<Self> {
        match event {
            Event::BatchFound { .. } => return before.or_else(|| Self::found(event, at)),
            Event::SubmissionPlanned { .. } => return before.or_else(|| Self::planned(event, at)),
            _ => {}
        }
        let mut batch = before?;
        match event {
            Event::SubmissionSending { .. }
            | Event::SubmissionReturned { .. }
            | Event::SubmissionUncertain { .. }
            | Event::SubmissionAccepted { .. }
            | Event::Resolved {
                resolution: Resolution::NotSent,
                ..
            } => batch.apply_to_submission(event, at),
            Event::BatchFailed { fault, held, .. } if batch.state.is_open() => {
                batch.fault = Some(fault.clone());
                if *held && (batch.is_to_collect() || batch.is_to_submit()) {
                    batch.unconfirmed = false;
                    batch.move_to(State::Held, at);
                }
            }
            Event::BatchWaits { .. } if batch.is_to_collect() => {
                batch.fault = None;
                batch.unconfirmed = false;
                batch.move_to(State::Waiting, at);
            }
            Event::Collected {
                updates,
                counts,
                totals,
                mismatches,
                cards,
                braked,
                sinks,
                ..
            } if batch.is_to_collect() => {
                batch.fault = None;
                batch.unconfirmed = false;
                batch.collected = Some(Collection {
                    at,
                    updates: *updates,
                    counts: counts.clone(),
                    totals: *totals,
                    mismatches: mismatches.clone(),
                    cards: *cards,
                    spool: *updates > 0 || cards.is_some_and(|cards| cards.aside > 0),
                });
                if *updates > 0 {
                    let pending = sinks.iter().map(|sink| (sink.clone(), SinkState::Pending));
                    batch.sinks = pending.collect();
                }
                batch.braked.clone_from(braked);
                batch.move_to(State::Collected, at);
                match batch.braked {
                    Some(_) => batch.move_to(State::Held, at),
                    None => batch.close_if_everybody_has_it(at),
                }
            }
            Event::BatchRefused { reason, .. } if batch.is_to_collect() || batch.is_to_submit() => {
                batch.ended = Some(reason.clone());
                batch.move_to(State::Refused, at);
            }
            Event::BatchExpired { reason, .. } if batch.is_to_collect() => {
                batch.ended = Some(reason.clone());
                batch.move_to(State::Expired, at);
            }
            Event::BatchUnfounded { .. } if batch.unconfirmed && batch.state.is_open() => {
                batch.fault = None;
                batch.move_to(State::Unfounded, at);
            }
            Event::Publishing { .. }
            | Event::PageDelivered { .. }
            | Event::SinkFailed { .. }
            | Event::Delivered { .. }
                if batch.state == State::Collected =>
            {
                batch.apply_to_sink(event, at);
            }
            Event::Resolved {
                resolution: Resolution::Deliver,
                ..
            } if batch.braked.is_some() => {
                batch.braked = None;
                batch.move_to(State::Collected, at);
                batch.close_if_everybody_has_it(at);
            }
            Event::Resolved {
                resolution: Resolution::Abandon,
                by,
                ..
            } if batch.state.is_open() => {
                batch.ended = Some(format!("given up by {by}"));
                batch.fault = None;
                batch.braked = None;
                batch.failing.clear();
                batch.move_to(State::Abandoned, at);
            }
            Event::Redelivered { sinks, .. } if !batch.state.is_open() && batch.has_updates() => {
                // What an abandoned batch still owed to others was given up with it.
                batch.sinks.retain(|_, state| state.is_done());
                for sink in sinks {
                    batch.sinks.insert(sink.clone(), SinkState::Pending);
                }
                batch.ended = None;
                batch.move_to(State::Collected, at);
            }
            Event::SuppressionsLifted { cards, .. } => batch.lifted.extend(cards),
            Event::SpoolDeleted { .. } if !batch.state.is_open() => {
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
            cards: None,
            change: None,
            asked_at: None,
            unconfirmed: *origin == Origin::Announced,
            doubted: false,
            lifted: BTreeSet::new(),
            refused: 0,
            known_since: at,
            first_poll: *first_poll,
            purge: *purge,
            overdue: *overdue,
            fault: None,
            collected: None,
            braked: None,
            sinks: BTreeMap::new(),
            failing: BTreeMap::new(),
            ended: None,
            changed: at,
        })
    }

    /// Whether its updates are still at the provider.
    fn is_to_collect(&self) -> bool {
        matches!(self.work(), Some(Work::Collect | Work::Confirm))
    }

    fn move_to(&mut self, state: State, at: DateTime<Utc>) {
        if self.state != state {
            self.state = state;
            self.changed = at;
        }
    }

    fn close_if_everybody_has_it(&mut self, at: DateTime<Utc>) {
        if self.state == State::Collected && self.sinks.values().all(SinkState::is_done) {
            self.fault = None;
            self.move_to(State::Delivered, at);
        }
    }
}
