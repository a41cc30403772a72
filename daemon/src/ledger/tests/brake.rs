//! When a person must look at a batch first.

use reissue_config::Brake;

use crate::ledger::brake::{Brakes, brake};
use crate::ledger::event::OutcomeCount;

const BRAKES: Brakes = Brakes {
    updates: Some(500),
    shares: Brake {
        closed: 20,
        changed: 60,
    },
};

fn count(outcome: &str, count: u64) -> OutcomeCount {
    OutcomeCount {
        outcome: outcome.into(),
        code: String::new(),
        reason: String::new(),
        count,
    }
}

#[test]
fn a_submission_that_closes_or_changes_too_large_a_share_is_held() {
    let why = |counts: &[OutcomeCount], cards| brake(&BRAKES, counts, Some(cards));
    let at_most = [
        count("closed", 40),
        count("new_number", 70),
        count("new_expiry", 50),
    ];
    assert_eq!(why(&at_most, 200), None);
    let expected = "41 of the 200 cards that were asked about came back closed, more than the account's \
                    brake.closed = 20 percent";
    assert_eq!(why(&[count("closed", 41)], 200).as_deref(), Some(expected));
    // The same outcome under two codes, and numbers with expiries.
    let changed = [
        count("new_number", 60),
        count("new_number", 1),
        count("new_expiry", 60),
    ];
    let expected = "121 of the 200 cards that were asked about came back changed, more than the account's \
                    brake.changed = 60 percent";
    assert_eq!(why(&changed, 200).as_deref(), Some(expected));
}

#[test]
fn few_cards_and_reports_have_no_share() {
    let all_closed = [count("closed", 99)];
    assert_eq!(brake(&BRAKES, &all_closed, Some(99)), None);
    assert_eq!(brake(&BRAKES, &all_closed, None), None);
    assert!(brake(&BRAKES, &[count("closed", 100)], Some(100)).is_some());
}

#[test]
fn the_number_of_updates_is_a_brake_of_its_own() {
    let expected = "it has 501 updates, more than the account's brake_updates = 500";
    let counts = [count("valid", 500), count("unknown", 1)];
    for cards in [None, Some(10_000)] {
        assert_eq!(brake(&BRAKES, &counts, cards).as_deref(), Some(expected));
    }
    assert_eq!(brake(&BRAKES, &counts[..1], None), None);
}
