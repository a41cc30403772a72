//! Every edge of a submission before the provider has it. What may not be is repeating a request that
//! may have arrived: from `sending` and `unknown` no event but a provider's word, a request that cannot
//! have left, or a person leads back to `planned`.

use chrono::TimeDelta;
use reissue_connector_api::{Fault, Found, FoundState, Kind, Totals, mask_pans};

use super::*;
use crate::ledger::batch::Work;
use crate::ledger::event::{CardCounts, Resolution};
use crate::ledger::plan::new_id;
use crate::ledger::verdict::{Sent, on_submission, reconcile_again};
use crate::ledger::{Batch, BatchKey, Event, State};

pub(super) const BEFORE: &str = "2026-11-22T06:30:00Z";
pub(super) const NOW: &str = "2026-11-22T07:00:00Z";

pub(super) fn key() -> BatchKey {
    "acme/s-1".parse().unwrap()
}

fn planned() -> Event {
    Event::SubmissionPlanned {
        batch: key(),
        job: "inquiry".into(),
        schedule: "weekly".into(),
        cards: 3,
        change: None,
    }
}

pub(super) fn sending() -> Event {
    Event::SubmissionSending { batch: key() }
}

pub(super) fn returned() -> Event {
    Event::SubmissionReturned {
        batch: key(),
        fault: note(Kind::Busy),
    }
}

pub(super) fn uncertain() -> Event {
    Event::SubmissionUncertain {
        batch: key(),
        fault: note(Kind::Unreachable),
    }
}

pub(super) fn accepted() -> Event {
    Event::SubmissionAccepted {
        batch: key(),
        found: Found::new("provider-7", FoundState::Running),
        refused: 1,
        first_poll: utc("2026-11-27T07:00:00Z"),
        purge: Some(utc("2026-12-07T07:00:00Z")),
        overdue: utc("2026-12-01T07:00:00Z"),
        by: None,
    }
}

pub(super) fn held() -> Event {
    Event::BatchFailed {
        batch: key(),
        fault: note(Kind::Unreachable),
        held: true,
    }
}

pub(super) fn refused() -> Event {
    Event::BatchRefused {
        batch: key(),
        reason: "declined".into(),
    }
}

pub(super) fn resolved(resolution: Resolution) -> Event {
    Event::Resolved {
        batch: key(),
        resolution,
        by: "uid 0".into(),
    }
}

pub(super) fn after(events: &[Event]) -> Batch {
    let batch = events
        .iter()
        .fold(None, |batch, event| Batch::apply(batch, event, utc(BEFORE)));
    batch.unwrap()
}

fn in_each_state() -> Vec<Batch> {
    let lives: [&[Event]; 7] = [
        &[planned()],
        &[planned(), sending()],
        &[planned(), sending(), uncertain()],
        &[planned(), sending(), uncertain(), held()],
        &[planned(), sending(), accepted()],
        &[planned(), sending(), refused()],
        &[planned(), resolved(Resolution::Abandon)],
    ];
    lives.map(after).into()
}

#[test]
fn an_id_is_short_and_never_masked_as_a_card_number() {
    for _ in 0..10_000 {
        let id = new_id(utc(NOW));
        assert!(id.len() <= 25, "{id}");
        assert_eq!(mask_pans(&id), None, "{id}");
    }
}

#[test]
fn every_edge() {
    let events = [
        planned(),
        sending(),
        returned(),
        uncertain(),
        accepted(),
        held(),
        refused(),
        resolved(Resolution::NotSent),
        resolved(Resolution::Deliver),
        resolved(Resolution::Abandon),
    ];
    let table = [
        "from      planned sending returned uncertain accepted held refused not-sent deliver abandon",
        "planned   - sending - - waiting held refused - - abandoned",
        "sending   - - planned unknown waiting held refused planned - abandoned",
        "unknown   - - - - waiting held refused planned - abandoned",
        "held      - - - - waiting held refused planned - abandoned",
        "waiting   - - - - - held refused - - abandoned",
        "refused   - - - - - - - - - -",
        "abandoned - - - - - - - - - -",
    ];
    for (row, batch) in table[1..].iter().zip(in_each_state()) {
        let mut row = row.split_whitespace();
        let from = row.next().unwrap();
        for (event, expected) in events.iter().zip(row) {
            let then = Batch::apply(Some(batch.clone()), event, utc(NOW)).unwrap();
            let changed = then != batch || then.changed != batch.changed;
            let state = if changed || expected == then.state.as_str() {
                then.state.as_str()
            } else {
                "-"
            };
            assert_eq!(state, expected, "{event:?}, from {from}");
        }
    }
}

#[test]
fn what_is_to_be_done_in_each_state() {
    let work: Vec<Option<Work>> = in_each_state().iter().map(Batch::work).collect();
    let expected = [
        Some(Work::Submit),
        Some(Work::Reconcile),
        Some(Work::Reconcile),
        None,
        Some(Work::Collect),
        None,
        None,
    ];
    assert_eq!(work, expected);
}

#[test]
fn what_the_provider_says_of_it_is_kept_under_our_own_name() {
    let batch = &in_each_state()[4];
    assert_eq!(batch.key, key());
    assert_eq!(batch.found.id, "provider-7");
    assert_eq!(batch.found.submission.as_deref(), Some("s-1"));
    assert_eq!((batch.cards, batch.refused), (Some(3), 1));
    assert_eq!(batch.first_poll, utc("2026-11-27T07:00:00Z"));
    // What is held after that is held for its results, and tried again.
    let held = Batch::apply(Some(batch.clone()), &held(), utc(NOW)).unwrap();
    assert_eq!(
        (held.state, held.work()),
        (State::Held, Some(Work::Collect))
    );
}

#[test]
fn its_cards_are_needed_until_their_answers_are_here() {
    let needed: Vec<bool> = in_each_state().iter().map(Batch::needs_cards).collect();
    assert_eq!(needed, [true, true, true, true, true, false, false]);
    let waiting = in_each_state().remove(4);
    assert_eq!(waiting.asked_at, Some(utc(BEFORE)));

    let cards = CardCounts {
        answered: 1,
        absent: 1,
        rejected: 1,
        aside: 2,
        suppressed: 0,
    };
    let nothing_to_deliver = Event::Collected {
        batch: key(),
        updates: 0,
        counts: Vec::new(),
        totals: Totals::default(),
        mismatches: Vec::new(),
        cards: Some(cards),
        braked: None,
        sinks: vec!["billing".into()],
    };
    let done = Batch::apply(Some(waiting), &nothing_to_deliver, utc(NOW)).unwrap();
    assert_eq!((done.state, done.needs_cards()), (State::Delivered, false));
    // What was set aside is kept for a while and never delivered.
    assert!(done.has_spool() && !done.has_updates() && !done.suppresses());
    let again = Event::Redelivered {
        batch: key(),
        sinks: vec!["billing".into()],
        by: "uid 0".into(),
    };
    let still = Batch::apply(Some(done), &again, utc(NOW)).unwrap();
    assert_eq!(still.state, State::Delivered);
}

#[test]
fn only_what_is_certain_is_sent_again() {
    let verdict = |kind, sent| {
        let fault = Fault::new(kind, "");
        on_submission(&if sent { fault.sent() } else { fault })
    };
    let table = [
        (Kind::Busy, Sent::No, Sent::Unknown),
        (Kind::Unreachable, Sent::No, Sent::Unknown),
        (Kind::Settings, Sent::No, Sent::Unknown),
        (Kind::Cancelled, Sent::No, Sent::Unknown),
        (Kind::Credentials, Sent::No, Sent::No),
        (Kind::Refused, Sent::Held, Sent::Refused),
        (Kind::Gone, Sent::Held, Sent::Refused),
        (Kind::Garbled, Sent::Held, Sent::Unknown),
        (Kind::Unsupported, Sent::Held, Sent::Unknown),
    ];
    for (kind, not_sent, sent) in table {
        assert_eq!(verdict(kind, false), not_sent, "{kind:?}");
        assert_eq!(verdict(kind, true), sent, "{kind:?} after sending");
    }
}

#[test]
fn the_provider_is_asked_again_after_ten_minutes_an_hour_and_a_day() {
    let again = |seconds| reconcile_again(TimeDelta::seconds(seconds)).map(|wait| wait.as_secs());
    assert_eq!(again(-86_400), Some(600), "a clock that was set back");
    assert_eq!(again(0), Some(600));
    assert_eq!(again(1), Some(599));
    assert_eq!(again(600), Some(3_000));
    assert_eq!(again(3_600), Some(82_800));
    assert_eq!(again(86_399), Some(1));
    assert_eq!(again(86_400), None);
}

#[test]
fn a_card_was_asked_about_unless_it_is_known_that_nobody_was_asked() {
    let abandon = || resolved(Resolution::Abandon);
    let not_sent = || resolved(Resolution::NotSent);
    let now = utc(NOW);
    let sent = Some(utc(NOW));
    // What happened; since when a card counts as asked about; whether it counts towards the day.
    let cases: [(Vec<Event>, Option<_>, bool); 11] = [
        (vec![], Some(utc(BEFORE)), true),
        (vec![sending()], sent, true),
        (vec![sending(), returned()], Some(utc(BEFORE)), true),
        (
            vec![sending(), uncertain(), not_sent()],
            Some(utc(BEFORE)),
            true,
        ),
        (vec![sending(), uncertain(), abandon()], sent, true),
        (vec![sending(), accepted(), abandon()], sent, true),
        // A listing shows it although we thought that nothing was sent.
        (vec![accepted(), abandon()], Some(utc(BEFORE)), true),
        (vec![sending(), refused()], None, true),
        (vec![abandon()], None, false),
        (vec![sending(), returned(), abandon()], None, false),
        (
            vec![sending(), uncertain(), not_sent(), abandon()],
            None,
            false,
        ),
    ];
    for (events, asked, counts) in cases {
        let planned = Batch::apply(None, &planned(), utc(BEFORE)).unwrap();
        let batch = events.iter().fold(planned, |batch, event| {
            Batch::apply(Some(batch), event, now).unwrap()
        });
        assert_eq!(batch.asked(), asked, "{events:?}");
        assert_eq!(batch.counts_on(now), counts, "{events:?}");
        let tomorrow = now + TimeDelta::days(1);
        let still_to_send = batch.state == State::Planned;
        assert_eq!(batch.counts_on(tomorrow), still_to_send, "{events:?}");
    }
}
