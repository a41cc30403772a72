//! One slot is owed at a time, each once, whatever the clock and the bell do.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::{prelude::*, sample::select, test_runner::RngSeed};

use super::utc;
use reissue_config::Missed;

use crate::schedule::{Due, MISSED_CAP, Planned, Timetable, due, due::GRACE, rehearse};

#[test]
fn a_slot_is_owed_from_its_ring_until_it_is_served() {
    let timetable = daily(Missed::RunOnce);
    let (since, slot) = (utc("2026-01-05T12:00:00Z"), utc("2026-01-06T06:30:00Z"));
    let ring = timetable.rings_at(slot);
    let owed = Due::Slot { slot, missed: 0 };
    let tomorrow = timetable.rings_at(slot + TimeDelta::days(1));

    assert!(ring > slot, "this day was chosen to have a delay");
    assert_eq!(due(&timetable, since, slot), Due::Later(Some(ring)));
    assert_eq!(due(&timetable, since, ring), owed);
    assert_eq!(due(&timetable, since, ring + TimeDelta::hours(2)), owed);
    assert_eq!(due(&timetable, slot, ring), Due::Later(Some(tomorrow)));
}

#[test]
fn downtime_leaves_one_slot_to_run_or_to_pass_over() {
    let (since, now) = (utc("2026-01-05T06:30:00Z"), utc("2026-01-15T12:00:00Z"));
    let (slot, missed) = (utc("2026-01-15T06:30:00Z"), 9);
    let (run, pass_over) = (Due::Slot { slot, missed }, Due::PassOver { slot, missed });
    assert_eq!(due(&daily(Missed::RunOnce), since, now), run);
    assert_eq!(due(&daily(Missed::Skip), since, now), pass_over);
}

#[test]
fn skipping_still_runs_a_slot_that_is_hardly_late() {
    let timetable = daily(Missed::Skip);
    let (since, slot) = (utc("2026-01-03T06:30:00Z"), utc("2026-01-05T06:30:00Z"));
    let (on_time, missed) = (timetable.rings_at(slot) + GRACE, 1);
    let late = on_time + TimeDelta::seconds(1);
    assert_eq!(due(&timetable, since, on_time), Due::Slot { slot, missed });
    assert_eq!(due(&timetable, since, late), Due::PassOver { slot, missed });
}

#[test]
fn a_clock_that_went_back_owes_nothing() {
    let timetable = daily(Missed::RunOnce);
    let since = utc("2026-01-05T06:30:00Z");
    let next = timetable.rings_at(utc("2026-01-06T06:30:00Z"));
    for back in [TimeDelta::seconds(1), TimeDelta::days(3650)] {
        assert_eq!(due(&timetable, since, since - back), Due::Later(Some(next)));
    }
}

#[test]
fn a_year_of_missed_seconds_is_one_slot_and_a_capped_count() {
    let timetable = timetable("* * * * * *", Tz::UTC, 0, Missed::RunOnce);
    let now = utc("2026-11-22T05:00:00.250Z");
    let owed = Due::Slot {
        slot: utc("2026-11-22T05:00:00Z"),
        missed: MISSED_CAP,
    };
    assert_eq!(due(&timetable, now - TimeDelta::days(365), now), owed);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8,
        rng_seed: RngSeed::Fixed(10),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// About a year with downtimes of up to twenty days.
    #[test]
    fn downtime_never_repeats_or_disorders_slots(
        timetable in timetables(),
        gaps in prop::collection::vec(prop_oneof![8 => 1..1800_i64, 1 => 3600..20 * 86_400_i64], 330),
    ) {
        let served = serve(&timetable, &gaps);
        prop_assert!(served.is_sorted_by(|earlier, later| earlier.0 < later.0));
    }

    /// The bell is late by up to fifty minutes, or rings many times.
    #[test]
    fn rings_lost_or_added_change_nothing(gaps in prop::collection::vec(0..3000_i64, 500)) {
        let timetable = timetable("0 * * * *", Tz::Europe__London, 300, Missed::RunOnce);
        let end = START + TimeDelta::seconds(gaps.iter().sum());
        let all: Vec<_> = rehearse(&timetable, START, end)
            .filter(|planned| planned.rings_at <= end)
            .map(|planned| (planned.slot, 0))
            .collect();
        prop_assert_eq!(serve(&timetable, &gaps), all);
    }
}

/// A few weeks before clocks change in most zones.
const START: DateTime<Utc> = DateTime::from_timestamp(1_772_366_400, 0).unwrap();

/// Looks at the clock after each gap, in seconds, and serves what is owed, comparing each answer
/// with a plain list of all slots. Returns the slots with their counts of missed ones.
fn serve(timetable: &Timetable, gaps: &[i64]) -> Vec<(DateTime<Utc>, u32)> {
    let end = START + TimeDelta::seconds(gaps.iter().sum());
    let all: Vec<_> = rehearse(timetable, START, end).collect();
    let (mut since, mut now) = (START - TimeDelta::seconds(1), START);
    let (mut passed, mut served) = (0, vec![]);
    for gap in gaps {
        now += TimeDelta::seconds(*gap);
        let rung = all.partition_point(|planned| planned.rings_at <= now);
        let expected = match rung - passed {
            0 => Due::Later(
                timetable
                    .next_after(since)
                    .map(|next| timetable.rings_at(next)),
            ),
            owed => {
                let Planned { slot, rings_at, .. } = all[rung - 1];
                let missed = u32::try_from(owed - 1).unwrap();
                if timetable.missed() == Missed::Skip && now - rings_at > GRACE {
                    Due::PassOver { slot, missed }
                } else {
                    Due::Slot { slot, missed }
                }
            }
        };
        let answer = due(timetable, since, now);
        assert_eq!(answer, expected, "at {now}");
        if let Due::Slot { slot, missed } | Due::PassOver { slot, missed } = answer {
            served.push((slot, missed));
            since = slot;
            let again = due(timetable, since, now);
            assert!(matches!(again, Due::Later(_)), "{again:?} again at {now}");
        }
        passed = rung;
    }
    served
}

fn timetables() -> impl Strategy<Value = Timetable> {
    let zones = vec![
        Tz::UTC,
        Tz::Europe__London,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::Africa__Casablanca,
    ];
    (
        select(vec!["0 * * * *", "30 1,2 * * *", "20,50 0-3 * * *"]),
        select(zones),
        // The last is longer than any interval: rings must still keep their order.
        select(vec![0, 300, 100_000]),
        select(vec![Missed::RunOnce, Missed::Skip]),
    )
        .prop_map(|(cron, zone, jitter, missed)| timetable(cron, zone, jitter, missed))
}

fn daily(missed: Missed) -> Timetable {
    timetable("30 6 * * *", Tz::Europe__London, 300, missed)
}

fn timetable(cron: &str, zone: Tz, jitter: u64, missed: Missed) -> Timetable {
    Timetable::new("report", cron, zone, Duration::from_secs(jitter), missed).unwrap()
}
