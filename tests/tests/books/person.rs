//! The person who decides what the ledger leaves to a person, and can ask the provider.

use std::collections::HashSet;

use fastrand::Rng;
use reissue_tests::World;
use serde_json::Value;

use crate::books::{is_subscribed, pairs, shown};
use crate::subject::AMEX;

/// Gives up some of what is open, which is right whatever became of it: what may be there is removed before
/// anything else.
pub(crate) fn give_up(world: &World, random: &mut Rng) {
    for submission in open(world) {
        if random.u32(..3) == 0 {
            resolve(world, key(&submission), "abandon");
        }
    }
}

/// Has the daemon do at once what waits, and decides what it leaves to a person; says whether there was
/// anything.
pub(crate) fn decide(world: &World, random: &mut Rng) -> bool {
    let open = open(world);
    for submission in &open {
        let key = key(submission);
        if submission["state"] != "held" || submission["change"] != "add" {
            // One that is under way just now may be beyond that.
            world.reissue(&["batch", "retry", key]);
            continue;
        }
        let decisions: &[&str] = match Has::of(world) {
            Has::All => &["accepted", "abandon"],
            Has::None => &["not-sent", "abandon"],
            Has::Some => &["abandon"],
        };
        resolve(world, key, random.choice(decisions).unwrap());
    }
    !open.is_empty()
}

/// How many the provider has of the pairs of which nobody knows.
enum Has {
    All,
    Some,
    None,
}

impl Has {
    fn of(world: &World) -> Self {
        let books = world.sandbox.subscriptions();
        let books: HashSet<&str> = books.iter().filter(is_subscribed).map(id).collect();
        let shown = shown(world);
        let unknown = pairs(&shown).filter(|pair| pair["stands"] == "unknown");
        let (there, not): (Vec<_>, Vec<_>) = unknown.partition(|pair| books.contains(key(pair)));
        match (there.is_empty(), not.is_empty()) {
            (false, true) => Self::All,
            (true, _) => Self::None,
            (false, false) => Self::Some,
        }
    }
}

fn open(world: &World) -> Vec<Value> {
    let listed = world.reissue(&["batch", "list", "--account", AMEX, "--json"]);
    let mut batches = listed.ok().json();
    let mut batches = std::mem::take(batches.as_array_mut().unwrap());
    let is_over = |batch: &Value| {
        let over = ["delivered", "refused", "abandoned"];
        over.iter().any(|state| batch["state"] == *state)
    };
    batches.retain(|batch| !is_over(batch));
    batches
}

fn resolve(world: &World, key: &str, decision: &str) {
    // One that is under way just now is decided about when it is known how it went.
    world.reissue(&["batch", "resolve", key, "--as", decision]);
}

fn key(value: &Value) -> &str {
    value["key"].as_str().unwrap()
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}
