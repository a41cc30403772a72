//! Updates pushed to a billing system: each is seen once and in order by whoever remembers ids, however
//! the receiver behaves and whenever the daemon dies; and what needs a person is told.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod alarms;
mod delivered;
mod faults;
mod killed;
mod pans;

use chrono::TimeDelta;
use reissue_tests::{ACCOUNT, Clock, Config, Daemon, World};
use serde_json::{Value, json};

/// A world whose account delivers to files and to a receiver, and whose clock can be set.
fn world(lines: &str) -> (World, Clock, Daemon) {
    let (world, clock) = World::with_clock(&Config::default().pushes(lines));
    let daemon = world.start_with(&clock.environment()).ready();
    (world, clock, daemon)
}

/// A batch of the daily report.
fn daily(world: &World, records: u64) -> String {
    let order = json!({ "source": "AMEX_MAINTENANCE", "records": records });
    world.sandbox.batch(order)
}

/// One batch as `batch show` tells of it.
fn shown(world: &World, batch: &str) -> Value {
    let key = format!("{ACCOUNT}/{batch}");
    let said = world.reissue(&["batch", "show", &key, "--json"]);
    said.ok().json()
}

/// What needs a person about this.
fn attention(world: &World, about: &str) -> Vec<String> {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let attention = status["attention"].as_array().unwrap().iter();
    let about = attention.filter(|alarm| alarm["about"] == about);
    about
        .map(|alarm| alarm["text"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of updates, in order.
fn ids(updates: &[Value]) -> Vec<String> {
    let ids = updates.iter().map(|update| &update["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// Lets a delivery fail, so long after the last time that it was tried again.
fn fail_after(daemon: &mut Daemon, clock: &Clock, ahead: TimeDelta) -> Value {
    clock.set(ahead);
    daemon.until("Delivery failed; it will be tried again.")
}
