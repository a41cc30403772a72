//! What the ledger knows of a schedule after each event.

use reissue_connector_api::Kind;

use super::*;
use std::path::Path;

use crate::ledger::Event;
use crate::ledger::alarm::Alarm;
use crate::ledger::slots::{OpenSlot, ServedSlot, Slots};
use crate::source::LeftOut;

const SET: &str = "2026-11-20T12:00:00Z";
const SLOT: &str = "2026-11-22T06:30:00Z";
const LATER: &str = "2026-11-23T06:30:00Z";
const NOW: &str = "2026-11-23T06:30:07Z";

fn set() -> Event {
    Event::ScheduleSet {
        schedule: "daily".into(),
        times: "30 6 * * * UTC".into(),
    }
}

fn opened(slot: &str, missed: u32) -> Event {
    Event::SlotOpened {
        schedule: "daily".into(),
        slot: utc(slot),
        missed,
        asked_by: None,
        since: None,
    }
}

fn asked_for(slot: &str) -> Event {
    Event::SlotOpened {
        schedule: "daily".into(),
        slot: utc(slot),
        missed: 0,
        asked_by: Some("uid 0".into()),
        since: Some(utc(SET)),
    }
}

fn failed() -> Event {
    Event::SlotFailed {
        schedule: "daily".into(),
        fault: note(Kind::Busy),
    }
}

fn served(slot: &str, new: u64) -> Event {
    Event::SlotServed {
        schedule: "daily".into(),
        slot: utc(slot),
        covered: utc(NOW),
        listed: 3,
        new,
    }
}

fn after(events: &[Event]) -> Slots {
    let slots = events.iter().fold(None, |slots, event| {
        Some(Slots::apply(slots, event, utc(SET)))
    });
    slots.unwrap()
}

fn then(slots: &Slots, event: &Event) -> Slots {
    Slots::apply(Some(slots.clone()), event, utc(NOW))
}

#[test]
fn a_schedule_counts_from_when_it_was_set() {
    let slots = after(&[set()]);
    let expected = Slots {
        times: "30 6 * * * UTC".into(),
        set: utc(SET),
        since: utc(SET),
        ..Slots::default()
    };
    assert_eq!(slots, expected);
    let again = then(&slots, &set());
    assert_eq!((again.set, again.since), (utc(NOW), utc(NOW)));
}

#[test]
fn an_opened_slot_is_open_until_it_is_served() {
    let open = then(&after(&[set()]), &opened(SLOT, 2));
    let expected = OpenSlot {
        slot: utc(SLOT),
        since: None,
        fault: None,
    };
    assert_eq!(open.open, Some(expected));
    assert_eq!((open.since, open.missed), (utc(SLOT), 2));

    let failed = then(&open, &failed());
    assert_eq!(failed.open.as_ref().unwrap().fault, Some(note(Kind::Busy)));

    let served = then(&failed, &served(SLOT, 1));
    assert_eq!(served.open, None);
    let expected = ServedSlot {
        slot: utc(SLOT),
        at: utc(NOW),
        covered: utc(NOW),
        listed: 3,
        new: 1,
    };
    assert_eq!(served.served, Some(expected));
    assert_eq!(served.last_new_batch, Some(utc(NOW)));
}

#[test]
fn only_a_new_batch_is_remembered_as_one() {
    let open = after(&[set(), opened(SLOT, 0)]);
    let nothing_new = then(&open, &served(SLOT, 0));
    assert_eq!(nothing_new.last_new_batch, None);
    let first = then(&open, &served(SLOT, 2));
    let second = then(&first, &served(LATER, 0));
    assert_eq!(second.last_new_batch, first.last_new_batch);
}

#[test]
fn slots_that_were_passed_over_are_counted_and_not_served_again() {
    let missed = Event::SlotsMissed {
        schedule: "daily".into(),
        slot: utc(LATER),
        missed: 3,
    };
    let slots = then(&after(&[set()]), &missed);
    assert_eq!((slots.missed, slots.since), (3, utc(LATER)));
    assert_eq!(slots.open, None);

    let overlapped = Event::SlotOverlapped {
        schedule: "daily".into(),
        slot: utc(LATER),
    };
    let open = after(&[set(), opened(SLOT, 0)]);
    let slots = then(&open, &overlapped);
    assert_eq!((slots.overlapped, slots.since), (1, utc(LATER)));
    assert_eq!(slots.open, open.open);
}

#[test]
fn a_slot_that_a_person_asked_for_leaves_the_rhythm_alone() {
    let slots = then(&after(&[set()]), &asked_for(LATER));
    assert_eq!(slots.since, utc(SET));
    let open = slots.open.unwrap();
    assert_eq!((open.slot, open.since), (utc(LATER), Some(utc(SET))));
}

#[test]
fn an_older_slot_does_not_turn_the_rhythm_back() {
    let slots = after(&[set(), opened(LATER, 0)]);
    assert_eq!(then(&slots, &opened(SLOT, 0)).since, utc(LATER));
}

#[test]
fn serving_one_slot_does_not_close_another() {
    let slots = after(&[set(), opened(SLOT, 0), asked_for(LATER)]);
    let served = then(&slots, &served(SLOT, 1));
    assert_eq!(served.open, slots.open);
    assert_eq!(served.served.unwrap().slot, utc(SLOT));
}

#[test]
fn events_that_do_not_fit_change_nothing() {
    let slots = after(&[set()]);
    assert_eq!(then(&slots, &failed()), slots);
    let of_the_daemon = Event::DaemonStarted {
        version: "1".into(),
    };
    assert_eq!(then(&slots, &of_the_daemon), slots);
}

#[test]
fn files_that_were_left_out_are_those_of_the_last_slot() {
    let left_out = |names: &[&str]| Event::InputsLeftOut {
        schedule: "daily".into(),
        files: names
            .iter()
            .map(|name| LeftOut {
                path: name.into(),
                inode: 7,
                why: "it is empty".into(),
            })
            .collect(),
    };
    let both = after(&[set(), left_out(&["a.csv", "b.csv"])]);
    let alarms = |slots: &Slots, there: &str| -> Vec<String> {
        let is_there = |file: &LeftOut| file.path == Path::new(there);
        let alarms = Alarm::of_inputs("daily", slots, is_there).into_iter();
        alarms
            .map(|alarm| format!("{} {}", alarm.about, alarm.text))
            .collect()
    };
    assert_eq!(
        alarms(&both, "b.csv"),
        [
            "b.csv is not read: it is empty (once that is mended, `reissue run daily`, or leave it to the \
             next slot)"
        ]
    );
    assert_eq!(alarms(&both, "c.csv"), [""; 0]);
    let one = after(&[
        set(),
        left_out(&["a.csv", "b.csv"]),
        opened(SLOT, 0),
        left_out(&["a.csv"]),
    ]);
    assert_eq!(alarms(&one, "b.csv"), [""; 0]);
}
