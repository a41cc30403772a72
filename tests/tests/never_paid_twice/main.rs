//! Never paid twice, never lost: whatever happens while cards are submitted, the provider is asked about
//! each of them once, and each is accounted for.
//!
//! A round hands over a file of cards to one provider, and something goes wrong: the daemon is killed
//! before, after or in the middle of a durable operation, or when the provider has just taken a
//! submission; connections are cut, answers are lost, late, refused or garbled. Then everything is well
//! again, the daemon is started anew, and what the ledger leaves to a person is decided as a person
//! would who can ask the provider.
//!
//! A round follows from its seed. `REISSUE_SEED` repeats the one whose seed a failure names;
//! `REISSUE_ROUNDS` makes more of them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod books;
mod cards;
mod person;
mod round;
mod subject;

use reissue_tests::rounds;

use crate::round::Round;
use crate::subject::Subject;

const ROUNDS: u64 = 300;
/// Every submission that waits for its answers costs each later round a little.
const IN_A_WORLD: u64 = 15;

#[test]
fn no_card_is_paid_for_twice_and_none_is_lost() {
    let calls = Subject::new().calls();
    rounds(ROUNDS, IN_A_WORLD, |seeds| {
        let mut subject = Subject::new();
        for round in seeds.map(|seed| Round::of(seed, &calls)) {
            println!("{round}");
            subject.survives(&round);
        }
    });
}
