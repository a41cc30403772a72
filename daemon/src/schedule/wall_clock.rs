//! A zone's wall clock: local times to instants and back.
//!
//! Local times are written `NaiveDateTime`, instants `DateTime<Utc>`. Each is in order, but their
//! mapping has gaps and folds; the functions here are all that knows about them.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The first instant at which the clock shows `local` or, where it jumps over it, a later time.
pub(super) fn first_reaches(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => GapInfo::new(&local, &zone)
            .and_then(|gap| gap.end)
            .expect("a local time is missing only between two of its zone's offsets")
            .to_utc(),
    }
}

/// What the clock shows at `instant`.
pub(super) fn shows(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

/// A local time not before any that the clock has shown up to `instant`.
///
/// That is what it shows, except in the second pass of a repeated hour: there the clock has shown
/// later times already, at most by as much as it was set back.
pub(super) fn has_shown_at_most(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    let local = shows(zone, instant);
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Ambiguous(first, second) if second <= instant => local + (second - first),
        _ => local,
    }
}

/// The first local time that the clock jumped over to land on what it shows at `instant`.
pub(super) fn skipped_from(zone: Tz, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
    let second = TimeDelta::seconds(1);
    let expected = shows(zone, instant - second) + second;
    (expected < shows(zone, instant)).then_some(expected)
}

/// Whether the clock shows `local` twice.
pub(super) fn repeats(zone: Tz, local: NaiveDateTime) -> bool {
    matches!(
        zone.from_local_datetime(&local),
        MappedLocalTime::Ambiguous(..)
    )
}
