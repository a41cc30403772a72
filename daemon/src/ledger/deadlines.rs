//! When a batch is looked at first, and what becomes late when: what the manifest and the account say,
//! counted from the batch's creation.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reissue_connector_api::Timing;

/// The instants that matter for a batch.
pub(super) struct Deadlines {
    /// When to look at it first.
    pub(super) first_poll: DateTime<Utc>,
    /// When the provider purges it, if the time that it keeps it is known.
    pub(super) purge: Option<DateTime<Utc>>,
    /// From when on it is overdue while it is not ready.
    pub(super) overdue: DateTime<Utc>,
}

impl Deadlines {
    /// Those of a batch that was created then. Without a timing, because the connector has no such job any
    /// more, there is nothing to wait for.
    pub(super) fn of(timing: Option<Timing>, created: DateTime<Utc>) -> Self {
        let later = |after: Option<Duration>| created + after.unwrap_or_default();
        Self {
            first_poll: later(timing.map(|timing| timing.first_poll)),
            purge: timing.and_then(|timing| Some(created + timing.first_poll + timing.kept_for?)),
            overdue: later(timing.map(|timing| timing.overdue_after)),
        }
    }
}
