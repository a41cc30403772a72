//! What somebody made up brings no update, costs the provider little, and is told to a person.

use chrono::TimeDelta;
use serde_json::json;

use super::*;

#[test]
fn forgeries_bring_no_update_and_the_genuine_gets_through() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);

    world
        .sandbox
        .announce(json!({ "forged": 20, "at_once": 4 }));
    world.sandbox.until_announced();
    let event = world.sandbox.make_event(json!({}));

    daemon.until("The batch was delivered.");
    assert_eq!(delivered(&world), [(event, 3)]);
    until(&world, "all are looked up", |world| asked(world) >= 21);
    let status = world.reissue(&["status"]).ok().out;
    let alarm = "amex was told of 20 batches by its webhook that its provider does not know: somebody else may \
                 have the URL. `reissue enrol amex --rotate-webhook`, twice, makes it worthless";
    assert!(status.contains(alarm), "{status}");
    // One alarm, and none of each.
    let attention = world.reissue(&["status", "--json"]).ok().json()["attention"].take();
    assert_eq!(attention.as_array().unwrap().len(), 1, "{attention}");
    assert!(status.contains("webhook: 20 unconfirmed"), "{status}");
    assert!(!status.contains("parked"), "{status}");
}

#[test]
fn the_provider_is_asked_thirty_times_a_minute_at_most() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);

    world
        .sandbox
        .announce(json!({ "forged": 100, "at_once": 4 }));
    world.sandbox.until_announced();
    until(&world, "all are in the ledger", |world| {
        webhook(world)["unconfirmed"] == 100
    });
    until(&world, "the first are looked up", |world| {
        asked(world) >= 30
    });

    // Whatever was due was looked at by then.
    world.run("amex-daily");
    assert_eq!(asked(&world), 30);
    assert_eq!(delivered(&world), []);
}

#[test]
fn what_the_provider_does_not_know_for_a_day_becomes_a_count() {
    let (world, clock) = World::with_clock(&config());
    unlimited(&world);
    let _daemon = world.start_with(&clock.environment()).ready();
    subscribe(&world);
    world.sandbox.announce(json!({ "forged": 3 }));
    world.sandbox.until_announced();
    until(&world, "all are looked up", |world| asked(world) >= 3);
    assert_eq!(
        webhook(&world),
        json!({ "waiting": 0, "unconfirmed": 3, "unfounded": 0, "garbled": 0 })
    );

    clock.set(TimeDelta::hours(23));
    until(&world, "all are looked up again", |world| asked(world) >= 6);
    assert_eq!(webhook(&world)["unconfirmed"], 3);
    clock.set(TimeDelta::hours(25));
    until(&world, "they are given up", |world| {
        webhook(world)["unfounded"] == 3
    });

    assert_eq!(count(&world, "unfounded"), 3);
    assert_eq!(webhook(&world)["unconfirmed"], 0);
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("nothing needs a person"), "{status}");
    assert!(status.contains("webhook: 3 unfounded"), "{status}");
}

#[test]
fn what_nobody_could_ask_for_before_it_was_purged_is_told() {
    let (world, clock) = World::with_clock(&config());
    unlimited(&world);
    let _daemon = world.start_with(&clock.environment()).ready();
    subscribe(&world);
    world.sandbox.fault(
        json!({ "endpoint": "report", "times": 0 }),
        json!({ "kind": "status", "status": 503 }),
    );
    let event = world.sandbox.make_event(json!({}));
    world.until_events("batch_failed", 1);

    clock.set(TimeDelta::days(11));
    world.sandbox.heal();

    until(&world, "it has expired", |world| {
        count(world, "expired") == 1
    });
    let status = world.reissue(&["status"]).ok().out;
    let alarm = format!("amex/{event} was purged before it was collected");
    assert!(status.contains(&alarm), "{status}");
}

#[test]
fn a_provider_that_refuses_the_credentials_for_them_parks_nobody() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);
    world.sandbox.fault(
        json!({ "endpoint": "report", "times": 3 }),
        json!({ "kind": "status", "status": 401 }),
    );

    world.sandbox.announce(json!({ "forged": 3 }));
    until(&world, "all are looked up", |world| asked(world) >= 3);
    let event = world.sandbox.make_event(json!({}));

    daemon.until("The batch was delivered.");
    assert_eq!(delivered(&world), [(event, 3)]);
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("nothing needs a person"), "{status}");
}
