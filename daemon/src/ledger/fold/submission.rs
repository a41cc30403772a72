//! The part of the fold before the provider has a submission: the states in which a request must never be
//! repeated by itself once it may have been sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use reissue_connector_api::{Found, FoundState, Origin};

use super::super::batch::{Batch, State};
use super::super::event::{Event, Resolution};

impl Batch {
    pub(super) fn planned(event: &Event, at: DateTime<Utc>) -> Option<Self> {
        let Event::SubmissionPlanned {
            batch,
            job,
            schedule,
            cards,
            change,
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
            change: *change,
            asked_at: None,
            unconfirmed: false,
            doubted: false,
            lifted: BTreeSet::new(),
            refused: 0,
            known_since: at,
            first_poll: at,
            purge: None,
            overdue: at,
            fault: None,
            collected: None,
            braked: None,
            sinks: BTreeMap::new(),
            failing: BTreeMap::new(),
            ended: None,
            changed: at,
        })
    }

    pub(super) fn apply_to_submission(&mut self, event: &Event, at: DateTime<Utc>) {
        if !self.is_to_submit() {
            return;
        }
        match event {
            Event::SubmissionSending { .. }
                if self.state == State::Planned || self.is_removal() =>
            {
                self.asked_at = Some(at);
                self.move_to(State::Sending, at);
            }
            Event::SubmissionReturned { fault, .. } if self.state == State::Sending => {
                // A removal is sent again whatever became of it, so it may have been done.
                if !self.is_removal() {
                    self.asked_at = None;
                }
                self.fault = Some(fault.clone());
                self.move_to(State::Planned, at);
            }
            Event::SubmissionUncertain { fault, .. } if self.state == State::Sending => {
                self.fault = Some(fault.clone());
                self.doubted = true;
                self.move_to(State::Unknown, at);
            }
            Event::SubmissionAccepted {
                found,
                refused,
                first_poll,
                purge,
                overdue,
                ..
            } => {
                self.fault = None;
                self.found = found.clone();
                self.found.submission = Some(self.key.id.clone());
                self.refused = *refused;
                // A listing may show what we thought was not sent.
                self.asked_at.get_or_insert(self.known_since);
                self.first_poll = *first_poll;
                self.purge = *purge;
                self.overdue = *overdue;
                self.move_to(State::Waiting, at);
            }
            Event::Resolved {
                resolution: Resolution::NotSent,
                ..
            } if self.state != State::Planned => {
                self.asked_at = None;
                self.fault = None;
                self.move_to(State::Planned, at);
            }
            _ => {}
        }
    }

    /// Whether it is a submission that the provider is not known to have.
    pub(in crate::ledger) fn is_to_submit(&self) -> bool {
        let before_it = match self.state {
            State::Planned | State::Sending | State::Unknown => true,
            State::Held => !self.is_at_provider(),
            _ => false,
        };
        self.cards.is_some() && before_it
    }
}
