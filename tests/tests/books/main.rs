//! The books: no pair is on the provider's that our ledger does not show as subscribed, unknown or being
//! removed, whatever happens; and in the end the provider has what is wanted, each pair added once.
//!
//! A round changes from slot to slot what the source wants: pairs come and go and come back, some that no
//! connector takes, a file lacks half of them or cannot be read, and a card gets another number. Meanwhile
//! something goes wrong: the daemon is killed before, after or in the middle of a durable operation, or when
//! the provider has just changed its books; connections are cut, answers are lost, late, refused or garbled.
//! Then everything is well again, and what the ledger leaves to a person is decided as a person would who
//! can ask the provider.
//!
//! A round follows from its seed and from what the rounds before it in its world left: where one fails that
//! succeeds by itself, `REISSUE_SEED` of the world's first and `REISSUE_ROUNDS` repeat them all.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod between;
mod books;
mod cases;
mod follows;
mod person;
mod round;
mod subject;
mod wanted;

use reissue_tests::rounds;

use crate::round::Round;
use crate::subject::Subject;

const ROUNDS: u64 = 60;
/// The last one of each world has more pairs than the provider takes at once.
const IN_A_WORLD: u64 = 20;

#[test]
fn no_pair_is_on_the_books_that_our_ledger_does_not_show() {
    let calls = Subject::new().calls();
    rounds(ROUNDS, IN_A_WORLD, |seeds| {
        let mut subject = Subject::new();
        for round in seeds.map(|seed| Round::of(seed, seed % IN_A_WORLD == 0, &calls)) {
            println!("{round}");
            subject.survives(&round);
        }
        subject.leaks_nothing();
    });
}
