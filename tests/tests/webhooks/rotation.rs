//! A secret is replaced without a call that is lost, and one that leaked is cut off.

use chrono::TimeDelta;
use serde_json::json;

use super::caller::post;
use super::*;

#[test]
fn the_secret_before_is_good_for_a_day_more() {
    let (world, clock) = World::with_clock(&config());
    unlimited(&world);
    let environment = clock.environment();
    let daemon = world.start_with(&environment).ready();
    subscribe(&world);
    let old = path(&world);

    let said = world.reissue(&["enrol", AMEX, "--rotate-webhook"]).ok();

    assert_eq!(
        said.out,
        "account `amex` is enrolled, and its webhook is registered\n"
    );
    let new = path(&world);
    assert_ne!(new, old);
    let answers = || [&old, &new].map(|path| post(&world, path, "{}").status);
    assert_eq!(answers(), [200, 200]);
    let rotated = world.until_events("webhook_rotated", 1).remove(0);
    assert!(
        rotated["by"].as_str().unwrap().starts_with("uid "),
        "{rotated}"
    );
    drop(daemon);
    let daemon = world.start_with(&environment).ready();
    assert_eq!(answers(), [200, 200]);
    clock.set(TimeDelta::hours(25));
    assert_eq!(answers(), [404, 200]);
    drop(daemon);
    let _daemon = world.start_with(&environment).ready();
    assert_eq!(answers(), [404, 200]);
    // The provider calls where it was told to last.
    let event = world.sandbox.make_event(json!({}));
    until(&world, "it is delivered", |world| {
        !delivered(world).is_empty()
    });
    assert_eq!(delivered(&world), [(event, 3)]);
}

#[test]
fn to_do_it_twice_cuts_off_one_that_leaked() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let leaked = path(&world);
    world.reissue(&["enrol", AMEX, "--rotate-webhook"]).ok();
    assert_eq!(post(&world, &leaked, "{}").status, 200);
    let second = path(&world);

    world.reissue(&["enrol", AMEX, "--rotate-webhook"]).ok();

    assert_eq!(post(&world, &leaked, "{}").status, 404);
    assert_eq!(post(&world, &second, "{}").status, 200);
    assert_eq!(post(&world, &path(&world), "{}").status, 200);
}

#[test]
fn until_the_provider_has_the_new_one_the_old_one_stays() {
    let world = world();
    let _daemon = world.daemon();
    subscribe(&world);
    let old = path(&world);
    let faulty = json!({ "kind": "status", "status": 429 });
    world
        .sandbox
        .fault(json!({ "endpoint": "webhook", "times": 2 }), faulty);

    for _ in 0..2 {
        let said = world.reissue(&["enrol", AMEX, "--rotate-webhook"]);
        let sentence = "the webhook of account `amex` could not be registered: ";
        assert!(said.out.starts_with(sentence), "{said:?}");
        assert_eq!(said.code, Some(69), "{said:?}");
    }

    assert_eq!(path(&world), old);
    assert_eq!(post(&world, &old, "{}").status, 200);
    // What needs it waits; who was enrolled still is.
    let ran = world.reissue(&["run", AMEX]);
    assert!(
        ran.err.contains("is not registered with its provider yet"),
        "{ran:?}"
    );
    world.reissue(&["enrol", AMEX]).ok();
    assert_ne!(path(&world), old);
    assert_eq!(post(&world, &old, "{}").status, 200);
    assert_eq!(world.run(AMEX)["served"], true);
}

#[test]
fn an_account_that_nobody_calls_has_none() {
    let world = world();
    let _daemon = world.daemon();
    let said = world.reissue(&["enrol", "barclays-uk", "--rotate-webhook"]);
    assert_eq!(
        said.out + &said.err,
        "account `barclays-uk` needs no enrolment: no job of its connector `smartpayfuse` does\n"
    );
}
