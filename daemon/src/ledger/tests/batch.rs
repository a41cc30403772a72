//! Every edge of a batch's state machine, and every event that is no edge.

use reissue_connector_api::{Found, FoundState, Kind, Origin, Totals};

use super::*;
use crate::ledger::batch::{Collection, SinkState, Work};
use crate::ledger::event::{OutcomeCount, Resolution};
use crate::ledger::{Batch, BatchKey, Event, State};

const BEFORE: &str = "2026-11-22T06:30:00Z";
const NOW: &str = "2026-11-22T07:00:00Z";

fn key() -> BatchKey {
    "acme-uk/15797780137010000506182090".parse().unwrap()
}

pub(super) fn found() -> Event {
    Event::BatchFound {
        batch: key(),
        job: "amex-daily".into(),
        origin: Origin::Found,
        schedule: "daily".into(),
        found: Found::new(key().id, FoundState::Ready),
        first_poll: utc("2026-11-22T06:31:00Z"),
        purge: Some(utc("2026-12-22T06:31:00Z")),
        overdue: utc("2026-11-23T06:31:00Z"),
    }
}

fn failed(kind: Kind, held: bool) -> Event {
    Event::BatchFailed {
        batch: key(),
        fault: note(kind),
        held,
    }
}

pub(super) fn collected(updates: u64, sinks: &[&str]) -> Event {
    Event::Collected {
        batch: key(),
        updates,
        counts: vec![OutcomeCount {
            outcome: "closed".into(),
            code: "ACL".into(),
            reason: "800".into(),
            count: updates,
        }],
        totals: Totals {
            records: Some(updates),
            ..Totals::default()
        },
        mismatches: vec!["one too few".into()],
        cards: None,
        braked: None,
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
    }
}

fn braked() -> Event {
    let mut event = collected(3, &["a", "b"]);
    if let Event::Collected { braked, .. } = &mut event {
        *braked = Some("3 updates".into());
    }
    event
}

pub(super) fn resolved(resolution: Resolution) -> Event {
    Event::Resolved {
        batch: key(),
        resolution,
        by: "uid 0".into(),
    }
}

pub(super) fn redelivered(sinks: &[&str]) -> Event {
    Event::Redelivered {
        batch: key(),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
        by: "uid 0".into(),
    }
}

fn refused() -> Event {
    Event::BatchRefused {
        batch: key(),
        reason: "declined".into(),
    }
}

fn expired() -> Event {
    Event::BatchExpired {
        batch: key(),
        reason: "HTTP 404".into(),
    }
}

pub(super) fn publishing(sink: &str) -> Event {
    Event::Publishing {
        batch: key(),
        sink: sink.into(),
        path: format!("/{sink}/1.jsonl"),
    }
}

pub(super) fn delivered(sink: &str) -> Event {
    Event::Delivered {
        batch: key(),
        sink: sink.into(),
    }
}

pub(super) fn spool_deleted() -> Event {
    Event::SpoolDeleted { batch: key() }
}

/// The batch after these events, all of them long ago.
pub(super) fn after(events: &[Event]) -> Batch {
    let batch = events
        .iter()
        .fold(None, |batch, event| Batch::apply(batch, event, utc(BEFORE)));
    batch.unwrap()
}

pub(super) fn then(batch: &Batch, event: &Event) -> Batch {
    Batch::apply(Some(batch.clone()), event, utc(NOW)).unwrap()
}

/// A batch in each state that it can be in, with the sinks `a` and `b`.
pub(super) fn in_each_state() -> Vec<Batch> {
    let collected = collected(3, &["a", "b"]);
    let lives: [&[Event]; 10] = [
        &[found()],
        &[found(), failed(Kind::Garbled, true)],
        &[found(), braked()],
        &[found(), collected.clone()],
        &[found(), collected.clone(), publishing("a")],
        &[found(), collected.clone(), publishing("a"), delivered("a")],
        &[
            found(),
            collected,
            publishing("a"),
            delivered("a"),
            publishing("b"),
            delivered("b"),
        ],
        &[found(), refused()],
        &[found(), expired()],
        &[found(), braked(), resolved(Resolution::Abandon)],
    ];
    lives.map(after).into()
}

#[test]
fn a_batch_begins_with_being_found() {
    let batch = after(&[found()]);
    let expected = Batch {
        key: key(),
        state: State::Waiting,
        job: "amex-daily".into(),
        origin: Origin::Found,
        schedule: "daily".into(),
        found: Found::new(key().id, FoundState::Ready),
        cards: None,
        change: None,
        unconfirmed: false,
        asked_at: None,
        doubted: false,
        lifted: [].into(),
        refused: 0,
        known_since: utc(BEFORE),
        first_poll: utc("2026-11-22T06:31:00Z"),
        purge: Some(utc("2026-12-22T06:31:00Z")),
        overdue: utc("2026-11-23T06:31:00Z"),
        fault: None,
        collected: None,
        braked: None,
        sinks: [].into(),
        failing: [].into(),
        ended: None,
        changed: utc(BEFORE),
    };
    assert_eq!(batch, expected);
}

#[test]
fn nothing_else_makes_a_batch() {
    for event in [
        failed(Kind::Busy, false),
        Event::BatchWaits { batch: key() },
        collected(1, &["a"]),
        refused(),
        expired(),
        publishing("a"),
        delivered("a"),
        resolved(Resolution::Deliver),
        resolved(Resolution::Abandon),
        redelivered(&["a"]),
        spool_deleted(),
    ] {
        assert_eq!(Batch::apply(None, &event, utc(NOW)), None, "{event:?}");
    }
}

/// Where each event leads from each state; `-` means that it does not fit and changes nothing.
#[test]
fn every_edge() {
    let events = [
        ("found", found()),
        ("failed", failed(Kind::Busy, false)),
        ("held", failed(Kind::Refused, true)),
        ("waits", Event::BatchWaits { batch: key() }),
        ("nothing", collected(0, &["a", "b"])),
        ("no sinks", collected(1, &[])),
        ("updates", collected(3, &["a", "b"])),
        ("refused", refused()),
        ("expired", expired()),
        ("publish a", publishing("a")),
        ("a has it", delivered("a")),
        ("b has it", delivered("b")),
        ("publish c", publishing("c")),
        ("c has it", delivered("c")),
        ("deleted", spool_deleted()),
        ("braked", braked()),
        ("deliver", resolved(Resolution::Deliver)),
        ("abandon", resolved(Resolution::Abandon)),
        ("again", redelivered(&["a"])),
    ];
    let table = [
        "from       found failed held waits nothing no-sinks updates refused expired publish-a a-has-it b-has-it publish-c c-has-it deleted braked deliver abandon again",
        "waiting    - waiting held - delivered delivered collected refused expired - - - - - - held - abandoned -",
        "held       - held held waiting delivered delivered collected refused expired - - - - - - held - abandoned -",
        "braked     - held held - - - - - - - - - - - - - collected abandoned -",
        "collected  - collected collected - - - - - - collected - - - - - - - abandoned -",
        "publishing - collected collected - - - - - - - collected - - - - - - abandoned -",
        "one-has-it - collected collected - - - - - - - - - - - - - - abandoned -",
        "delivered  - - - - - - - - - - - - - - delivered - - - collected",
        "refused    - - - - - - - - - - - - - - - - - - -",
        "expired    - - - - - - - - - - - - - - - - - - -",
        "abandoned  - - - - - - - - - - - - - - abandoned - - - collected",
    ];
    for (row, batch) in table[1..].iter().zip(in_each_state()) {
        let mut row = row.split_whitespace();
        let from = row.next().unwrap();
        for ((name, event), expected) in events.iter().zip(row) {
            let then = then(&batch, event);
            let changed = if then == batch {
                "-"
            } else {
                then.state.as_str()
            };
            assert_eq!(changed, expected, "{name}, from {from}");
        }
    }
}

#[test]
fn a_state_says_since_when_it_is() {
    let waiting = after(&[found()]);
    assert_eq!(
        then(&waiting, &failed(Kind::Busy, false)).changed,
        utc(BEFORE)
    );
    let held = then(&waiting, &failed(Kind::Garbled, true));
    assert_eq!(held.changed, utc(NOW));
    let held = after(&[found(), failed(Kind::Garbled, true)]);
    let again = then(&held, &failed(Kind::Refused, true));
    assert_eq!((again.state, again.changed), (State::Held, utc(BEFORE)));
}

#[test]
fn a_fault_lasts_until_it_is_overcome() {
    let failed_once = after(&[found(), failed(Kind::Busy, false)]);
    assert_eq!(failed_once.fault, Some(note(Kind::Busy)));
    let again = then(&failed_once, &failed(Kind::Unreachable, false));
    assert_eq!(again.fault, Some(note(Kind::Unreachable)));
    assert_eq!(then(&again, &collected(3, &["a"])).fault, None);
    let waits = Event::BatchWaits { batch: key() };
    assert_eq!(then(&again, &waits).fault, None);

    // One sink's success does not overcome another's trouble.
    let trouble = after(&[
        found(),
        collected(3, &["a", "b"]),
        publishing("a"),
        failed(Kind::Unreachable, false),
        delivered("a"),
        publishing("b"),
    ]);
    assert_eq!(trouble.fault, Some(note(Kind::Unreachable)));
    assert_eq!(then(&trouble, &delivered("b")).fault, None);
}

#[test]
fn what_was_collected_is_kept() {
    let batch = then(&after(&[found()]), &collected(3, &["a", "b"]));
    let Event::Collected { counts, totals, .. } = collected(3, &[]) else {
        unreachable!("it is one")
    };
    let expected = Collection {
        at: utc(NOW),
        updates: 3,
        counts,
        totals,
        mismatches: vec!["one too few".into()],
        cards: None,
        spool: true,
    };
    assert_eq!(batch.collected, Some(expected));
    let pending = |sink: &str| (sink.to_owned(), SinkState::Pending);
    assert_eq!(batch.sinks, [pending("a"), pending("b")].into());
}

#[test]
fn a_batch_without_updates_has_no_spool_and_reaches_no_sink() {
    let batch = then(&after(&[found()]), &collected(0, &["a"]));
    assert_eq!(batch.state, State::Delivered);
    assert!(!batch.collected.as_ref().unwrap().spool);
    assert_eq!(batch.sinks, [].into());
    assert!(!batch.is_live());
}

#[test]
fn each_sink_has_its_own_position() {
    let collected = after(&[found(), collected(3, &["a", "b"])]);
    let publishing = then(&collected, &publishing("a"));
    let path = "/a/1.jsonl".to_owned();
    assert_eq!(
        publishing.sinks["a"],
        SinkState::Publishing { path: path.clone() }
    );
    let done = then(&publishing, &delivered("a"));
    let at = utc(NOW);
    assert_eq!(
        done.sinks["a"],
        SinkState::Done {
            path: Some(path),
            at
        }
    );
    assert_eq!(done.sinks["b"], SinkState::Pending);
}

#[test]
fn a_batch_is_live_until_nothing_is_left_to_do() {
    let live: Vec<bool> = in_each_state().iter().map(Batch::is_live).collect();
    let [t, f] = [true, false];
    assert_eq!(live, [t, t, t, t, t, t, t, f, f, t]);
    let delivered = &in_each_state()[6];
    assert!(!then(delivered, &spool_deleted()).is_live());
}

#[test]
fn what_a_person_must_decide_is_not_worked_on() {
    let work: Vec<Option<Work>> = in_each_state().iter().map(Batch::work).collect();
    let collect = Some(Work::Collect);
    let deliver = Some(Work::Deliver);
    let delete = Some(Work::DeleteSpool);
    let expected = [
        collect, collect, None, deliver, deliver, deliver, delete, None, None, delete,
    ];
    assert_eq!(work, expected);
}

#[test]
fn why_it_ended_is_kept() {
    let waiting = after(&[found()]);
    assert_eq!(then(&waiting, &refused()).ended.unwrap(), "declined");
    assert_eq!(then(&waiting, &expired()).ended.unwrap(), "HTTP 404");
    let abandoned = then(&waiting, &resolved(Resolution::Abandon));
    assert_eq!(abandoned.ended.unwrap(), "given up by uid 0");
}
