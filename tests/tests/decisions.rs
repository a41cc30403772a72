//! What a person decides: which accounts rest, which only watch, what becomes of a batch.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Instant;

use reissue_tests::{ACCOUNT, Config, Delivered, PATIENCE, World};
use serde_json::{Value, json};

#[test]
fn a_batch_with_more_updates_than_the_brake_allows_waits_for_a_person() {
    let world = World::with(&Config::default().in_accounts("brake_updates = 24"));
    let (batch, name) = daily(&world, 25);
    let (small, _) = daily(&world, 24);
    let daemon = world.daemon();

    world.run("amex-daily");

    world.assert_delivered(std::slice::from_ref(&small));
    assert_eq!(state(&world, &name), "held");
    let status = world.reissue(&["status"]).ok().out;
    let text = format!(
        "{name} is held before delivery: it has 25 updates, more than the account's brake_updates = \
         24. Look at `reissue updates {name}`, then `reissue batch resolve {name} --as deliver`, or \
         `--as abandon`"
    );
    assert!(status.contains(&text), "{status}");
    let refused = world.reissue(&["batch", "retry", &name]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(
        refused.err,
        format!(
            "error: {name} is held before delivery, so there is nothing to try: decide with `reissue \
             batch resolve {name} --as deliver`, or `--as abandon`\n"
        )
    );
    // It is still so after a restart.
    drop(daemon);
    let mut daemon = world.daemon();
    assert_eq!(state(&world, &name), "held");

    let said = world.reissue(&["batch", "resolve", &name, "--as", "deliver"]);
    assert_eq!(said.ok().out, format!("{name} is delivered now\n"));
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch, small]);
    let resolved = world.until_events("resolved", 1);
    assert!(resolved[0]["by"].as_str().unwrap().starts_with("uid "));
}

#[test]
fn a_batch_that_is_given_up_is_neither_collected_nor_delivered() {
    let world = World::with(&Config::default().in_accounts("brake_updates = 24"));
    let (_, braked) = daily(&world, 25);
    let (failing, not_collected) = daily(&world, 3);
    world.sandbox.fault(
        json!({ "endpoint": "report", "batch": failing, "times": 0 }),
        json!({ "kind": "garbage" }),
    );
    let daemon = world.daemon();
    world.run("amex-daily");
    for name in [&braked, &not_collected] {
        assert_eq!(state(&world, name), "held");
        let said = world.reissue(&["batch", "resolve", name, "--as", "abandon"]);
        let out = said.ok().out;
        assert!(out.starts_with(&format!("{name} is given up")), "{out}");
    }
    world.sandbox.heal();

    drop(daemon);
    let _daemon = world.daemon();
    world.run("amex-daily");

    world.assert_delivered(&[]);
    for name in [&braked, &not_collected] {
        assert_eq!(state(&world, name), "abandoned");
        let refused = world.reissue(&["batch", "resolve", name, "--as", "deliver"]);
        assert_eq!(
            refused.err,
            format!("error: {name} is abandoned, so there is nothing to try or to decide\n")
        );
    }
    // Whoever finds that it was wrong, and finds it in time, is helped.
    let said = world.reissue(&["batch", "redeliver", &braked]).ok().out;
    assert_eq!(
        said,
        format!("{braked} is delivered once more to billing\n")
    );
    world.until_events("delivered", 1);
    let lost = world.reissue(&["batch", "redeliver", &not_collected]);
    assert!(lost.err.contains("are not here"), "{}", lost.err);
}

#[test]
fn a_batch_that_billing_lost_is_delivered_once_more() {
    let world = World::new();
    let (batch, name) = daily(&world, 25);
    let mut daemon = world.daemon();
    world.run("amex-daily");
    daemon.until("The batch was delivered.");
    let mut billing = Delivered::default();
    billing.take(&world);
    let first = billing.batches[&batch].clone();

    let unknown = world.reissue(&["batch", "redeliver", &name, "--sink", "biling"]);
    assert_eq!(
        unknown.err,
        "error: there is no sink `biling`; did you mean `billing`?\n"
    );
    let retried = world.reissue(&["batch", "retry", &name]);
    assert_eq!(
        retried.err,
        format!(
            "error: {name} is delivered, so there is nothing to try or to decide; `reissue batch \
             redeliver {name}` delivers it once more\n"
        )
    );
    world.reissue(&["batch", "redeliver", &name]).ok();
    daemon.until("The batch was delivered.");

    let mut again = Delivered::default();
    again.take(&world);
    assert_eq!(again.batches[&batch], first, "ids and all");
    assert_eq!(state(&world, &name), "delivered");
}

#[test]
fn what_is_held_can_be_tried_at_once() {
    let world = World::new();
    let (batch, name) = daily(&world, 25);
    world.sandbox.fault(
        json!({ "endpoint": "report" }),
        json!({ "kind": "garbage" }),
    );
    let mut daemon = world.daemon();
    world.run("amex-daily");
    assert_eq!(state(&world, &name), "held");

    let said = world.reissue(&["batch", "retry", &name]).ok().out;

    assert_eq!(
        said,
        format!("{name} is collected now; `reissue batch show {name}` says how it went\n")
    );
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
}

#[test]
fn an_account_in_shadow_mode_collects_and_delivers_later() {
    let shadow = Config::default().in_accounts("deliver = false");
    let world = World::with(&shadow);
    let (batch, name) = daily(&world, 25);
    let daemon = world.daemon();

    world.run("amex-daily");
    assert_eq!(state(&world, &name), "collected");
    drop(daemon);
    let mut daemon = world.daemon();
    world.run("amex-daily");
    world.assert_delivered(&[]);
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains("shadow mode: nothing is delivered"),
        "{status}"
    );
    let refused = world.reissue(&["batch", "retry", &name]);
    assert!(refused.err.contains("`deliver = false`"), "{}", refused.err);

    world.configure(&Config::default());
    world.reissue(&["reload"]).ok();
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
}

#[test]
fn a_disabled_account_ends_what_it_began_and_begins_nothing() {
    let world = World::new();
    let (batch, name) = daily(&world, 25);
    world.sandbox.fault(
        json!({ "endpoint": "report", "times": 0 }),
        json!({ "kind": "status", "status": 503 }),
    );
    let mut daemon = world.daemon();
    world.run("amex-daily");
    assert_eq!(state(&world, &name), "waiting");
    let (later, _) = daily(&world, 3);
    let slots = world.until_events("slot_opened", 1).len();

    let disabled = Config::default().cron("* * * * * *");
    world.configure(&disabled.in_accounts("enabled = false"));
    world.sandbox.heal();
    world.reissue(&["reload"]).ok();
    daemon.until("The batch was delivered.");

    world.assert_delivered(std::slice::from_ref(&batch));
    assert_eq!(world.until_events("slot_opened", slots).len(), slots);
    let refused = world.reissue(&["run", "amex-daily"]);
    assert_eq!(
        refused.err,
        format!(
            "error: account `{ACCOUNT}` has `enabled = false`, so its schedules rest: set it to true \
             and `reissue reload`\n"
        )
    );
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("disabled: its schedules rest"), "{status}");

    // Nothing of it is open, so it may go; or come back.
    world.configure(&Config::default());
    world.reissue(&["reload"]).ok();
    world.run("amex-daily");
    world.assert_delivered(&[batch, later]);
}

#[test]
fn batches_that_are_found_while_their_account_is_removed_wait_for_it() {
    let both = Config::default()
        .account("other")
        .schedule("other", "other", "amex-daily");
    let world = World::with(&both);
    let (batch, _) = daily(&world, 3);
    world.sandbox.fault(
        json!({ "endpoint": "list" }),
        json!({ "kind": "slow", "bytes_per_second": 500 }),
    );
    let mut daemon = world.daemon();
    world.reissue(&["run", "other"]).ok();
    world.sandbox.until_asked_for("list");
    world.configure(&Config::default());
    world.reissue(&["reload"]).ok();

    world.until_events("batch_found", 1);
    let until = Instant::now() + PATIENCE;
    let text = format!(
        "other/{batch} fails and is tried again: account `other` is not configured any more: put it \
         back until its batches are delivered"
    );
    while !world.reissue(&["status"]).ok().out.contains(&text) {
        assert!(Instant::now() < until, "nobody says that {text}");
    }

    world.configure(&both);
    world.reissue(&["reload"]).ok();
    daemon.until("The batch was delivered.");
}

/// A finished daily report: the provider's id, and the batch's name here.
fn daily(world: &World, records: u32) -> (String, String) {
    let id = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": records }));
    let name = format!("{ACCOUNT}/{id}");
    (id, name)
}

#[track_caller]
fn state(world: &World, batch: &str) -> Value {
    let view = world.reissue(&["batch", "show", batch, "--json"]);
    view.ok().json()["state"].take()
}
