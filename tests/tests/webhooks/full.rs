//! What can wait is bounded, and what was acknowledged is never lost for it.

use chrono::TimeDelta;
use reissue_tests::FullDisk;
use serde_json::json;

use super::caller::post;
use super::*;

#[test]
fn an_inbox_that_is_full_takes_no_more() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);
    world.edit("cards_per_day", "cards_per_day = 1000000\nenabled = false");
    world.reissue(&["reload"]).ok();

    for _ in 0..1000 {
        assert_eq!(post(&world, &good, "{}").status, 200);
    }
    let refused = post(&world, &good, "{}");

    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("60"))
    );
    assert_eq!(webhook(&world)["waiting"], 1000);
    world.edit("enabled = false", "enabled = true");
    world.reissue(&["reload"]).ok();
    until(&world, "there is room", |world| {
        post(world, &good, "{}").status == 200
    });
    until(&world, "all are read", |world| {
        webhook(world)["garbled"] == 1001
    });
}

#[test]
fn beyond_a_thousand_unconfirmed_batches_notifications_wait_until_some_give_way() {
    let (world, clock) = World::with_clock(&config());
    unlimited(&world);
    let _daemon = world.start_with(&clock.environment()).ready();
    subscribe(&world);

    world
        .sandbox
        .announce(json!({ "forged": 1005, "at_once": 4 }));
    world.sandbox.until_announced();
    until(&world, "there is no room", |world| {
        let webhook = webhook(world);
        webhook["unconfirmed"] == 1000 && webhook["waiting"] == 5
    });
    until(&world, "some are looked up", |world| asked(world) >= 10);
    assert_eq!(webhook(&world)["unfounded"], 0);

    clock.set(TimeDelta::minutes(61));

    until(&world, "older ones give way", |world| {
        let webhook = webhook(world);
        webhook["unfounded"] == 5 && webhook["waiting"] == 0 && webhook["unconfirmed"] == 1000
    });
}

#[test]
fn while_the_disk_is_full_nothing_is_acknowledged() {
    let world = world();
    let disk = FullDisk::new(&world, "state/inbox");
    let mut daemon = world.start_with(disk.environment()).ready();
    subscribe(&world);

    disk.fill();
    let event = world.sandbox.make_event(json!({}));
    let events = world.sandbox.until_announced();
    assert_eq!(events[0]["answers"], json!({ "503": 1 }));
    daemon.until("A notification cannot be kept.");
    assert_eq!(
        std::fs::read_dir(world.path("state/inbox/amex"))
            .unwrap()
            .count(),
        0
    );
    disk.clear();

    world.sandbox.announce(json!({ "events": [event] }));
    daemon.until("The batch was delivered.");
    assert_eq!(delivered(&world), [(event, 3)]);
}
