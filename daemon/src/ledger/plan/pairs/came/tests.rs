use reissue_connector_api::{Found, FoundState, Kind, Totals};

use super::*;
use crate::ledger::Event;
use crate::ledger::event::{Change, FaultNote, Resolution};
use crate::ledger::key::BatchKey;

const REFUSED: u64 = 7;
const TAKEN: u64 = 8;

fn key() -> BatchKey {
    "acme/s-1".parse().unwrap()
}

fn fault() -> FaultNote {
    FaultNote {
        kind: Kind::Unreachable,
        message: String::new(),
    }
}

/// A submission after this, in the words of its events.
fn after(change: Change, life: &str) -> Batch {
    let batch = key();
    let at = "2026-11-22T07:00:00Z".parse().unwrap();
    let event = |word| match word {
        "sending" => Event::SubmissionSending { batch: key() },
        "returned" => Event::SubmissionReturned {
            batch: key(),
            fault: fault(),
        },
        "uncertain" => Event::SubmissionUncertain {
            batch: key(),
            fault: fault(),
        },
        "held" => Event::BatchFailed {
            batch: key(),
            fault: fault(),
            held: true,
        },
        "refused" => Event::BatchRefused {
            batch: key(),
            reason: String::new(),
        },
        "accepted" => Event::SubmissionAccepted {
            batch: key(),
            found: Found::new("s-1", FoundState::Ready),
            refused: 1,
            first_poll: at,
            purge: None,
            overdue: at,
            by: None,
        },
        "collected" => Event::Collected {
            batch: key(),
            updates: 0,
            counts: Vec::new(),
            totals: Totals::default(),
            mismatches: Vec::new(),
            cards: None,
            braked: None,
            sinks: Vec::new(),
        },
        "given-up" => Event::Resolved {
            batch: key(),
            resolution: Resolution::Abandon,
            by: String::new(),
        },
        word => panic!("{word} is no event"),
    };
    let planned = Event::SubmissionPlanned {
        batch,
        job: String::new(),
        schedule: String::new(),
        cards: 2,
        change: Some(change),
    };
    let events = [planned]
        .into_iter()
        .chain(life.split_whitespace().map(event));
    let batch = events.fold(None, |batch, event| Batch::apply(batch, &event, at));
    batch.unwrap()
}

/// Where a pair of an addition and one of a removal stand then; one that was refused, and one that was not.
fn stand(life: &str) -> String {
    let changes = [
        (Change::Add, Standing::Adding),
        (Change::Remove, Standing::Removing),
    ];
    let stand = changes.into_iter().flat_map(|(change, standing)| {
        let mut came = Came::of(&after(change, life));
        if let Came::Done(refused) = &mut came {
            refused.insert(REFUSED);
        }
        [TAKEN, REFUSED].map(|number| {
            let (standing, under_way) = came.to(&Subscription {
                number,
                wanted: true,
                standing,
                submission: Some("s-1".into()),
                replaces: None,
            });
            let under_way = if under_way { "…" } else { "" };
            format!("{}{under_way}", standing.as_str())
        })
    });
    stand.collect::<Vec<_>>().join(" ")
}

#[test]
fn where_a_pair_stands_follows_from_what_came_of_its_submission() {
    let table = [
        ("", "adding… adding… removing… removing…"),
        ("sending", "unknown… unknown… removing… removing…"),
        ("sending returned", "adding… adding… removing… removing…"),
        ("sending uncertain", "unknown… unknown… removing… removing…"),
        (
            "sending uncertain held",
            "unknown… unknown… removing… removing…",
        ),
        // Who is refused is known with the rest of what the provider said.
        (
            "sending accepted",
            "subscribed… subscribed… removing… removing…",
        ),
        (
            "sending accepted collected",
            "subscribed refused absent absent",
        ),
        ("sending refused", "absent absent subscribed subscribed"),
        ("given-up", "absent absent subscribed subscribed"),
        ("sending given-up", "unknown unknown unknown unknown"),
        (
            "sending uncertain held given-up",
            "unknown unknown unknown unknown",
        ),
        // A removal is returned whatever became of it.
        ("sending returned given-up", "absent absent unknown unknown"),
        (
            "sending accepted given-up",
            "unknown unknown unknown unknown",
        ),
    ];
    for (life, expected) in table {
        assert_eq!(stand(life), expected, "{life}");
    }
}
