//! The person who decides what the ledger leaves to a person, and can ask the provider.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::{DateTime, Utc};
use reissue_tests::{Asks, PATIENCE, World};
use serde_json::Value;

use crate::subject::provider;

/// Has the daemon do at once what it can, and decides the rest, until the provider has all submissions.
pub(crate) fn settle(world: &World, whom: Asks) {
    let until = Instant::now() + PATIENCE;
    let mut asked_for = BTreeSet::new();
    loop {
        let left = not_accepted(world, whom);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{left:#?}");
        for submission in left {
            let key = key(&submission);
            match submission["state"].as_str().unwrap() {
                "planned" => retry(world, key),
                "unknown" if asked_for.insert(key.to_owned()) => retry(world, key),
                // The provider was asked and does not show it.
                "unknown" => resolve(world, key, "not-sent"),
                "held" => decide(world, whom, key),
                state => panic!("it rests in {state}: {submission:#}"),
            }
        }
        world.run(whom.name());
    }
}

/// The submissions that the provider is not known to have.
fn not_accepted(world: &World, whom: Asks) -> Vec<Value> {
    let listed = world.reissue(&["batch", "list", "--account", whom.name(), "--json"]);
    let mut batches = listed.ok().json();
    let mut batches = std::mem::take(batches.as_array_mut().unwrap());
    batches.retain(|batch| batch["state"] != "waiting");
    batches
}

fn decide(world: &World, whom: Asks, key: &str) {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let mut attention = status["attention"].as_array().unwrap().iter();
    let alarm = attention.find(|alarm| alarm["about"] == key).unwrap();
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("reissue batch resolve"), "{text}");
    match made_of(world, whom, key) {
        Some(id) => resolve(world, key, &format!("accepted:{id}")),
        None => resolve(world, key, "not-sent"),
    }
}

fn resolve(world: &World, key: &str, decision: &str) {
    let resolve = ["batch", "resolve", key, "--as", decision];
    world.reissue(&resolve).ok();
}

fn retry(world: &World, key: &str) {
    world.reissue(&["batch", "retry", key]).ok();
}

fn key(submission: &Value) -> &str {
    submission["key"].as_str().unwrap()
}

/// The batch that the provider made of a submission: after it began to be sent, and before anything else
/// became of it.
fn made_of(world: &World, whom: Asks, key: &str) -> Option<String> {
    let records = world.records();
    let mut about = records.iter().filter(|record| {
        let mut events = record["events"].as_array().unwrap().iter();
        events.any(|event| event["batch"] == key)
    });
    let sending = |record: &&Value| record["events"][0]["event"] == "submission_sending";
    // It may have been sent before, and returned.
    let began = about.clone().rfind(sending).unwrap();
    let ended = about
        .find(|record| instant(record) > instant(began))
        .unwrap();
    let batches = world.sandbox.batches_of(provider(whom));
    let mut made = batches.iter().filter(|batch| {
        let made: DateTime<Utc> = batch["created"].as_str().unwrap().parse().unwrap();
        instant(began) <= made && made <= instant(ended)
    });
    let id = made.next()?["id"].as_str().unwrap().to_owned();
    assert_eq!(made.next(), None, "one call at a time");
    Some(id)
}

fn instant(record: &Value) -> DateTime<Utc> {
    record["at"].as_str().unwrap().parse().unwrap()
}
