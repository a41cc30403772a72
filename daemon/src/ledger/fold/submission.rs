//! The part of the fold before the provider has a submission: the states in which a request must never be
//! repeated by itself once it may have been sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reissue_connector_api::{Found, FoundState, Origin};

use super::super::batch::{Batch, State, Work};
use super::super::event::{Event, Resolution};

impl Batch {
    pub(super) fn planned(event: &Event, at: DateTime<Utc>) -> Option<Self> {
        let Event::SubmissionPlanned {
            batch,
            job,
            schedule,
            cards,
        } = event
        else {
            return None;
        };
        let mut found = Found::new("", FoundState::Running);
        found.submission = Some(batch.id.clone());
        Some(Self {
            key: batch.clone(),
            state: State::Planned,
            job: job.clone(),
            origin: Origin::Submitted,
            schedule: schedule.clone(),
            found,
            cards: Some(*cards),
            suppressed: false,
            refused: 0,
            known_since: at,
            first_poll: at,
            purge: None,
            overdue: at,
            fault: None,
            collected: None,
            braked: None,
            sinks: BTreeMap::new(),
            ended: None,
            changed: at,
        })
    }

    pub(super) fn apply_to_submission(&mut self, event: &Event, at: DateTime<Utc>) {
        if self.origin != Origin::Submitted || self.is_at_provider() || !self.state.is_open() {
            return;
        }
        match event {
            Event::SubmissionSending { .. } if self.state == State::Planned => {
                self.move_to(State::Sending, at);
            }
            Event::SubmissionReturned { fault, .. } if self.state == State::Sending => {
                self.fault = Some(fault.clone());
                self.move_to(State::Planned, at);
            }
            Event::SubmissionUncertain { fault, .. } if self.state == State::Sending => {
                self.fault = Some(fault.clone());
                self.move_to(State::Unknown, at);
            }
            Event::SubmissionAccepted {
                found,
                refused,
                first_poll,
                purge,
                overdue,
                ..
            } if self.state != State::Planned => {
                self.fault = None;
                self.found = found.clone();
                self.found.submission = Some(self.key.id.clone());
                self.refused = *refused;
                self.first_poll = *first_poll;
                self.purge = *purge;
                self.overdue = *overdue;
                self.move_to(State::Waiting, at);
            }
            Event::Resolved {
                resolution: Resolution::NotSent,
                ..
            } if matches!(self.state, State::Unknown | State::Held) => {
                self.fault = None;
                self.move_to(State::Planned, at);
            }
            _ => {}
        }
    }

    /// Whether the provider is not known to have it.
    pub(super) fn is_to_submit(&self) -> bool {
        matches!(self.work(), Some(Work::Submit | Work::Reconcile))
    }
}
