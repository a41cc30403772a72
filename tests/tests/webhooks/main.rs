//! A provider calls us, and so does anybody else: what is genuine is collected once, and the rest costs
//! little.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod caller;
mod collected;
mod forged;
mod full;
mod garbled;
mod kills;
mod known;
mod leaks;
mod registered;
mod rotation;
mod strangers;

use std::time::Instant;

use reissue_tests::{Asks, Config, PATIENCE, World};
use serde_json::Value;

const IN_THE_CLEAR: &str = "plaintext = \"i-accept\"";

/// More requests than a test makes.
const UNLIMITED: &str = "limits = { per_source = 100000, in_all = 100000 }";

/// Test cards to which something happens: another number, another expiry, closed.
const CARDS: [&str; 3] = ["342132335566772", "376655111122997", "349900006577234"];

/// The account.
const AMEX: &str = "amex";

/// A world whose account is called, and as often as anybody likes.
fn world() -> World {
    let world = World::with(&config());
    unlimited(&world);
    world
}

fn config() -> Config {
    Config::default()
        .in_sink(IN_THE_CLEAR)
        .asks(Asks::Amex, "limits = { requests_per_second = 1000 }")
}

fn unlimited(world: &World) {
    let line = format!("public_url = \"{}\"\n{UNLIMITED}", world.webhooks());
    world.edit("public_url", &line);
}

/// Has the provider learn where to call us, and the test cards subscribed.
#[track_caller]
fn subscribe(world: &World) {
    world.reissue(&["enrol", AMEX]).ok();
    let mut file = String::from("reference,pan,expiry,se_number\n");
    for (number, card) in CARDS.iter().enumerate() {
        file += &format!("order-{number},{card},2027-04,1234567890\n");
    }
    world.put_cards(Asks::Amex, "wanted.csv", file);
    world.run(AMEX);
    until(world, "the cards are subscribed", |world| {
        let books = world.sandbox.subscriptions();
        books.len() == CARDS.len() && count(world, "delivered") > 0
    });
}

/// The path at which the provider was told to call us.
#[track_caller]
fn path(world: &World) -> String {
    let merchant = world.sandbox.merchants("Sandbox Merchant").remove(0);
    let url = merchant["webhooks"][0].as_str().unwrap();
    url.strip_prefix(&world.webhooks()).unwrap().to_owned()
}

/// What the provider would say of an event.
#[expect(
    clippy::disallowed_methods,
    reason = "the provider has a clock of its own"
)]
fn body(event: &str) -> String {
    let now = chrono::Utc::now();
    serde_json::json!({
        "id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "trigger_id": 23,
        "trigger_date": now,
        "event_id": event,
        "message": "",
        "expires": now + chrono::TimeDelta::days(1),
        "stats": {},
    })
    .to_string()
}

/// How many batches of the account have this state.
#[track_caller]
fn count(world: &World, state: &str) -> usize {
    let listed = world.reissue(&[
        "batch",
        "list",
        "--account",
        AMEX,
        "--state",
        state,
        "--json",
    ]);
    listed.ok().json().as_array().unwrap().len()
}

/// What status says that came to the webhook.
#[track_caller]
fn webhook(world: &World) -> Value {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let accounts = status["accounts"].as_array().unwrap().iter();
    let account = accounts.into_iter().find(|it| it["name"] == AMEX).unwrap();
    account["webhook"].clone()
}

#[track_caller]
fn until(world: &World, what: &str, mut is_so: impl FnMut(&World) -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so(world) {
        assert!(Instant::now() < until, "{what}: not in time");
    }
}

/// How many times the provider was asked for the results of an event.
fn asked(world: &World) -> u64 {
    let counts = &world.sandbox.requests()["counts"];
    counts["report"].as_u64().unwrap_or(0)
}

/// The events that are genuine batches in the sink, each with how many updates it brought.
fn delivered(world: &World) -> Vec<(String, usize)> {
    let delivered = world.delivered();
    let batches = delivered.batches.into_iter();
    batches.map(|(id, updates)| (id, updates.len())).collect()
}
