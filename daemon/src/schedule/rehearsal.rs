//! The slots ahead, as `reissue schedules` and `reissue check` print them, and what a daemon that was
//! down meanwhile would make of them.
//!
//! The slots come from the same [`Timetable`] that [`due`] asks, and the catching up from `due`
//! itself, so what is printed is what will happen.

use std::iter::successors;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    due::{Due, due},
    timetable::Timetable,
    wall_clock,
};

/// One slot to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The planned instant.
    pub slot: DateTime<Utc>,
    /// What the clock of the schedule's zone shows then.
    pub local: DateTime<Tz>,
    /// When it rings, jitter included.
    pub rings_at: DateTime<Utc>,
    /// What daylight saving time did to it.
    pub note: Option<String>,
}

/// Every slot from `from` until before `to`, in order and without end if `to` is far: take as many
/// as are wanted.
pub fn rehearse(
    timetable: &Timetable,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = Planned> {
    let first = timetable.next_after(from - TimeDelta::nanoseconds(1));
    successors(first, |slot| timetable.next_after(*slot))
        .take_while(move |slot| *slot < to)
        .map(|slot| Planned {
            slot,
            local: slot.with_timezone(&timetable.timezone()),
            rings_at: timetable.rings_at(slot),
            note: note(timetable, slot),
        })
}

/// What a daemon does at `to` that was down since `from`; nothing where no slot was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// The slots that were missed, up to [`MISSED_CAP`](super::MISSED_CAP) and one more.
    pub missed: u32,
    /// The one of them that is served for all; none where they are passed over.
    pub serves: Option<DateTime<Utc>>,
}

/// Rehearses a downtime.
pub fn catch_up(timetable: &Timetable, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<CatchUp> {
    let (serves, before) = match due(timetable, from - TimeDelta::nanoseconds(1), to) {
        Due::Slot { slot, missed } => (Some(slot), missed),
        Due::PassOver { missed, .. } => (None, missed),
        Due::Later(_) => return None,
    };
    Some(CatchUp {
        missed: before + 1,
        serves,
    })
}

fn note(timetable: &Timetable, slot: DateTime<Utc>) -> Option<String> {
    let named = timetable.names(slot);
    let time = named.format("%R");
    if named < wall_clock::shows(timetable.timezone(), slot) {
        Some(format!("moved: {time} does not exist on {}", named.date()))
    } else if wall_clock::repeats(timetable.timezone(), named) {
        Some(format!("{time} exists twice; runs at the first"))
    } else {
        None
    }
}
