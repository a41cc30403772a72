//! A daemon that was down catches up once, and finds what was made meanwhile.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use reissue_tests::{Clock, Config, World};
use serde_json::{Value, json};

const DAYS: i64 = 4;

#[test]
fn missed_slots_are_one_run_that_finds_every_batch() {
    let (world, clock) = daily("");
    down_for_days(&world, &clock);
    let now = now(&world);
    let batches = [80, 50, 20, 1].map(|hours| {
        let created = now - TimeDelta::hours(hours);
        world
            .sandbox
            .batch(json!({ "source": "AMEX_MAINTENANCE", "created": created }))
    });

    let mut daemon = world.daemon();
    for _ in &batches {
        daemon.until("The batch was delivered.");
    }

    world.assert_delivered(&batches);
    let opened = slots(&world, "slot_opened");
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert_eq!(opened[0]["missed"], DAYS - 1);
    let listings = &world.sandbox.requests()["counts"]["list"];
    assert_eq!(*listings, 2, "one for each schedule");
}

#[test]
fn missed_slots_are_passed_over_where_the_schedule_says_so() {
    let (world, clock) = daily("missed = \"skip\"");
    down_for_days(&world, &clock);
    world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));

    let _daemon = world.daemon();
    world.until_events("slots_missed", 2);

    assert_eq!(slots(&world, "slots_missed")[0]["missed"], DAYS);
    assert_eq!(slots(&world, "slot_opened"), Vec::<Value>::new());
    assert_eq!(world.sandbox.requests()["counts"], json!({}));
}

#[test]
fn a_batch_that_was_in_process_is_collected_after_the_stop() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({
        "source": "SCHEDULER", "records": 40, "ready_after": "24h",
    }));
    let daemon = world.daemon();
    assert_eq!(world.run("harvest")["batches"][0]["state"], "waiting");
    daemon.stop();

    world.sandbox.advance("25h");
    world.daemon().until("The batch was delivered.");

    world.assert_delivered(&[batch]);
}

/// Schedules that fall due once a day, at an hour that is far from now.
fn daily(line: &str) -> (World, Clock) {
    let (world, clock) = World::with_clock(&Config::default());
    let noon = now(&world) + TimeDelta::hours(12);
    let config = Config::default()
        .cron(&format!("{} {} * * *", noon.minute(), noon.hour()))
        .in_schedules(line);
    world.configure(&config);
    (world, clock)
}

/// The daemon was up for a moment some days ago.
fn down_for_days(world: &World, clock: &Clock) {
    clock.set(-TimeDelta::days(DAYS));
    let daemon = world.start_with(&clock.environment()).ready();
    // From here on the slots of both schedules count.
    world.until_events("schedule_set", 2);
    daemon.stop();
    clock.set(TimeDelta::zero());
}

/// The events of the daily report's schedule.
fn slots(world: &World, event: &str) -> Vec<Value> {
    let mut events = world.events();
    events.retain(|it| it["event"] == event && it["schedule"] == "amex-daily");
    events
}

fn now(world: &World) -> DateTime<Utc> {
    world.sandbox.state()["now"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}
