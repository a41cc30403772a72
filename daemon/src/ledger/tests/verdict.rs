//! What a fault means, and how long to wait after it.

use std::time::Duration;

use reissue_connector_api::Fault;

use super::*;
use crate::ledger::verdict::{HELD, Verdict, back_off, granted, held_for, on_batch};

const NOW: &str = "2026-11-22T06:30:00Z";

#[test]
fn only_gone_ends_a_batch() {
    let table = [
        (Kind::Settings, Verdict::BackOff),
        (Kind::Credentials, Verdict::BackOff),
        (Kind::Refused, Verdict::Held),
        (Kind::Busy, Verdict::BackOff),
        (Kind::Unreachable, Verdict::BackOff),
        (Kind::Garbled, Verdict::Held),
        (Kind::Gone, Verdict::Expired),
        (Kind::Cancelled, Verdict::Nothing),
        (Kind::Unsupported, Verdict::Held),
    ];
    for (kind, verdict) in table {
        for purge in [None, Some(utc("2026-11-22T06:30:01Z"))] {
            let fault = Fault::new(kind, "");
            assert_eq!(on_batch(&fault, purge, utc(NOW)), verdict, "{kind:?}");
        }
    }
}

#[test]
fn what_is_held_past_its_purge_has_expired() {
    let purged = Some(utc("2026-11-22T06:29:59Z"));
    let verdict = |kind| on_batch(&Fault::new(kind, ""), purged, utc(NOW));
    for kind in [Kind::Refused, Kind::Garbled, Kind::Unsupported] {
        assert_eq!(verdict(kind), Verdict::Expired, "{kind:?}");
    }
    // Nobody has said that it is gone.
    for kind in [Kind::Busy, Kind::Unreachable, Kind::Credentials] {
        assert_eq!(verdict(kind), Verdict::BackOff, "{kind:?}");
    }
}

#[test]
fn what_is_held_is_tried_daily_and_more_often_towards_its_purge() {
    let waits = |purge: &str| held_for(Some(utc(purge)), utc(NOW)).as_secs();
    assert_eq!(held_for(None, utc(NOW)), HELD);
    assert_eq!(waits("2026-11-29T06:30:00Z"), 86_400);
    assert_eq!(waits("2026-11-23T06:30:00Z"), 43_200);
    assert_eq!(waits("2026-11-22T06:31:00Z"), 600);
    assert_eq!(waits("2026-11-21T06:30:00Z"), 86_400, "the last look");
}

#[test]
fn a_provider_that_wants_to_be_left_alone_is_asked_before_it_purges() {
    let day = Duration::from_secs(86_400);
    let granted = |wish, purge| granted(wish, purge, utc(NOW)).as_secs();
    assert_eq!(granted(day, None), 86_400);
    assert_eq!(granted(day * 365, None), 86_400);
    assert_eq!(granted(day, Some(utc("2026-11-22T09:30:00Z"))), 5_400);
    let hour = Duration::from_secs(3_600);
    assert_eq!(granted(hour, Some(utc("2026-11-22T09:30:00Z"))), 3_600);
}

#[test]
fn waits_double_up_to_an_hour() {
    let waits = |kind, failures: &[u32]| {
        let fault = Fault::new(kind, "");
        let waits = failures.iter().map(|count| back_off(&fault, *count));
        waits.map(|wait| wait.as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(
        waits(Kind::Busy, &[1, 2, 3, 8, 9, 10, 100, u32::MAX]),
        [10, 20, 40, 1_280, 2_560, 3_600, 3_600, 3_600]
    );
    assert_eq!(
        waits(Kind::Credentials, &[1, 2, 3, 4, u32::MAX]),
        [600, 1_200, 2_400, 3_600, 3_600]
    );
    assert_eq!(waits(Kind::Settings, &[1]), [600]);
    // A count that makes no sense is as good as the first failure.
    assert_eq!(waits(Kind::Busy, &[0]), [10]);
}

#[test]
fn a_provider_that_asks_for_time_gets_it_up_to_a_day() {
    let asking = |seconds| {
        let after = Some(Duration::from_secs(seconds));
        back_off(&Fault::new(Kind::Busy, "").retry_after(after), 1)
    };
    assert_eq!(asking(0), Duration::from_secs(10));
    assert_eq!(asking(9), Duration::from_secs(10));
    assert_eq!(asking(90), Duration::from_secs(90));
    assert_eq!(asking(7_200), Duration::from_secs(7_200));
    assert_eq!(asking(365 * 86_400), HELD);
}
