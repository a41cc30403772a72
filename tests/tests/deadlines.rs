//! Deadlines: what nears its purge is told in time, what is past it is over, and a report that does not
//! appear is missed.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use chrono::TimeDelta;
use reissue_tests::{ACCOUNT, Clock, Config, Daemon, World};
use serde_json::{Value, json};

#[test]
fn half_the_time_is_a_warning_and_three_quarters_an_alarm() {
    for (days, level, text) in [
        (4, None, "fails and is tried again: "),
        (6, Some("WARN"), "will be purged in 3d 22h: "),
        (8, Some("ERROR"), "will be purged in 1d 22h: "),
    ] {
        let (world, clock) = kept_for_ten_days();
        let name = found(&world, &clock, json!({ "kind": "status", "status": 503 }));

        let mut daemon = after(&world, &clock, days);
        if let Some(level) = level {
            let line = daemon.until_line("an alarm", |line| line["about"] == *name);
            assert_eq!(line["level"], level);
            assert!(line["text"].as_str().unwrap().starts_with(text), "{line}");
        }
        let [about] = attention(&world).try_into().unwrap();
        assert_eq!(about["about"], *name);
        assert!(about["text"].as_str().unwrap().starts_with(text), "{about}");
    }
}

#[test]
fn what_is_held_past_its_purge_is_over() {
    let (world, clock) = kept_for_ten_days();
    let name = found(&world, &clock, json!({ "kind": "garbage" }));

    let mut daemon = after(&world, &clock, 11);
    daemon.until("The provider no longer has the batch.");

    let view = world
        .reissue(&["batch", "show", &name, "--json"])
        .ok()
        .json();
    assert_eq!(view["state"], "expired");
    let [about] = attention(&world).try_into().unwrap();
    let text = about["text"].as_str().unwrap();
    assert!(
        text.starts_with("was purged before it was collected ("),
        "{text}"
    );
}

#[test]
fn what_the_provider_still_gives_past_its_purge_is_delivered() {
    let (world, clock) = kept_for_ten_days();
    let name = found(&world, &clock, json!({ "kind": "garbage" }));
    world.sandbox.heal();

    let mut daemon = after(&world, &clock, 11);
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[name.replace(&format!("{ACCOUNT}/"), "")]);
    assert_eq!(attention(&world), Vec::<Value>::new());
}

#[test]
fn a_report_that_does_not_appear_is_missed() {
    let expecting = Config::default().in_schedules("expect_every = \"26h\"");
    let (world, clock) = World::with_clock(&expecting);
    let daemon = world.start_with(&clock.environment()).ready();
    world.until_events("schedule_set", 2);
    drop(daemon);

    let mut daemon = after(&world, &clock, 3);
    for _ in 0..2 {
        daemon.until("A deadline needs a person.");
    }

    let expected = ["amex-daily", "harvest"].map(|schedule| {
        json!({
            "about": schedule,
            "matter": "nothing_new",
            "text": "found no new batch for 3d 1h, one is expected every 1d 2h: ask the provider",
        })
    });
    assert_eq!(attention(&world), expected);
    world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    world.run("amex-daily");
    assert_eq!(attention(&world), expected[1..]);

    // Where nobody looks, none is missed.
    world.configure(&expecting.in_accounts("enabled = false"));
    world.reissue(&["reload"]).ok();
    assert_eq!(attention(&world), Vec::<Value>::new());
}

/// A provider that purges results after ten days.
fn kept_for_ten_days() -> (World, Clock) {
    let (world, clock) = World::with_clock(&Config::default());
    let (timings, longer) = (
        "poll_every = \"1s\"",
        "poll_every = \"1s\", kept_for = \"10d\"",
    );
    world.set_config(&world.config().replace(timings, longer));
    (world, clock)
}

/// A batch that a daemon has found, and this went wrong with its report.
#[track_caller]
fn found(world: &World, clock: &Clock, fault: Value) -> String {
    let id = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    world
        .sandbox
        .fault(json!({ "endpoint": "report", "times": 0 }), fault);
    let daemon = world.start_with(&clock.environment()).ready();
    world.run("amex-daily");
    drop(daemon);
    format!("{ACCOUNT}/{id}")
}

/// A daemon that starts when so many days have gone by, also for the provider.
fn after(world: &World, clock: &Clock, days: i64) -> Daemon {
    // And some, so that no text depends on how long the test takes.
    clock.set(TimeDelta::days(days) + TimeDelta::minutes(90));
    world.start_with(&clock.environment())
}

#[track_caller]
fn attention(world: &World) -> Vec<Value> {
    let status = world.reissue(&["status", "--json"]).ok().json();
    status["attention"].as_array().unwrap().clone()
}
