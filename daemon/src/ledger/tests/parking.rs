//! Which calls a parked account lets through.

use super::*;
use crate::ledger::pace::Task;
use crate::ledger::parking::Parking;

const NOW: &str = "2026-11-22T06:30:00Z";

fn slot(schedule: &str) -> Task {
    Task::Slot(schedule.into())
}

#[test]
fn a_person_has_that_call_tried_that_he_wants() {
    let (a, b, now) = (slot("a"), slot("b"), utc(NOW));
    let mut parking = Parking::default();
    assert!(!parking.refused("acme", &a, "HTTP 401", now));
    assert!(parking.refused("acme", &b, "HTTP 401", now));
    assert!(!parking.admits("acme", &a, now));

    parking.want("acme", &b);

    assert!(!parking.admits("acme", &a, now), "it is not a's turn");
    assert!(parking.admits("acme", &b, now));
    parking.begins("acme", &b, now);
    assert!(!parking.admits("acme", &b, now), "once");
    assert!(parking.admits("acme", &a, utc("2026-11-22T07:30:00Z")));
}
