//! What a provider's bad answers do: the state that follows, what a person reads, and that nothing is
//! lost and nothing half applied. Once the provider is well again everything is delivered, once.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod answers;
mod batches;
mod listing;
mod paging;
mod time;

use std::collections::BTreeMap;

use reissue_tests::{Daemon, World};
use serde_json::{Value, json};

/// A finished daily report, under an id of its own.
fn daily(world: &World, id: &str) -> String {
    let order = json!({ "source": "AMEX_MAINTENANCE", "records": 25, "id": id });
    world.sandbox.batch(order)
}

/// What needs a person, by what it is about.
#[track_caller]
fn attention(world: &World) -> BTreeMap<String, String> {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = status["attention"].as_array().unwrap().iter();
    all.map(|one| (text(one, "about"), text(one, "text")))
        .collect()
}

/// Everything that the ledger knows of a batch.
#[track_caller]
fn batch(world: &World, id: &str) -> Value {
    world.reissue(&["batch", "show", id, "--json"]).ok().json()
}

/// Ends the faults and starts another daemon, which tries everything at once: fails unless it delivers
/// what was missing beside what was there before, fetches each of them once, and finds nothing more.
#[track_caller]
fn recovers(world: &World, daemon: Daemon, missing: &[String], there: &[String]) {
    let all = [missing, there].concat();
    drop(daemon);
    world.sandbox.heal();
    let before = world.sandbox.requests()["requests"]
        .as_array()
        .unwrap()
        .len();

    let mut daemon = world.daemon();
    for _ in missing {
        daemon.until("The batch was delivered.");
    }
    world.assert_delivered(&all);
    world.run("amex-daily");
    world.assert_delivered(&all);

    assert_eq!(attention(world), BTreeMap::new());
    let requests = world.sandbox.requests();
    let reports = requests["requests"].as_array().unwrap()[before..].iter();
    let reports = reports.filter(|request| request["endpoint"] == "report");
    let mut fetched: Vec<&str> = reports.map(|it| it["batch"].as_str().unwrap()).collect();
    fetched.sort_unstable();
    let mut wanted: Vec<&str> = missing.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    assert_eq!(fetched, wanted, "reports that were fetched after the fault");
}

/// A sentence without the correlation id, which is another one every time.
fn neutral(text: &str) -> String {
    let Some((before, after)) = text.split_once("correlation id ") else {
        return text.to_owned();
    };
    let rest = after.trim_start_matches(|it: char| it.is_ascii_hexdigit());
    assert_eq!(after.len() - rest.len(), 32, "{text}");
    format!("{before}correlation id ID{rest}")
}
