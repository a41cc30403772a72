//! Every edge of a submission that changes subscriptions, before the provider has it. An addition is a
//! question in this: it is sent once. A removal is sent from wherever it stands, until it is confirmed.

use reissue_connector_api::Fault;

use super::submission::{
    BEFORE, NOW, accepted, after, held, key, refused, resolved, returned, sending, uncertain,
};
use super::*;
use crate::ledger::batch::Work;
use crate::ledger::event::{Change, Resolution};
use crate::ledger::verdict::{Verdict, on_removal};
use crate::ledger::{Batch, Event};

fn planned(change: Change) -> Event {
    Event::SubmissionPlanned {
        batch: key(),
        job: "amex-subscription".into(),
        schedule: "weekly".into(),
        cards: 3,
        change: Some(change),
    }
}

fn in_each_state(change: Change) -> Vec<Batch> {
    let abandoned = || resolved(Resolution::Abandon);
    let lives = [
        vec![],
        vec![sending()],
        vec![sending(), returned()],
        vec![sending(), uncertain()],
        vec![sending(), returned(), held()],
        vec![sending(), uncertain(), held()],
        vec![sending(), accepted()],
        vec![sending(), refused()],
        vec![abandoned()],
        vec![sending(), returned(), abandoned()],
    ];
    let lives = lives.map(|life| after(&[vec![planned(change)], life].concat()));
    lives.into()
}

/// The states after each event, from each state; `-` where nothing changes.
fn check_edges(change: Change, table: &[&str]) {
    let events = [
        sending(),
        returned(),
        uncertain(),
        accepted(),
        held(),
        refused(),
        resolved(Resolution::NotSent),
        resolved(Resolution::Abandon),
    ];
    let states = in_each_state(change);
    assert_eq!(table.len(), states.len() + 1);
    for (row, batch) in table[1..].iter().zip(states) {
        let mut row = row.split_whitespace();
        assert_eq!(row.next(), Some(batch.state.as_str()));
        for (event, expected) in events.iter().zip(row) {
            let then = Batch::apply(Some(batch.clone()), event, utc(NOW)).unwrap();
            let state = match then == batch {
                true => "-",
                false => then.state.as_str(),
            };
            assert_eq!(state, expected, "{change:?}: {event:?}, {batch:#?}");
        }
    }
}

#[test]
fn an_addition_is_sent_from_planned_alone() {
    check_edges(
        Change::Add,
        &[
            "from      sending returned uncertain accepted held    refused not-sent abandon",
            "planned   sending -        -         waiting  held    refused -        abandoned",
            "sending   -       planned  unknown   waiting  held    refused planned  abandoned",
            "planned   sending -        -         waiting  held    refused -        abandoned",
            "unknown   -       -        -         waiting  held    refused planned  abandoned",
            "held      -       -        -         waiting  -       refused planned  abandoned",
            "held      -       -        -         waiting  -       refused planned  abandoned",
            "waiting   -       -        -         -        held    refused -        abandoned",
            "refused   -       -        -         -        -       -       -        -",
            "abandoned -       -        -         -        -       -       -        -",
            "abandoned -       -        -         -        -       -       -        -",
        ],
    );
}

#[test]
fn a_removal_is_sent_from_wherever_it_stands() {
    check_edges(
        Change::Remove,
        &[
            "from      sending returned uncertain accepted held    refused not-sent abandon",
            "planned   sending -        -         waiting  held    refused -        abandoned",
            "sending   sending planned  unknown   waiting  held    refused planned  abandoned",
            "planned   sending -        -         waiting  held    refused -        abandoned",
            "unknown   sending -        -         waiting  held    refused planned  abandoned",
            "held      sending -        -         waiting  -       refused planned  abandoned",
            "held      sending -        -         waiting  -       refused planned  abandoned",
            "waiting   -       -        -         -        held    refused -        abandoned",
            "refused   -       -        -         -        -       -       -        -",
            "abandoned -       -        -         -        -       -       -        -",
            "abandoned -       -        -         -        -       -       -        -",
        ],
    );
}

#[test]
fn what_is_to_be_done_and_what_is_known_in_each_state() {
    use Work::{Collect, Reconcile, Submit};
    // For an addition and a removal: what is next, whether nobody knows if the provider has it, and whether
    // it may have been sent.
    let table = [
        ((Some(Submit), false, false), (Some(Submit), false, false)),
        ((Some(Reconcile), true, true), (Some(Submit), false, true)),
        ((Some(Submit), false, false), (Some(Submit), false, true)),
        ((Some(Reconcile), true, true), (Some(Submit), false, true)),
        ((None, true, false), (Some(Submit), false, true)),
        ((None, true, true), (Some(Submit), false, true)),
        ((Some(Collect), false, true), (Some(Collect), false, true)),
        ((None, false, true), (None, false, true)),
        ((None, false, false), (None, false, false)),
        // A removal goes back to `planned` whatever became of it.
        ((None, false, false), (None, false, true)),
    ];
    let is = |batch: Batch| (batch.work(), batch.is_uncertain(), batch.asked_at.is_some());
    let additions = in_each_state(Change::Add).into_iter();
    let both = additions.zip(in_each_state(Change::Remove));
    for (expected, (addition, removal)) in table.into_iter().zip(both) {
        let state = addition.state;
        assert_eq!((is(addition), is(removal)), expected, "{state:?}");
    }
}

#[test]
fn an_addition_costs_when_it_may_have_been_sent_and_a_removal_never() {
    for (addition, removal) in in_each_state(Change::Add)
        .into_iter()
        .zip(in_each_state(Change::Remove))
    {
        let costs = addition.state.is_open() || addition.asked_at.is_some();
        assert_eq!(addition.counts_on(utc(BEFORE)), costs, "{addition:#?}");
        assert!(!removal.counts_on(utc(BEFORE)), "{removal:#?}");
        // Nobody is asked about a card, so no slot of another job passes it over.
        assert_eq!((addition.asked(), removal.asked()), (None, None));
    }
}

#[test]
fn no_fault_ends_a_removal() {
    let table = [
        (Kind::Settings, Verdict::BackOff),
        (Kind::Credentials, Verdict::BackOff),
        (Kind::Refused, Verdict::Held),
        (Kind::Busy, Verdict::BackOff),
        (Kind::Unreachable, Verdict::BackOff),
        (Kind::Garbled, Verdict::Held),
        (Kind::Gone, Verdict::Held),
        (Kind::Cancelled, Verdict::BackOff),
        (Kind::Unsupported, Verdict::Held),
    ];
    for (kind, verdict) in table {
        let fault = Fault::new(kind, "");
        assert_eq!(on_removal(&fault), verdict, "{kind:?}");
        assert_eq!(on_removal(&fault.sent()), verdict, "{kind:?} after sending");
    }
}
