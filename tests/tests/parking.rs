//! An account whose credentials the provider refuses is left alone, and a person sees it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use reissue_tests::{ACCOUNT, Config, World};
use serde_json::{Value, json};

/// Three schedules that are always due, one call at a time.
fn impatient() -> Config {
    Config::default()
        .schedule("daily-again", ACCOUNT, "amex-daily")
        .cron("* * * * * *")
        .in_accounts("limits = { concurrent_calls = 1 }")
}

#[test]
fn two_refused_calls_park_the_account_and_a_reload_tries_it_again() {
    let world = World::with(&impatient());
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    refuse_credentials(&world);
    let mut daemon = world.daemon();

    let said =
        daemon.until("The provider refuses the account's credentials; the account is parked.");
    assert_eq!(said["account"], ACCOUNT);
    // The third schedule's slot is open and due, and would have been served long ago.
    world.until_events("slot_overlapped", 3);
    assert_eq!(lists(&world), 2);
    let shown = world.reissue(&["status"]).ok().out;
    assert!(
        shown.contains(&format!(
            "{ACCOUNT} is parked: the provider refuses its credentials ("
        )),
        "{shown}"
    );
    assert!(shown.contains("parked, tried at 2"), "{shown}");

    world.sandbox.heal();
    world.reissue(&["reload"]).ok();
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
    assert!(!world.reissue(&["status"]).ok().out.contains("parked"));
}

#[test]
fn a_person_may_knock_at_a_parked_account() {
    let world = World::with(&impatient());
    refuse_credentials(&world);
    let mut daemon = world.daemon();
    daemon.until("The provider refuses the account's credentials; the account is parked.");

    let refused = world.reissue(&["run", "harvest", "--wait"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(lists(&world), 3);

    world.sandbox.heal();
    world.run("harvest");
    daemon.until("The provider takes the account's credentials again.");
}

#[test]
fn what_is_collected_is_delivered_while_its_account_is_parked() {
    let world = World::with(&Config::default().in_sink("mode = \"0640\""));
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    // A file in the way of the sink's directory.
    std::fs::write(world.path("updates"), "").unwrap();
    let mut daemon = world.daemon();
    world.run("amex-daily");
    daemon.until("Delivery failed; it will be tried again.");
    refuse_credentials(&world);
    for schedule in ["amex-daily", "harvest"] {
        world.reissue(&["run", schedule, "--wait"]);
    }
    daemon.until("The provider refuses the account's credentials; the account is parked.");

    std::fs::remove_file(world.path("updates")).unwrap();
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
}

fn refuse_credentials(world: &World) {
    world.sandbox.fault(
        json!({ "endpoint": "any", "times": 0 }),
        json!({ "kind": "status", "status": 401 }),
    );
}

fn lists(world: &World) -> Value {
    world.sandbox.requests()["counts"]["list"].clone()
}
