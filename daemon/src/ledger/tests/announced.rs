//! A batch that was announced to us, until the provider answers for it.

use reissue_connector_api::{Fault, Found, FoundState, Origin};

use super::*;
use crate::ledger::batch::{Calls, Work};
use crate::ledger::verdict::{Verdict, on_unconfirmed};
use crate::ledger::{Batch, BatchKey, Event, State};

const AT: &str = "2026-11-22T06:00:00Z";
const PURGE: &str = "2026-11-23T12:00:00Z";

fn key() -> BatchKey {
    "acme/e1".parse().unwrap()
}

fn announced() -> Event {
    Event::BatchFound {
        batch: key(),
        job: "subscription".into(),
        origin: Origin::Announced,
        schedule: "daily".into(),
        found: Found::new(key().id, FoundState::Ready),
        first_poll: utc(AT),
        purge: Some(utc(PURGE)),
        overdue: utc(PURGE),
    }
}

fn failed(kind: Kind, held: bool) -> Event {
    Event::BatchFailed {
        batch: key(),
        fault: note(kind),
        held,
    }
}

fn after(events: &[Event]) -> Batch {
    let first = Batch::apply(None, &announced(), utc(AT)).unwrap();
    let after = |batch, event| Batch::apply(Some(batch), event, utc(AT)).unwrap();
    events.iter().fold(first, after)
}

#[test]
fn what_a_provider_answers_confirms_it_and_what_it_refuses_does_not() {
    let unfounded = Event::BatchUnfounded { batch: key() };
    let waits = Event::BatchWaits { batch: key() };
    // The events, the state, whether it is unconfirmed, and what is to be done.
    let confirm = Some(Work::Confirm);
    let stories = [
        (vec![], State::Waiting, true, confirm),
        (
            vec![failed(Kind::Busy, false)],
            State::Waiting,
            true,
            confirm,
        ),
        (
            vec![failed(Kind::Refused, false)],
            State::Waiting,
            true,
            confirm,
        ),
        (
            vec![failed(Kind::Garbled, true)],
            State::Held,
            false,
            Some(Work::Collect),
        ),
        (
            vec![waits.clone()],
            State::Waiting,
            false,
            Some(Work::Collect),
        ),
        (
            vec![failed(Kind::Refused, false), waits.clone()],
            State::Waiting,
            false,
            Some(Work::Collect),
        ),
        (
            vec![failed(Kind::Refused, false), unfounded.clone()],
            State::Unfounded,
            true,
            None,
        ),
        (
            vec![waits, unfounded],
            State::Waiting,
            false,
            Some(Work::Collect),
        ),
    ];
    for (events, state, unconfirmed, work) in stories {
        let batch = after(&events);
        let found = (batch.state, batch.unconfirmed, batch.work());
        assert_eq!(found, (state, unconfirmed, work), "{events:?}");
    }
    assert_eq!(Work::Confirm.calls(), Calls::Unconfirmed);
}

#[test]
fn what_the_provider_does_not_know_has_a_day_to_become_known() {
    let (new, known) = (after(&[]), after(&[failed(Kind::Refused, false)]));
    let verdict = |batch: &Batch, kind, at| on_unconfirmed(batch, &Fault::new(kind, ""), utc(at));
    for kind in [Kind::Refused, Kind::Gone] {
        for batch in [&new, &known] {
            assert_eq!(verdict(batch, kind, AT), Verdict::Unknown);
            assert_eq!(
                verdict(batch, kind, "2026-11-23T05:59:59Z"),
                Verdict::Unknown
            );
            assert_eq!(
                verdict(batch, kind, "2026-11-23T06:00:00Z"),
                Verdict::Unfounded
            );
        }
        // Whether it was there before it was to be purged, only a batch tells that was looked for then.
        assert_eq!(
            verdict(&new, kind, "2026-11-23T12:00:01Z"),
            Verdict::Expired
        );
        assert_eq!(
            verdict(&known, kind, "2026-11-23T12:00:01Z"),
            Verdict::Unfounded
        );
    }
    for kind in [Kind::Busy, Kind::Unreachable, Kind::Credentials] {
        assert_eq!(
            verdict(&known, kind, "2026-12-23T06:00:00Z"),
            Verdict::BackOff
        );
    }
    assert_eq!(verdict(&new, Kind::Garbled, AT), Verdict::Held);
}
