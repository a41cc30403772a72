//! Daylight saving time, checked in every zone that chrono-tz knows, 2024 to 2040.
//!
//! The expected slots come from the UTC offset at an instant alone, which is neither how chrono
//! maps local times nor how croner walks them.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    iter::successors,
    time::Duration,
};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::{TZ_VARIANTS, Tz};

use reissue_config::Missed;

use crate::schedule::Timetable;

/// Cron texts with the minutes and hours they name.
const DAILY: [(&str, &[u32], &[u32]); 7] = [
    ("0 0 * * *", &[0], &[0]),
    ("30 1 * * *", &[30], &[1]),
    ("30 2 * * *", &[30], &[2]),
    ("30 23 * * *", &[30], &[23]),
    ("0 2,14 * * *", &[0], &[2, 14]),
    ("15,45 0-3 * * *", &[15, 45], &[0, 1, 2, 3]),
    ("59 */6 * * *", &[59], &[0, 6, 12, 18]),
];

#[test]
fn every_local_time_is_one_slot_in_every_zone() {
    let mut seen = HashSet::new();
    let mut changes = BTreeMap::<i32, u32>::new();
    for zone in TZ_VARIANTS {
        let spans = spans(zone);
        if !seen.insert(spans.clone()) {
            continue;
        }
        let ordinary = start() + TimeDelta::days(200);
        check_around(zone, &spans, ordinary);
        for span in &spans[1..] {
            check_around(zone, &spans, span.begin);
            *changes.entry(span.begin.year()).or_default() += 1;
        }
    }
    // Guards the test itself: dozens of distinct zones change their clock twice, every year.
    assert_eq!(
        changes.keys().copied().collect::<Vec<_>>(),
        Vec::from_iter(2024..=2040)
    );
    assert!(changes.values().all(|count| *count > 60), "{changes:?}");
}

/// Compares the slots of a few days around `change`, forwards, backwards and from inside the hours
/// that the change makes disappear or repeat.
fn check_around(zone: Tz, spans: &[Span], change: DateTime<Utc>) {
    let (begin, end) = (change - TimeDelta::hours(40), change + TimeDelta::hours(40));
    for (cron, minutes, hours) in DAILY {
        let context = format!("{cron} in {zone} around {change}");
        let timetable =
            Timetable::new("daily", cron, zone, Duration::ZERO, Missed::RunOnce).unwrap();
        let expected: BTreeSet<_> = local_times(change.date_naive(), minutes, hours)
            .map(|local| first_reaches(spans, local))
            .collect();

        let between: Vec<_> = expected.range(begin..end).copied().collect();
        let forwards: Vec<_> = successors(timetable.next_after(begin - NANOSECOND), |slot| {
            timetable.next_after(*slot)
        })
        .take_while(|slot| *slot < end)
        .collect();
        assert_eq!(forwards, between, "{context}");

        let mut backwards: Vec<_> =
            successors(timetable.latest_at_or_before(end - NANOSECOND), |slot| {
                timetable.latest_at_or_before(*slot - NANOSECOND)
            })
            .take_while(|slot| *slot >= begin)
            .collect();
        backwards.reverse();
        assert_eq!(backwards, between, "{context}, backwards");

        for minutes in [-61, -20, 0, 20, 61] {
            let at = change + TimeDelta::minutes(minutes);
            let (before, after) = (
                expected.range(..=at).last(),
                expected.range(at + NANOSECOND..).next(),
            );
            assert_eq!(
                timetable.latest_at_or_before(at).as_ref(),
                before,
                "{context}, at {at}"
            );
            assert_eq!(
                timetable.next_after(at).as_ref(),
                after,
                "{context}, at {at}"
            );
        }
    }
}

const NANOSECOND: TimeDelta = TimeDelta::nanoseconds(1);

/// The named local times of the days around `date`.
fn local_times(
    date: NaiveDate,
    minutes: &[u32],
    hours: &[u32],
) -> impl Iterator<Item = NaiveDateTime> {
    let days = (date - Days::new(4)).iter_days().take(9);
    days.flat_map(move |day| {
        hours.iter().flat_map(move |hour| {
            minutes.iter().map(move |minute| {
                day.and_time(NaiveTime::from_hms_opt(*hour, *minute, 0).unwrap())
            })
        })
    })
}

/// The oracle: the first instant at which instant + offset is `local` or later.
fn first_reaches(spans: &[Span], local: NaiveDateTime) -> DateTime<Utc> {
    let ends = spans[1..]
        .iter()
        .map(|next| next.begin)
        .chain([DateTime::<Utc>::MAX_UTC]);
    spans
        .iter()
        .zip(ends)
        .map(|(span, end)| (span.begin.max(local.and_utc() - span.offset), end))
        .find(|(candidate, end)| candidate < end)
        .unwrap()
        .0
}

/// A time of constant offset.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Span {
    begin: DateTime<Utc>,
    offset: TimeDelta,
}

/// All spans of `zone` in the years checked, to the second.
fn spans(zone: Tz) -> Vec<Span> {
    let offset = |at: DateTime<Utc>| {
        TimeDelta::seconds(
            zone.offset_from_utc_datetime(&at.naive_utc())
                .fix()
                .local_minus_utc()
                .into(),
        )
    };
    let week = TimeDelta::days(7);
    let mut spans = vec![Span {
        begin: start(),
        offset: offset(start()),
    }];
    let mut begin = start();
    while begin < Utc.with_ymd_and_hms(2041, 1, 1, 0, 0, 0).unwrap() {
        let (mut before, mut after) = (begin, begin + week);
        if offset(before) != offset(after) {
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if offset(middle) == offset(before) {
                    before = middle
                } else {
                    after = middle
                }
            }
            spans.push(Span {
                begin: after,
                offset: offset(after),
            });
        }
        begin = after;
    }
    spans
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).unwrap()
}
