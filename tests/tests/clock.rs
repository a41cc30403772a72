//! A calendar clock that jumps under a running daemon: the machine slept, or somebody corrected the
//! time. Nothing is lost, nothing runs twice, and a wait never becomes longer than it was.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use reissue_tests::{Clock, Config, Daemon, World};
use serde_json::{Value, json};

#[test]
fn a_machine_that_slept_has_waited() {
    let (world, clock) = World::with_clock(&Config::default());
    let busy = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "id": "100" }));
    let later = json!({ "kind": "status", "status": 429, "headers": { "retry-after": "3600" } });
    world.sandbox.fault(json!({ "endpoint": "report" }), later);
    let mut daemon = world.start_with(&clock.environment()).ready();
    world.run("amex-daily");
    assert_eq!(waits_for(&world, "100"), "busy");

    clock.set(TimeDelta::hours(8));
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[busy]);
}

#[test]
fn a_machine_that_slept_polls_at_once() {
    let hourly = "timings = { first_poll = \"1s\", poll_every = \"1h\" }";
    let (world, clock) = World::with_clock(&Config::default());
    world.edit("timings", hourly);
    let order = json!({ "source": "SCHEDULER", "records": 40, "ready_after": "2h" });
    let batch = world.sandbox.batch(order);
    let mut daemon = world.start_with(&clock.environment()).ready();
    assert_eq!(world.run("harvest")["batches"][0]["state"], "waiting");
    until_it_waits(&world, &batch);

    clock.set(TimeDelta::hours(8));
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[batch]);
}

/// Until the answer to the first poll is read: a clock that jumps before that is only the clock of then.
#[track_caller]
fn until_it_waits(world: &World, batch: &str) {
    let shown = || {
        world
            .reissue(&["batch", "show", batch, "--json"])
            .ok()
            .json()
    };
    let asked = |view: &Value| view["waits"]["until"].is_string();
    let waits = std::iter::repeat_with(shown)
        .take(10_000)
        .any(|view| asked(&view));
    assert!(waits, "{:?}", shown());
}

#[test]
fn a_clock_that_jumps_forward_owes_one_run_and_no_more() {
    let (world, clock, mut daemon) = daily("");
    let first = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));

    clock.set(TimeDelta::days(1));
    daemon.until("The batch was delivered.");
    let second = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    clock.set(TimeDelta::days(5));
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[first, second]);
    let missed = slots(&world, "slot_opened").into_iter();
    let missed: Vec<Value> = missed.map(|mut slot| slot["missed"].take()).collect();
    assert_eq!(missed, [0, 3], "one run a jump");
    let listings = &world.sandbox.requests()["counts"]["list"];
    assert_eq!(*listings, 4, "one a jump for each schedule");
}

#[test]
fn a_clock_that_jumps_forward_passes_slots_over_where_the_schedule_says_so() {
    let (world, clock, _daemon) = daily("missed = \"skip\"");

    clock.set(TimeDelta::days(5));
    world.until_events("slots_missed", 2);

    assert_eq!(slots(&world, "slots_missed")[0]["missed"], 5);
    assert_eq!(slots(&world, "slot_opened"), [Value::Null; 0]);
    assert_eq!(world.sandbox.requests()["counts"], json!({}));
}

#[test]
fn a_day_that_comes_again_runs_nothing_again() {
    let (world, clock, mut daemon) = daily("");
    let first = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    clock.set(TimeDelta::days(1));
    daemon.until("The batch was delivered.");

    clock.set(TimeDelta::zero());
    // The day before is served by hand, as on any other day, and finds nothing new.
    let again = world.run("amex-daily");
    assert_eq!(
        (&again["served"], &again["listed"]),
        (&json!(true), &json!(1))
    );
    clock.set(TimeDelta::days(1));
    let second = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    clock.set(TimeDelta::days(2));
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[first, second]);
    let mut due = slots(&world, "slot_opened");
    due.retain(|slot| slot["asked_by"].is_null());
    let missed: Vec<&Value> = due.iter().map(|slot| &slot["missed"]).collect();
    assert_eq!(missed, [0, 0], "one slot a day: {due:?}");
}

#[test]
fn a_clock_that_was_days_ahead_does_not_silence_a_schedule() {
    let (world, clock, mut daemon) = daily("");
    let first = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    clock.set(TimeDelta::days(6));
    daemon.until("The batch was delivered.");

    clock.set(TimeDelta::zero());
    // The slots count anew from now on.
    world.until_events("schedule_set", 4);
    let second = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    clock.set(TimeDelta::days(1));
    daemon.until("The batch was delivered.");

    world.assert_delivered(&[first, second]);
}

/// Schedules that fall due once a day, at an hour that is far from now, and a daemon whose slots count
/// from now on.
fn daily(line: &str) -> (World, Clock, Daemon) {
    let (world, clock) = World::with_clock(&Config::default());
    let now: DateTime<Utc> = world.sandbox.state()["now"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let noon = now + TimeDelta::hours(12);
    let config = Config::default()
        .cron(&format!("{} {} * * *", noon.minute(), noon.hour()))
        .in_schedules(line);
    world.configure(&config);
    let daemon = world.start_with(&clock.environment()).ready();
    world.until_events("schedule_set", 2);
    (world, clock, daemon)
}

/// The events of the daily report's schedule.
fn slots(world: &World, event: &str) -> Vec<Value> {
    let mut events = world.events();
    events.retain(|it| it["event"] == event && it["schedule"] == "amex-daily");
    events
}

/// The kind of the fault that a batch waits after.
fn waits_for(world: &World, batch: &str) -> String {
    let view = world
        .reissue(&["batch", "show", batch, "--json"])
        .ok()
        .json();
    view["fault"]["kind"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
