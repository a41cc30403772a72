//! Rounds of a random test: what happens in one follows from its seed, so that a failure can be repeated.

use std::env;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use fastrand::Rng;
use serde_json::{Value, json};

/// Rounds wait for processes and disks more than they compute.
const WORKERS: usize = 4;

/// Plays so many rounds, a few to a world: `play` is given the seeds of a world's rounds. What happened
/// before is part of what a round happens to, but the more happened, the more each later round costs.
///
/// `REISSUE_SEED` repeats the round whose seed a failure names; `REISSUE_ROUNDS` makes more of them.
pub fn rounds(rounds: u64, in_a_world: u64, play: impl Fn(Range<u64>) + Sync) {
    let seeds = match (number("REISSUE_SEED"), number("REISSUE_ROUNDS")) {
        (Some(seed), rounds) => seed..seed + rounds.unwrap_or(1),
        (None, more) => 1..1 + more.unwrap_or(rounds),
    };
    let next = AtomicU64::new(seeds.start);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(in_a_world, Ordering::Relaxed);
                    let world = first..seeds.end.min(first + in_a_world);
                    if world.is_empty() {
                        break;
                    }
                    play(world);
                }
            });
        }
    });
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// Something that goes wrong with a request that must not be repeated: before the provider has done what
/// was asked, or after it.
pub fn goes_wrong(random: &mut Rng) -> Value {
    let instead = match random.u32(..12) {
        0 => json!({ "kind": "status", "status": 429, "headers": { "retry-after": "7" } }),
        1 => json!({ "kind": "status", "status": 429 }),
        2 => json!({ "kind": "status", "status": 503, "headers": { "retry-after": "7" } }),
        3 => json!({ "kind": "status", "status": 500 }),
        4 => json!({ "kind": "status", "status": 401 }),
        5 => json!({ "kind": "html" }),
        6 => json!({ "kind": "empty" }),
        7 => json!({ "kind": "garbage" }),
        8 => json!({ "kind": "redirect", "to": "https://example.com/" }),
        9 => json!({ "kind": "stall" }),
        _ => json!({ "kind": "drop" }),
    };
    let refuses = [429, 401].iter().any(|status| instead["status"] == *status);
    match random.u32(..4) {
        0 => json!({ "kind": "truncate", "after_bytes": random.u64(..200) }),
        1 => json!({ "kind": "late", "milliseconds": random.u64(..300) }),
        // What a provider refuses it has not done.
        2 if !refuses => json!({ "kind": "served", "then": instead }),
        _ => instead,
    }
}
