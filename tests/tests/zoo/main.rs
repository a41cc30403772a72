//! The zoo: connectors that are not what they should be. Each earns its sentence or the daemon's
//! calm; whatever it does, the other accounts are served.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod crashes;
mod endless;
mod harmless;
mod lies;
mod panics;
mod paper;
mod pins;
mod refused;
mod upgrades;

use reissue_tests::{Config, World, ZOO};
use serde_json::{Value, json};

/// A world with an animal, which has an account and a schedule beside the usual ones.
fn with(animal: &str, compiled: &[&str], account: &str) -> World {
    let world = World::new();
    world.animal(animal, compiled);
    world.configure(&Config::default().zoo(account));
    world
}

/// Fails unless the daemon serves the account that has nothing to do with the zoo.
#[track_caller]
fn serves_others(world: &World) {
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    world.run("amex-daily");
    let delivered = world.delivered();
    assert!(delivered.batches.contains_key(&batch), "{delivered:?}");
}

/// What a slot of the zoo came to, although it failed.
fn run(world: &World) -> Value {
    world.reissue(&["run", ZOO, "--wait", "--json"]).json()
}

/// What `reissue status` says that needs a person, about this.
fn needs_a_person(world: &World, about: &str) -> Vec<String> {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let all = status["attention"].as_array().unwrap().iter();
    let about = all.filter(|one| one["about"] == about);
    about.map(|one| text(&one["text"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
