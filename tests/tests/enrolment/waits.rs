//! What needs an enrolment waits for it where everybody sees it, and then goes on by itself.

use super::*;

#[test]
fn a_slot_that_is_due_waits_and_then_runs_by_itself() {
    let config = config().cron("* * * * * *");
    let world = World::with_provider(&config, &INTERIM);
    unenrolled(&world, "Acme");
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    let _daemon = world.daemon();
    let due = || {
        let mut opened = world.until_events("slot_opened", 1);
        opened.retain(|event| event["schedule"] == "cardsync");
        !opened.is_empty()
    };
    while !due() {}

    let why = "account `cardsync` is not enrolled yet: run `reissue enrol cardsync`";
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains(&format!("a slot is due, {why}")),
        "{status}"
    );
    let person = "cardsync is not enrolled yet: run `reissue enrol cardsync`";
    assert!(status.contains(person), "{status}");
    let schedules = world.reissue(&["schedules"]).ok().out;
    let waits = format!("cardsync waits although it is due: {why}");
    assert!(schedules.contains(&waits), "{schedules}");
    assert!(world.path("cards/cardsync/july.csv").exists());
    // Other accounts go on.
    world.until_events("slot_served", 2);

    enrol(&world).ok();

    world.until_events("submission_accepted", 1);
    let status = world.reissue(&["status"]).ok().out;
    assert!(!status.contains("enrol"), "{status}");
}

#[test]
fn a_submission_that_was_planned_before_waits_too() {
    let world = World::with_provider(&config(), &INTERIM);
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    world.sandbox.fault(
        serde_json::json!({ "endpoint": "submit", "times": 0 }),
        serde_json::json!({ "kind": "status", "status": 401 }),
    );
    let daemon = world.daemon();
    world.run("cardsync");
    assert_eq!(world.until_events("submission_returned", 1).len(), 1);
    drop(daemon);

    world.sandbox.heal();
    unenrolled(&world, "Acme");
    let _daemon = world.daemon();
    // Whatever is due was looked at by then.
    world.run("amex-daily");
    let planned = world.reissue(&["batch", "list", "--state", "planned"]).ok();
    assert!(planned.out.contains("cardsync/"), "{planned:?}");

    enrol(&world).ok();

    world.until_events("submission_accepted", 1);
}

#[test]
fn collecting_never_waits() {
    let world = World::with(&config());
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    let daemon = world.daemon();
    world.run("cardsync");
    drop(daemon);
    unenrolled(&world, "Acme");
    let _daemon = world.daemon();
    assert_eq!(world.reissue(&["run", "cardsync"]).code, Some(1));

    // Without its key that is in vain; but it is tried.
    let failed = world.until_events("batch_failed", 1).remove(0);

    let message = failed["fault"]["message"].as_str().unwrap();
    let why = "the secret `merchant_key` is missing";
    assert!(message.starts_with(why), "{message}");
}
