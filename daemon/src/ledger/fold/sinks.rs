//! A batch on its way to its sinks.

use chrono::{DateTime, Utc};

use crate::ledger::Event;
use crate::ledger::batch::{Batch, Failing, Position, SinkState};

impl Batch {
    /// The same batch after an event about one of its sinks.
    pub(super) fn apply_to_sink(&mut self, event: &Event, at: DateTime<Utc>) {
        match event {
            Event::Publishing { sink, path, .. } => {
                if let Some(state @ (SinkState::Pending | SinkState::Sending(_))) =
                    self.sinks.get_mut(sink)
                {
                    *state = SinkState::Publishing { path: path.clone() };
                }
            }
            Event::PageDelivered {
                sink,
                pages,
                updates,
                ..
            } => {
                let position = Position {
                    pages: *pages,
                    updates: *updates,
                };
                if let Some(state @ (SinkState::Pending | SinkState::Sending(_))) =
                    self.sinks.get_mut(sink)
                    && state.position().updates < position.updates
                {
                    *state = SinkState::Sending(position);
                    self.failing.remove(sink);
                }
            }
            Event::SinkFailed {
                sink, fault, held, ..
            } if self.undelivered().any(|one| one == sink) => {
                let before = self.failing.remove(sink);
                let failing = Failing {
                    since: before.map_or(at, |before| before.since),
                    fault: fault.clone(),
                    held: *held,
                };
                self.failing.insert(sink.clone(), failing);
            }
            Event::Delivered { sink, .. } => {
                let path = match self.sinks.get_mut(sink) {
                    Some(SinkState::Publishing { path }) => Some(std::mem::take(path)),
                    Some(SinkState::Sending(_)) => None,
                    _ => return,
                };
                self.sinks
                    .insert(sink.clone(), SinkState::Done { path, at });
                self.failing.remove(sink);
                self.close_if_everybody_has_it(at);
            }
            _ => {}
        }
    }
}
