//! Each genuine event is collected once.

use serde_json::json;

use super::*;

#[test]
fn an_event_of_subscribed_cards_arrives_in_billing() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);

    let event = world.sandbox.make_event(json!({}));

    daemon.until("The batch was delivered.");
    let delivered = world.delivered();
    let updates = delivered.batches[&event].iter();
    let outcomes = updates.map(|update| update["outcome"].clone());
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        ["new_number", "closed", "new_expiry"]
    );
    let batch = world
        .reissue(&["batch", "show", &event, "--json"])
        .ok()
        .json();
    assert_eq!(batch["origin"], "announced");
    assert_eq!(batch["schedule"], AMEX);
    assert_eq!(batch["unconfirmed"], Value::Null);
}

#[test]
fn replays_are_one_event_whatever_their_order() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let make = |_| world.sandbox.make_event(json!({ "deliver": false }));
    let mut events: Vec<String> = (0..5).map(make).collect();
    let shouted: Vec<String> = events.iter().map(|event| event.to_uppercase()).collect();
    events.reverse();
    let records = || world.records().len();

    world
        .sandbox
        .announce(json!({ "events": events, "times": 10 }));
    world
        .sandbox
        .announce(json!({ "events": shouted, "times": 10, "at_once": 5 }));
    world.sandbox.until_announced();
    until(&world, "all are delivered", |world| {
        delivered(world).len() == 5
    });
    until(&world, "the inbox is read", |world| {
        webhook(world).is_null()
    });

    assert!(delivered(&world).iter().all(|(_, updates)| *updates == 3));
    assert_eq!(asked(&world), 5);
    // A repeat leaves no trace, however often it comes.
    let before = records();
    for _ in 0..10 {
        world
            .sandbox
            .announce(json!({ "events": events, "times": 200, "at_once": 8 }));
        world.sandbox.until_announced();
    }
    until(&world, "the inbox is read", |world| {
        webhook(world).is_null()
    });
    assert_eq!(records(), before);
    assert_eq!(asked(&world), 5);
}

#[test]
fn what_was_taken_is_read_after_a_restart() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);
    world.edit("cards_per_day", "cards_per_day = 1000000\nenabled = false");
    world.reissue(&["reload"]).ok();

    let event = world.sandbox.make_event(json!({}));
    world.sandbox.until_announced();
    // A disabled account's notifications wait.
    assert_eq!(webhook(&world)["waiting"], 1);
    daemon.kill();
    let daemon = world.daemon();
    assert_eq!(webhook(&world)["waiting"], 1);
    drop(daemon);
    world.edit("enabled = false", "enabled = true");
    let mut daemon = world.daemon();

    daemon.until("The batch was delivered.");
    assert_eq!(delivered(&world), [(event, 3)]);
}

#[test]
fn a_provider_that_is_away_is_asked_until_it_answers() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);
    world.sandbox.fault(
        json!({ "endpoint": "report", "times": 2 }),
        json!({ "kind": "status", "status": 503 }),
    );
    let event = world.sandbox.make_event(json!({}));
    daemon.until("Collecting failed; it will be tried again.");
    let name = format!("{AMEX}/{event}");
    until(&world, "it is delivered", |world| {
        // As long as it is not, a person may be impatient.
        world.reissue(&["batch", "retry", &name]);
        !delivered(world).is_empty()
    });
    assert_eq!(delivered(&world), [(event, 3)]);
}
