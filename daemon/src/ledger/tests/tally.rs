//! Running sums: whatever happens to submissions, each of their cards is in one place, and what is kept
//! from event to event is what counting anew comes to.

use proptest::prelude::*;
use reissue_connector_api::{Found, FoundState, Totals};

use super::*;
use crate::ledger::event::{CardCounts, OutcomeCount, Resolution};
use crate::ledger::tally::{Fate, Tally};
use crate::ledger::{Batch, BatchKey, Event};

const CARDS: u32 = 10;

fn key(number: u8) -> BatchKey {
    format!("acme/s-{number}").parse().unwrap()
}

/// Everything that can happen to a submission of ten cards.
fn events(number: u8) -> Vec<Event> {
    let batch = || key(number);
    let resolved = |resolution| Event::Resolved {
        batch: batch(),
        resolution,
        by: "uid 0".into(),
    };
    vec![
        Event::SubmissionPlanned {
            batch: batch(),
            job: "inquiry".into(),
            schedule: "weekly".into(),
            cards: CARDS,
            change: None,
        },
        Event::SubmissionSending { batch: batch() },
        Event::SubmissionReturned {
            batch: batch(),
            fault: note(Kind::Busy),
        },
        Event::SubmissionUncertain {
            batch: batch(),
            fault: note(Kind::Unreachable),
        },
        Event::SubmissionAccepted {
            batch: batch(),
            found: Found::new("provider-7", FoundState::Running),
            refused: 3,
            first_poll: utc("2026-11-27T07:00:00Z"),
            purge: None,
            overdue: utc("2026-12-01T07:00:00Z"),
            by: None,
        },
        Event::BatchFailed {
            batch: batch(),
            fault: note(Kind::Garbled),
            held: true,
        },
        Event::BatchWaits { batch: batch() },
        Event::Collected {
            batch: batch(),
            updates: 8,
            counts: [("closed", 5), ("rejected", 3)]
                .map(|(outcome, count)| OutcomeCount {
                    outcome: outcome.into(),
                    code: String::new(),
                    reason: String::new(),
                    count,
                })
                .into(),
            totals: Totals::default(),
            mismatches: Vec::new(),
            cards: Some(CardCounts {
                answered: 5,
                absent: 2,
                rejected: 3,
                ..CardCounts::default()
            }),
            braked: number.is_multiple_of(2).then(|| "too many".into()),
            sinks: vec!["billing".into()],
        },
        Event::BatchRefused {
            batch: batch(),
            reason: "declined".into(),
        },
        Event::BatchExpired {
            batch: batch(),
            reason: "gone".into(),
        },
        resolved(Resolution::NotSent),
        resolved(Resolution::Deliver),
        resolved(Resolution::Abandon),
    ]
}

proptest! {
    #[test]
    fn every_card_is_in_one_place_whatever_happens(
        happened in prop::collection::vec((0_u8..3, 0_usize..13), 0..60)
    ) {
        let mut batches: [Option<Batch>; 3] = [None, None, None];
        let mut tally = Tally::default();
        for (number, which) in happened {
            let batch = &mut batches[usize::from(number)];
            batch.iter().for_each(|batch| tally.take_back(batch));
            let event = &events(number)[which];
            *batch = Batch::apply(batch.take(), event, utc("2026-11-22T07:00:00Z"));
            batch.iter().for_each(|batch| tally.add(batch));

            let known = batches.iter().flatten();
            let mut anew = Tally::default();
            known.clone().for_each(|batch| anew.add(batch));
            prop_assert_eq!(&tally, &anew);
            let planned = known.count() as u64;
            prop_assert_eq!(tally.asked(), planned * u64::from(CARDS));
            prop_assert_eq!(tally.batches.values().sum::<u64>(), planned);
        }
    }
}

#[test]
fn what_became_of_a_card_follows_its_submission() {
    let [
        planned,
        sending,
        _,
        uncertain,
        accepted,
        held,
        _,
        collected,
        refused,
        expired,
        _,
        _,
        abandon,
    ] = &events(1)[..]
    else {
        panic!("there are others");
    };
    type Case<'c> = (&'c [&'c Event], &'c [(Fate, u64)]);
    let cases: [Case<'_>; 9] = [
        (&[planned], &[(Fate::Planned, 10)]),
        (&[planned, sending], &[(Fate::Sending, 10)]),
        (&[planned, sending, uncertain], &[(Fate::Unknown, 10)]),
        (&[planned, sending, uncertain, held], &[(Fate::Held, 10)]),
        (
            &[planned, sending, accepted],
            &[(Fate::Waiting, 7), (Fate::Refused, 3)],
        ),
        (
            &[planned, sending, accepted, collected],
            &[(Fate::Answered, 5), (Fate::Absent, 2), (Fate::Refused, 3)],
        ),
        (&[planned, sending, refused], &[(Fate::Refused, 10)]),
        (
            &[planned, sending, accepted, expired],
            &[(Fate::Refused, 3), (Fate::Expired, 7)],
        ),
        (&[planned, abandon], &[(Fate::Abandoned, 10)]),
    ];
    for (events, expected) in cases {
        let at = utc("2026-11-22T07:00:00Z");
        let apply = |batch, event: &&Event| Batch::apply(batch, event, at);
        let batch = events.iter().fold(None, apply).unwrap();
        let mut tally = Tally::default();
        tally.add(&batch);
        assert_eq!(
            tally.cards,
            expected.iter().copied().collect(),
            "{events:?}"
        );
    }
}
