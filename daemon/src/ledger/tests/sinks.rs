//! A batch on its way to its sinks: what is acknowledged, what fails, and what a person reads of it.

use reissue_connector_api::{Found, FoundState, Origin, Totals};

use super::*;
use crate::ledger::alarm::{Backlogs, Matter};
use crate::ledger::batch::{Batch, Failing, Position, SinkState, State};
use crate::ledger::event::Resolution;
use crate::ledger::{BatchKey, Event};

const BEFORE: &str = "2026-11-22T06:30:00Z";
const LATER: &str = "2026-11-23T06:30:00Z";

fn key() -> BatchKey {
    "acme/1".parse().unwrap()
}

/// Collected, for the sinks `push` and `files`.
fn collected() -> Batch {
    let found = Event::BatchFound {
        batch: key(),
        job: "daily".into(),
        origin: Origin::Found,
        schedule: "daily".into(),
        found: Found::new("1", FoundState::Ready),
        first_poll: utc(BEFORE),
        purge: None,
        overdue: utc(LATER),
    };
    let collected = Event::Collected {
        batch: key(),
        updates: 250,
        counts: Vec::new(),
        totals: Totals::default(),
        mismatches: Vec::new(),
        cards: None,
        braked: None,
        sinks: ["push", "files"].map(str::to_owned).into(),
    };
    let batch = Batch::apply(None, &found, utc(BEFORE));
    Batch::apply(batch, &collected, utc(BEFORE)).unwrap()
}

fn then(batch: &Batch, event: &Event, at: &str) -> Batch {
    Batch::apply(Some(batch.clone()), event, utc(at)).unwrap()
}

fn page(pages: u64, updates: u64) -> Event {
    Event::PageDelivered {
        batch: key(),
        sink: "push".into(),
        pages,
        updates,
    }
}

fn failed(sink: &str, kind: Kind, held: bool) -> Event {
    Event::SinkFailed {
        batch: key(),
        sink: sink.into(),
        fault: note(kind),
        held,
    }
}

fn delivered(sink: &str) -> Event {
    Event::Delivered {
        batch: key(),
        sink: sink.into(),
    }
}

#[test]
fn pages_add_up_to_a_delivery() {
    let first = then(&collected(), &page(1, 100), BEFORE);
    let position = |pages, updates| SinkState::Sending(Position { pages, updates });
    assert_eq!(first.sinks["push"], position(1, 100));
    assert_eq!(first.sinks["files"], SinkState::Pending);
    // One that the journal holds already says nothing new.
    assert_eq!(then(&first, &page(1, 100), LATER), first);
    let all = then(&then(&first, &page(2, 200), BEFORE), &page(3, 250), BEFORE);
    let done = then(&all, &delivered("push"), LATER);
    let at = utc(LATER);
    assert_eq!(done.sinks["push"], SinkState::Done { path: None, at });
    assert_eq!(done.undelivered().collect::<Vec<_>>(), ["files"]);
    assert_eq!(done.state, State::Collected);
    assert_eq!(then(&done, &page(1, 100), LATER), done);
    assert_eq!(
        then(&collected(), &delivered("push"), LATER),
        collected(),
        "nothing of it was acknowledged"
    );
}

#[test]
fn a_sink_that_became_one_of_files_gets_the_whole_batch() {
    let first = then(&collected(), &page(1, 100), BEFORE);
    let publishing = Event::Publishing {
        batch: key(),
        sink: "push".into(),
        path: "/updates/1.jsonl".into(),
    };
    let done = then(
        &then(&first, &publishing, BEFORE),
        &delivered("push"),
        LATER,
    );
    let path = Some("/updates/1.jsonl".to_owned());
    let at = utc(LATER);
    assert_eq!(done.sinks["push"], SinkState::Done { path, at });
}

#[test]
fn a_failure_counts_from_the_first_until_a_page_is_acknowledged() {
    let failing = then(&collected(), &failed("push", Kind::Busy, false), BEFORE);
    let held = then(&failing, &failed("push", Kind::Refused, true), LATER);
    let expected = Failing {
        since: utc(BEFORE),
        fault: note(Kind::Refused),
        held: true,
    };
    assert_eq!(held.failing, [("push".to_owned(), expected)].into());
    assert_eq!(held.state, State::Collected);
    assert!(then(&held, &page(1, 100), LATER).failing.is_empty());
    assert_eq!(
        then(&collected(), &failed("other", Kind::Busy, false), LATER),
        collected()
    );
    let abandon = Event::Resolved {
        batch: key(),
        resolution: Resolution::Abandon,
        by: "uid 0".into(),
    };
    assert!(then(&held, &abandon, LATER).failing.is_empty());
}

#[test]
fn a_sink_is_one_line_however_many_batches_wait_for_it() {
    let waits = collected();
    let failing = then(&waits, &failed("push", Kind::Unreachable, false), BEFORE);
    let held = then(&waits, &failed("push", Kind::Refused, true), BEFORE);
    let backlogs = |batches: &[&Batch]| {
        let mut backlogs = Backlogs::default();
        batches.iter().for_each(|batch| backlogs.count(batch));
        backlogs
    };
    assert_eq!(backlogs(&[&waits]).alarms(), []);

    let backlogs = backlogs(&[&waits, &failing, &failing, &held]);
    assert_eq!(backlogs.of("push").unwrap().batches, 4);
    assert_eq!(backlogs.of("files").unwrap().batches, 4);
    let alarms = backlogs.alarms();
    let told: Vec<_> = alarms.iter().map(|it| (it.matter, &*it.text)).collect();
    assert_eq!(
        told,
        [
            (
                Matter::Held,
                "does not take 1 batch, held and tried once a day: refused. Mend it, then `reissue \
                 batch retry acme/1`"
            ),
            (
                Matter::Failing,
                "fails and is tried again, 4 batches not delivered: unreachable"
            ),
        ]
    );
    assert!(alarms.iter().all(|alarm| alarm.about == "push"));
}
