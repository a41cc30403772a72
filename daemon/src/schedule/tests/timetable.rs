//! Reading cron texts, and jitter.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::utc;
use reissue_config::Missed;

use crate::schedule::{Timetable, TimetableError};

#[test]
fn cron_has_five_fields_or_six_with_leading_seconds() {
    let after = utc("2026-11-22T00:00:00Z");
    let next = |cron| read(cron).unwrap().next_after(after);
    assert_eq!(next("30 6 * * *"), Some(utc("2026-11-22T06:30:00Z")));
    assert_eq!(next("15 30 6 * * *"), Some(utc("2026-11-22T06:30:15Z")));
    assert_eq!(next("0 2 * * MON"), Some(utc("2026-11-23T02:00:00Z")));
}

#[test]
fn day_of_month_and_day_of_week_are_alternatives() {
    let timetable = read("0 2 1 * MON").unwrap();
    let monday = timetable.next_after(utc("2026-11-28T00:00:00Z")).unwrap();
    assert_eq!(monday, utc("2026-11-30T02:00:00Z"));
    assert_eq!(
        timetable.next_after(monday),
        Some(utc("2026-12-01T02:00:00Z"))
    );
}

#[test]
fn what_is_no_cron_text_is_refused_by_name() {
    for cron in [
        "",
        "6 * * *",
        "61 * * * *",
        "0 0 * * FOO",
        "0 0 6 * * * 2026",
    ] {
        let error = read(cron).unwrap_err();
        assert!(
            matches!(error, TimetableError::Unreadable { .. }),
            "{error:?}"
        );
        let named = format!("schedule `report`: cron `{cron}` cannot be read; expected ");
        assert!(error.to_string().starts_with(&named), "{error}");
    }
}

#[test]
fn a_date_that_never_comes_is_refused() {
    let error = read("0 0 30 2 *").unwrap_err();
    assert!(matches!(error, TimetableError::Never { .. }), "{error:?}");
}

#[test]
fn the_second_pass_of_an_hour_has_no_slots() {
    let timetable = Timetable::new(
        "beat",
        "* * * * * *",
        Tz::Europe__London,
        Duration::ZERO,
        Missed::RunOnce,
    )
    .unwrap();
    // 01:59:59 summer time; the clock then shows 01:00:00 to 01:59:59 again.
    let last = utc("2026-10-25T00:59:59Z");
    let resumed = utc("2026-10-25T02:00:00Z");
    for at in ["00:59:59", "01:00:00", "01:20:00", "01:59:59"] {
        let at = utc(&format!("2026-10-25T{at}Z"));
        assert_eq!(timetable.latest_at_or_before(at), Some(last), "{at}");
        assert_eq!(timetable.next_after(at), Some(resumed), "{at}");
    }
}

#[test]
fn jitter_is_the_same_in_every_build() {
    let slot = utc("2026-11-22T06:30:00Z");
    let delays = ["amex-daily", "harvest", "weekly-inquiry"]
        .map(|name| jittered(name, 300).rings_at(slot) - slot);
    assert_eq!(delays, [228, 84, 90].map(TimeDelta::seconds));
}

#[test]
fn jitter_spreads_over_its_range_and_never_reaches_the_next_slot() {
    for (jitter, range) in [(0, 1), (300, 300), (1_000_000, 86_400)] {
        let timetable = jittered("amex-daily", jitter);
        let delays = days(1000).map(|slot| (timetable.rings_at(slot) - slot).num_seconds());
        let (early, late): (Vec<_>, Vec<_>) = delays.partition(|delay| delay * 2 < range);
        assert!(
            early
                .iter()
                .chain(&late)
                .all(|delay| (0..range).contains(delay))
        );
        assert!(
            range == 1 || (400..600).contains(&early.len()),
            "{} early",
            early.len()
        );
    }
}

fn days(count: i32) -> impl Iterator<Item = DateTime<Utc>> {
    (0..count).map(|day| utc("2026-01-01T06:30:00Z") + TimeDelta::days(day.into()))
}

fn jittered(name: &str, seconds: u64) -> Timetable {
    let jitter = Duration::from_secs(seconds);
    Timetable::new(name, "30 6 * * *", Tz::UTC, jitter, Missed::RunOnce).unwrap()
}

fn read(cron: &str) -> Result<Timetable, TimetableError> {
    Timetable::new("report", cron, Tz::UTC, Duration::ZERO, Missed::RunOnce)
}
