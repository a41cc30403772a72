//! A provider calls us, and so does anybody else: what is genuine is collected once, and the rest costs
//! little.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod caller;
mod collected;

use reissue_tests::{Asks, Config, World};
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
    let all = "limits = { requests_per_second = 1000 }";
    Config::default()
        .in_sink(IN_THE_CLEAR)
        .asks(Asks::Amex, all)
}

fn unlimited(world: &World) {
    world.edit(
        "public_url",
        &format!("public_url = \"{}\"\n{UNLIMITED}", world.webhooks()),
    );
}

/// Has the provider learn where to call us, and the published test cards subscribed.
fn subscribe(world: &World) {
    world.reissue(&["enrol", AMEX]).ok();
    let mut file = String::from("reference,pan,expiry,se_number\n");
    for (number, card) in CARDS.iter().enumerate() {
        file += &format!("order-{number},{card},2027-04,1234567890\n");
    }
    world.put_cards(Asks::Amex, "wanted.csv", file);
    world.run(AMEX);
    world.until_events("submission_accepted", 1);
}

/// The batches of the account that have this state.
fn batches(world: &World, state: &str) -> Vec<Value> {
    let listed = world.reissue(&[
        "batch",
        "list",
        "--account",
        AMEX,
        "--state",
        state,
        "--json",
    ]);
    serde_json::from_value(listed.ok().json()).unwrap()
}
