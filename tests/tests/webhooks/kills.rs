//! Killed at any point between the receipt of a notification and the delivery of its batch: what was
//! acknowledged comes without another call, and each event once.

use std::os::unix::process::ExitStatusExt;

use reissue_tests::{Daemon, Delivered, KillPoint};
use serde_json::json;

use super::*;

#[test]
fn a_kill_at_any_point_loses_nothing_and_repeats_nothing() {
    let world = world();
    let mut shim = KillPoint::new(&world);
    let environment = shim.on_order();
    let start = || world.start_with(&environment).ready();
    let mut daemon = start();
    subscribe(&world);
    let mut billing = Delivered::default();

    // The first event of all makes the directories.
    let mut events = Vec::new();
    for _ in 0..2 {
        shim.order(None);
        let event = world.sandbox.make_event(json!({}));
        survives(&world, &event, &mut daemon, &mut billing);
        events.push(event);
    }
    let calls = shim.calls();
    let kept = |name: &str| {
        calls
            .iter()
            .any(|call| call.name == name && call.path.starts_with("state/inbox/amex"))
    };
    assert!(
        kept("fsync") && kept("rename"),
        "nothing is kept: {calls:?}"
    );

    for call in &calls {
        for moment in call.moments() {
            println!("killed {moment:?} {call}");
            shim.order(Some((call.number, *moment)));
            let event = world.sandbox.make_event(json!({}));
            assert_eq!(daemon.ended().signal(), Some(9), "not killed at {call}");
            daemon = start();
            survives(&world, &event, &mut daemon, &mut billing);
            events.push(event);
        }
    }

    events.sort();
    world.sandbox.announce(json!({ "events": events }));
    world.sandbox.until_announced();
    until(&world, "the inbox is read", |world| {
        webhook(world).is_null()
    });
    // Fails where one comes twice.
    billing.take(&world);
    assert_eq!(
        billing.batches.keys().collect::<Vec<_>>(),
        events.iter().collect::<Vec<_>>()
    );
    assert!(
        billing
            .batches
            .values()
            .all(|updates| updates.len() == CARDS.len())
    );
}

/// The event is delivered, without another call if the provider was told that we have it.
#[track_caller]
fn survives(world: &World, event: &str, daemon: &mut Daemon, billing: &mut Delivered) {
    let announced = world.sandbox.until_announced();
    let announced = announced.iter().find(|one| one["id"] == event).unwrap();
    if announced["answers"]["200"].is_null() {
        world.sandbox.announce(json!({ "events": [event] }));
    }
    // Whatever else there is to do for it must not be counted for the next one.
    world.sandbox.until_announced();
    let name = format!("{AMEX}/{event}");
    until(world, "it is delivered", |world| {
        assert!(daemon.is_alive());
        let shown = world.reissue(&["batch", "show", &name, "--json"]);
        shown.code == Some(0) && shown.json()["state"] == "delivered" && webhook(world).is_null()
    });
    billing.take(world);
    assert!(billing.batches.contains_key(event));
}
