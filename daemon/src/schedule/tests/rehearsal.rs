//! What an operator reads about the slots ahead.

use std::time::Duration;

use chrono_tz::Tz;

use super::utc;
use reissue_config::Missed;

use crate::schedule::{Timetable, rehearse};

/// One line per slot: local time, and the note if there is one.
fn lines(cron: &str, zone: Tz, from: &str, to: &str) -> Vec<String> {
    let timetable = Timetable::new("report", cron, zone, Duration::ZERO, Missed::RunOnce).unwrap();
    rehearse(&timetable, utc(from), utc(to))
        .map(|planned| {
            assert_eq!(planned.local, planned.slot);
            let note = planned.note.map(|note| format!(" ({note})"));
            format!(
                "{}{}",
                planned.local.format("%F %R %Z"),
                note.unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn a_gap_is_noted() {
    assert_eq!(
        lines(
            "30 2 * * *",
            Tz::America__New_York,
            "2026-03-07T00:00:00Z",
            "2026-03-10T00:00:00Z"
        ),
        [
            "2026-03-07 02:30 EST",
            "2026-03-08 03:00 EDT (moved: 02:30 does not exist on 2026-03-08)",
            "2026-03-09 02:30 EDT",
        ]
    );
}

#[test]
fn a_gap_that_ends_at_midnight_moves_to_the_next_day() {
    assert_eq!(
        lines(
            "30 23 * * SAT",
            Tz::America__Nuuk,
            "2026-03-25T00:00:00Z",
            "2026-04-06T00:00:00Z"
        ),
        [
            "2026-03-29 00:00 -01 (moved: 23:30 does not exist on 2026-03-28)",
            "2026-04-04 23:30 -01",
        ]
    );
}

#[test]
fn several_times_in_one_gap_are_one_slot() {
    assert_eq!(
        lines(
            "*/20 1-2 * * *",
            Tz::America__New_York,
            "2026-03-08T06:30:00Z",
            "2026-03-09T00:00:00Z"
        ),
        [
            "2026-03-08 01:40 EST",
            "2026-03-08 03:00 EDT (moved: 02:00 does not exist on 2026-03-08)",
        ]
    );
}

#[test]
fn a_repeated_time_is_noted() {
    assert_eq!(
        lines(
            "30 1 * * *",
            Tz::Europe__London,
            "2026-10-24T00:00:00Z",
            "2026-10-26T23:00:00Z"
        ),
        [
            "2026-10-24 01:30 BST",
            "2026-10-25 01:30 BST (01:30 exists twice; runs at the first)",
            "2026-10-26 01:30 GMT",
        ]
    );
}

#[test]
fn times_beside_a_change_are_not_noted() {
    assert_eq!(
        lines(
            "59 0,1 * * *",
            Tz::America__New_York,
            "2026-03-08T00:00:00Z",
            "2026-03-09T00:00:00Z"
        ),
        ["2026-03-08 00:59 EST", "2026-03-08 01:59 EST"]
    );
    assert_eq!(
        lines(
            "0 2,3 * * *",
            Tz::Europe__London,
            "2026-10-25T00:00:00Z",
            "2026-10-25T12:00:00Z"
        ),
        ["2026-10-25 02:00 GMT", "2026-10-25 03:00 GMT"]
    );
    // The first instant after the gap, and named by the text itself.
    assert_eq!(
        lines(
            "0 3 * * *",
            Tz::America__New_York,
            "2026-03-08T00:00:00Z",
            "2026-03-09T00:00:00Z"
        ),
        ["2026-03-08 03:00 EDT"]
    );
}

#[test]
fn from_is_included_and_to_is_not() {
    assert_eq!(
        lines(
            "0 * * * *",
            Tz::UTC,
            "2026-11-22T05:00:00Z",
            "2026-11-22T07:00:00Z"
        ),
        ["2026-11-22 05:00 UTC", "2026-11-22 06:00 UTC"]
    );
}
