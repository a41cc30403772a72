//! The person who decides what the ledger leaves to a person, and can ask the provider.

use std::collections::HashSet;

use fastrand::Rng;
use reissue_tests::{Asks, World};
use serde_json::Value;

use crate::books::{is_subscribed, pairs, shown};

/// Has the daemon do at once what waits, and decides the rest; says whether there was anything.
pub(crate) fn decide(world: &World, random: &mut Rng) -> bool {
    let listed = world.reissue(&["batch", "list", "--account", Asks::Amex.name(), "--json"]);
    let batches = listed.ok().json();
    let open = batches.as_array().unwrap().iter();
    let over = ["delivered", "refused", "abandoned"];
    let open: Vec<&Value> = open
        .filter(|batch| !over.iter().any(|it| batch["state"] == *it))
        .collect();
    let mut know = Know::ask(world);
    for submission in &open {
        let key = submission["key"].as_str().unwrap();
        let is_uncertain = submission["state"] == "held" && submission["change"] == "add";
        match know {
            _ if !is_uncertain && random.u32(..8) > 0 => {
                // One that is under way just now may be beyond that.
                world.reissue(&["batch", "retry", key]);
            }
            // Always right: what may be there is removed before anything else.
            _ if random.bool() => resolve(world, key, "abandon"),
            _ if !is_uncertain => {}
            Know::All => resolve(world, key, "accepted"),
            Know::None => resolve(world, key, "not-sent"),
            Know::Some => resolve(world, key, "abandon"),
        }
        know = Know::ask(world);
    }
    !open.is_empty()
}

/// How many the provider has of the pairs of which nobody knows.
#[derive(Debug, Clone, Copy)]
enum Know {
    All,
    Some,
    None,
}

impl Know {
    fn ask(world: &World) -> Self {
        let books = world.sandbox.subscriptions();
        let books: HashSet<&str> = books
            .iter()
            .filter(is_subscribed)
            .map(|row| row["id"].as_str().unwrap())
            .collect();
        let shown = shown(world);
        let unknown = pairs(&shown).filter(|pair| pair["stands"] == "unknown");
        let (there, not): (Vec<_>, Vec<_>) =
            unknown.partition(|pair| books.contains(pair["key"].as_str().unwrap()));
        match (there.is_empty(), not.is_empty()) {
            (false, true) => Self::All,
            (true, _) => Self::None,
            (false, false) => Self::Some,
        }
    }
}

fn resolve(world: &World, key: &str, decision: &str) {
    // One that is under way just now is decided about when it is known how it went.
    world.reissue(&["batch", "resolve", key, "--as", decision]);
}
