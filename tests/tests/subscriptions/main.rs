//! Subscriptions: the source is what is wanted, and the provider's books follow it. Each pair is of a card and a
//! merchant number.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod sent;
mod told;
mod wanted;

use std::collections::BTreeSet;

use reissue_tests::{Asks, Config, Daemon, World, amex};
use serde_json::{Value, json};

const SE: &str = "1234567890";

fn config() -> Config {
    Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::Amex, "")
}

/// A world whose webhook is registered, and its daemon.
fn begin(config: &Config) -> (World, Daemon) {
    let world = World::with(config);
    let daemon = world.daemon();
    world.reissue(&["enrol", "amex"]).ok();
    (world, daemon)
}

/// Hands in that these cards are wanted, each under one merchant number.
fn want(world: &World, file: &str, cards: impl IntoIterator<Item = u64>) {
    let mut csv = "reference,pan,expiry,se_number\n".to_owned();
    for card in cards {
        csv.push_str(&format!("order-{card},{},2027-04,{SE}\n", amex(card)));
    }
    world.put_cards(Asks::Amex, file, csv);
}

/// The numbers that are subscribed on the provider's books.
fn booked(world: &World) -> BTreeSet<String> {
    let books = world.sandbox.subscriptions().into_iter();
    let subscribed = books.filter(|pair| pair["subscribed"] == true);
    subscribed
        .map(|pair| pair["card"].as_str().unwrap().to_owned())
        .collect()
}

fn cards(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(amex).collect()
}

fn subscriptions(world: &World) -> Value {
    let said = world.reissue(&["subscriptions", "amex", "--json"]);
    said.ok().json()
}

/// Runs the slot, which has nothing to wait for at the provider.
fn run(world: &World) -> Value {
    world.run("amex")
}

fn fault(world: &World, endpoint: &str, times: u64) {
    let matches = json!({ "endpoint": endpoint, "times": times });
    let then = json!({ "kind": "served", "then": { "kind": "drop" } });
    world.sandbox.fault(matches, then);
}
