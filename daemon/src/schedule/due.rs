//! What a schedule owes now.
//!
//! The answer depends on the last slot served and on the clock, on nothing else: a ring of the
//! bell that is lost, late or doubled changes nothing. Downtime never causes a flood, because at
//! most one slot is ever owed; those before it are counted and passed over.

use std::iter::successors;

use chrono::{DateTime, TimeDelta, Utc};

use reissue_config::Missed;

use super::timetable::Timetable;

/// Missed slots are counted up to here; a larger number would cost time and tell nobody more.
pub const MISSED_CAP: u32 = 1000;

/// How long after its ring a slot still counts as on time where missed slots are skipped: room
/// for a busy or restarting daemon.
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(60);

/// What to do about a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Serve this slot.
    Slot {
        /// The planned instant.
        slot: DateTime<Utc>,
        /// Earlier slots that it stands for, up to [`MISSED_CAP`].
        missed: u32,
    },
    /// Record this slot as passed over, without a run: it is too old, and the schedule skips
    /// missed slots.
    PassOver {
        /// The planned instant.
        slot: DateTime<Utc>,
        /// Earlier slots that go with it, up to [`MISSED_CAP`].
        missed: u32,
    },
    /// Nothing before this instant, or ever.
    Later(Option<DateTime<Utc>>),
}

/// Decides what `timetable` owes at `now`.
///
/// `since` is the last slot served or passed over, or the instant at which the schedule was first
/// seen; only later slots count. A clock that went back behind `since` owes nothing until it has
/// come past it again.
pub fn due(timetable: &Timetable, since: DateTime<Utc>, now: DateTime<Utc>) -> Due {
    let Some(first) = timetable.next_after(since) else {
        return Due::Later(None);
    };
    let first_ring = timetable.rings_at(first);
    if first_ring > now {
        return Due::Later(Some(first_ring));
    }
    let slot = latest_rung(timetable, now).unwrap_or(first);
    let missed = count_between(timetable, first, slot);
    match timetable.missed() {
        Missed::Skip if timetable.rings_at(slot) + GRACE < now => Due::PassOver { slot, missed },
        Missed::Skip | Missed::RunOnce => Due::Slot { slot, missed },
    }
}

/// The latest slot that has rung. Only the latest slot of all may still wait for its ring, since
/// each rings before the next.
fn latest_rung(timetable: &Timetable, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let latest = timetable.latest_at_or_before(now)?;
    if timetable.rings_at(latest) <= now {
        return Some(latest);
    }
    timetable.latest_at_or_before(latest - TimeDelta::nanoseconds(1))
}

/// How many slots there are from `first` until before `end`, up to [`MISSED_CAP`].
fn count_between(timetable: &Timetable, first: DateTime<Utc>, end: DateTime<Utc>) -> u32 {
    successors(Some(first), |slot| timetable.next_after(*slot))
        .take_while(|slot| *slot < end)
        .zip(1..=MISSED_CAP)
        .last()
        .map_or(0, |(_, count)| count)
}
