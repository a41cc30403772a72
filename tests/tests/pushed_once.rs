//! From a subscribed card to the billing system: what CardSync calls us about is posted once and whole,
//! whatever is called again, out of order, in vain or by somebody else, and whatever gets lost on the way.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;

use reissue_tests::{Asks, Config, World};
use serde_json::json;

/// Cards that CardSync publishes: one gets a new number, one a new expiry, one is closed.
const PUBLISHED: &str = "reference,pan,expiry,se_number
a,342132335566772,2027-04,1234567890
b,376655111122997,2027-04,1234567890
c,349900006577234,2027-04,1234567890
";

#[test]
fn each_event_reaches_the_billing_system_once() {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::Amex, "")
        .pushes("");
    let world = World::with(&config);
    let limits = "limits = { per_source = 1000, in_all = 1000 }";
    world.edit("[webhooks]", &format!("[webhooks]\n{limits}"));
    let mut daemon = world.daemon();
    world.reissue(&["enrol", "amex"]).ok();
    world.put_cards(Asks::Amex, "cards.csv", PUBLISHED);
    world.run("amex");

    let silently = || world.sandbox.make_event(json!({ "deliver": false }));
    let mut events = [silently(), silently(), silently()];
    events.reverse();
    let receiver = world.sandbox.receiver("push");
    // The first page is taken, and we cannot know.
    receiver.fails(1, json!({ "kind": "served", "then": { "kind": "drop" } }));
    let again = json!({ "events": events, "times": 20, "at_once": 4, "forged": 5 });
    world.sandbox.announce(again);
    let called = world.sandbox.until_announced();
    receiver.until("complete", 1);
    daemon.kill();

    // Nobody is there to be called, and then somebody is who knows all of it, or is told again.
    let events = events.map(|event| event.to_uppercase());
    let again = json!({ "events": events, "times": 3 });
    world.sandbox.announce(again.clone());
    world.sandbox.until_announced();
    let _daemon = world.daemon();
    world.sandbox.announce(again);
    let last = world.sandbox.make_event(json!({}));
    let told = receiver.until("complete", 4);
    world.sandbox.until_announced();

    assert!(called.iter().all(|event| event["answers"]["200"] == 20));
    assert_eq!(
        (&told["problems"], &told["refused"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(told["updates"], 12);
    assert!(told["repeated"].as_u64() >= Some(1), "{told}");
    let of = |name: &str| {
        let updates = receiver.updates_seen().into_iter();
        let of = updates.map(|update| update[name].as_str().unwrap().to_owned());
        of.collect::<BTreeSet<String>>()
    };
    assert_eq!(of("id").len(), 12);
    let genuine = events
        .map(|event| event.to_lowercase())
        .into_iter()
        .chain([last]);
    assert_eq!(of("batch"), genuine.collect());
    assert_eq!(of("outcome").len(), 3);
}
