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

use std::env;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::round::Round;
use crate::subject::Subject;

const ROUNDS: u64 = 300;
/// What happened before is part of what a round happens to; but every submission that waits for its
/// answers costs each later round a little.
const IN_A_WORLD: u64 = 15;
/// Rounds wait for processes and disks more than they compute.
const WORKERS: usize = 4;

#[test]
fn no_card_is_paid_for_twice_and_none_is_lost() {
    let seeds = seeds();
    let calls = Subject::new().calls();
    let next = AtomicU64::new(seeds.start);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(IN_A_WORLD, Ordering::Relaxed);
                    let rounds = first..seeds.end.min(first + IN_A_WORLD);
                    if rounds.is_empty() {
                        break;
                    }
                    let mut subject = Subject::new();
                    for round in rounds.map(|seed| Round::of(seed, &calls)) {
                        println!("{round}");
                        subject.survives(&round);
                    }
                }
            });
        }
    });
}

fn seeds() -> Range<u64> {
    match (number("REISSUE_SEED"), number("REISSUE_ROUNDS")) {
        (Some(seed), rounds) => seed..seed + rounds.unwrap_or(1),
        (None, rounds) => 1..1 + rounds.unwrap_or(ROUNDS),
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}
