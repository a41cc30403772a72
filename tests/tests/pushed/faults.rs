//! Receivers that misbehave: nothing is lost or seen twice, nobody else waits, and a person reads why.

use chrono::TimeDelta;
use reissue_tests::{ACCOUNT, Config, World};
use serde_json::{Value, json};

use super::{attention, daily, fail_after, ids, shown, world};

/// How a receiver misbehaves, and what an operator reads of it.
fn misbehaviours() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "kind": "status", "status": 400 }), "HTTP 400"),
        (json!({ "kind": "status", "status": 404 }), "HTTP 404"),
        (json!({ "kind": "status", "status": 500 }), "HTTP 500"),
        (
            json!({ "kind": "status", "status": 503, "headers": { "retry-after": "60" } }),
            "HTTP 503",
        ),
        (
            json!({ "kind": "redirect", "to": "http://127.0.0.1:1/_receiver/push" }),
            "follows no redirect",
        ),
        (json!({ "kind": "drop" }), "no answer came"),
        (
            json!({ "kind": "silence" }),
            "nothing came for 1s (timeout of the webhook)",
        ),
        (
            json!({ "kind": "served", "then": { "kind": "drop" } }),
            "no answer came",
        ),
        (
            json!({ "kind": "served", "then": { "kind": "status", "status": 500 } }),
            "HTTP 500",
        ),
    ]
}

#[test]
fn however_a_receiver_misbehaves_each_update_is_seen_once_and_in_order() {
    let (world, clock, mut daemon) = world("timeout = \"1s\"");
    let receiver = world.sandbox.receiver("push");
    let batch = daily(&world, 350);
    let all = misbehaviours();
    let faults = all.len() as i32;
    for (times, (then, _)) in (1..).zip(&all) {
        // The first page is taken, and then one fault after the other strikes the second.
        let matches = json!({ "endpoint": "receiver", "nth": 1 + times });
        world.sandbox.fault(matches, then.clone());
    }
    world.run("amex-daily");
    for ((_, why), hour) in all.iter().zip(0..) {
        let line = fail_after(&mut daemon, &clock, TimeDelta::hours(hour));
        let fault = line["fault"].as_str().unwrap_or_default().to_owned();
        assert!(fault.contains(why), "{why}: {line}");
        assert_eq!(shown(&world, &batch)["sinks"]["push"]["pages"], 1);
        assert_eq!(shown(&world, &batch)["sinks"]["billing"]["state"], "done");
    }
    clock.set(TimeDelta::hours(i64::from(faults)));
    let told = receiver.until("complete", 1);
    assert_eq!(told["problems"], json!([]));
    assert_eq!(told["repeated"], 2, "answers were lost twice");
    let seen = ids(&receiver.updates_seen());
    let records = world.sandbox.records(&batch);
    let expected = records
        .iter()
        .map(|record| format!("{ACCOUNT}/{batch}/{}", record["id"].as_str().unwrap()));
    assert_eq!(seen, expected.collect::<Vec<_>>());
    daemon.until("The batch was delivered.");
    assert_eq!(attention(&world, "push"), [""; 0]);
}

#[test]
fn a_receiver_that_is_down_for_a_day_is_held_and_tried_again_when_a_person_says_so() {
    let (world, clock, mut daemon) = world("");
    let receiver = world.sandbox.receiver("push");
    receiver.fails(
        0,
        json!({ "kind": "status", "status": 503, "body": "down for 4111 1111 1111 1111" }),
    );
    let first = daily(&world, 150);
    world.run("amex-daily");
    let says = attention(&world, "push").concat();
    assert!(
        says.starts_with("fails and is tried again, 1 batch not delivered: 127.0.0.1:"),
        "{says}"
    );
    assert!(
        says.ends_with(" answered HTTP 503: down for 411111XXXXXX1111"),
        "{says}"
    );

    let checked = world.reissue(&["check"]).ok().out;
    let sink = "sink push fails, 1 batch not delivered, 0 held: 127.0.0.1:";
    assert!(checked.contains(sink), "{checked}");

    // Hours pass; other batches are collected, go to files, and do not each try the receiver.
    let others: Vec<String> = (1..=20).map(|records| daily(&world, records)).collect();
    world.run("amex-daily");
    fail_after(&mut daemon, &clock, TimeDelta::hours(2));
    let all: Vec<String> = [&first].into_iter().chain(&others).cloned().collect();
    world.assert_delivered(&all);
    let tried = world.until_events("sink_failed", 1).len();
    assert!(tried <= 3, "{tried} batches tried it");

    // The batch that failed first is held once a day is over.
    for hours in [30, 35, 40, 45, 50] {
        fail_after(&mut daemon, &clock, TimeDelta::hours(hours));
    }
    let held = |batch: &str| shown(&world, batch)["failing"]["push"]["held"] == true;
    let mut ahead = 50;
    while !held(&first) {
        ahead += 5;
        assert!(ahead < 400, "never held");
        fail_after(&mut daemon, &clock, TimeDelta::hours(ahead));
    }
    assert_eq!(shown(&world, &first)["state"], "collected");
    let says = attention(&world, "push").join("\n");
    assert!(says.contains("held and tried once a day"), "{says}");

    world.sandbox.heal();
    world
        .reissue(&["batch", "retry", &format!("{ACCOUNT}/{first}")])
        .ok();
    let told = receiver.until("complete", 21);
    assert_eq!(told["problems"], json!([]));
    // Each has gone to two sinks, and the last may have been answered only now.
    world.until_events("delivered", 2 * 21);
    assert_eq!(attention(&world, "push"), [""; 0]);
    let seen = ids(&receiver.updates_seen());
    assert_eq!(seen.len(), 150 + (1..=20).sum::<usize>());
}

#[test]
fn a_batch_that_a_receiver_cannot_take_keeps_it_from_no_other() {
    let (world, clock, _daemon) = world("");
    let receiver = world.sandbox.receiver("push");
    receiver.fails(
        1,
        json!({ "kind": "status", "status": 422, "body": "no such account" }),
    );
    let bad = daily(&world, 1);
    world.run("amex-daily");
    let good = daily(&world, 2);
    world.run("amex-daily");
    clock.set(TimeDelta::seconds(11));
    receiver.until("complete", 1);
    assert_eq!(receiver.pages()[0]["batch"], good);
    // It is the next one to be tried again.
    clock.set(TimeDelta::hours(1));
    receiver.until("complete", 2);
    assert_eq!(receiver.pages()[1]["batch"], bad);
}

#[test]
fn a_receiver_that_stalls_holds_neither_the_provider_nor_another_sink() {
    let config = Config::default()
        .pushes("timeout = \"1h\"")
        .in_accounts("limits = { concurrent_calls = 1 }");
    let world = World::with(&config);
    let mut daemon = world.daemon();
    let receiver = world.sandbox.receiver("push");
    receiver.fails(1, json!({ "kind": "silence" }));
    let first = daily(&world, 3);
    let opened = world.reissue(&["run", "amex-daily"]);
    opened.ok();
    daemon.until("The batch was delivered.");

    let second = world
        .sandbox
        .batch(json!({ "source": "SCHEDULER", "records": 4 }));
    world.reissue(&["run", "harvest"]).ok();
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[first, second]);
    assert_eq!(receiver.told()["pages"], 0);
    // Nor does it keep the daemon from ending.
    daemon.stop();
}

#[test]
fn of_two_receivers_the_broken_one_is_alone() {
    let config = Config::default().pushes("");
    let world = World::with(&config);
    let broken = format!(
        "{}\n[sinks.broken]\nkind = \"webhook\"\nurl = \"{}/_receiver/broken?token=hunter2\"\nsecrets = [{{ file = \"{}\" }}]\n",
        world
            .config()
            .replace("[\"billing\", \"push\"]", "[\"broken\", \"push\"]"),
        world.sandbox.url,
        world.path("push-secret").display()
    );
    world.set_config(&broken);
    let _daemon = world.daemon();
    world.sandbox.receiver("broken").fails(
        0,
        json!({ "kind": "status", "status": 401, "body": "who is hunter" }),
    );
    let batch = daily(&world, 101);
    world.run("amex-daily");
    assert_eq!(world.sandbox.receiver("push").told()["complete"], 1);
    let view = shown(&world, &batch);
    assert_eq!(view["state"], "collected");
    assert_eq!(view["sinks"]["push"]["state"], "done");
    let text = world.reissue(&["status"]).ok().out + &world.log() + &view.to_string();
    assert!(!text.contains("hunter2"), "{text}");
}
