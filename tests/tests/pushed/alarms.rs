//! `[alarms]`: what needs a person is told once while it stands.

use reissue_tests::{ACCOUNT, Config, World};
use serde_json::{Value, json};

use super::daily;

/// A world whose alarms go to the receiver `alarms`, and whose reports are held at the brake.
fn world() -> World {
    let world = World::with(
        &Config::default()
            .pushes("")
            .in_accounts("brake_updates = 10"),
    );
    let alarms = format!(
        "{}\n[alarms]\nurl = \"{}/_receiver/alarms\"\nsecrets = [{{ file = \"{}\" }}]\n",
        world.config(),
        world.sandbox.url,
        world.path("push-secret").display()
    );
    world.set_config(&alarms);
    world
}

fn told(world: &World) -> Vec<[Value; 2]> {
    let alarms = world.sandbox.receiver("alarms").alarms();
    alarms
        .iter()
        .map(|it| [it["about"].clone(), it["matter"].clone()])
        .collect()
}

#[test]
fn a_batch_at_the_brake_is_told_once_whatever_happens_to_daemon_and_receiver() {
    let world = world();
    let receiver = world.sandbox.receiver("alarms");
    // The receiver has it, and the daemon cannot know.
    receiver.fails(1, json!({ "kind": "served", "then": { "kind": "drop" } }));
    let mut daemon = world.daemon();
    let held = daily(&world, 11);
    world.run("amex-daily");
    receiver.until("alarms", 1);
    daemon.until("An alarm cannot be told; it will be tried again.");
    daemon.kill();

    let mut daemon = world.daemon();
    let again = receiver.until("repeated", 1);
    daemon.until("An alarm was told.");
    assert_eq!(
        (&again["alarms"], &again["problems"]),
        (&json!(1), &json!([]))
    );
    daemon.kill();

    // What was told survives; what is new is told.
    let _daemon = world.daemon();
    let second = daily(&world, 12);
    world.run("amex-daily");
    receiver.until("alarms", 2);
    let about = |batch: &str| [json!(format!("{ACCOUNT}/{batch}")), json!("held")];
    assert_eq!(told(&world), [about(&held), about(&second)]);
    assert_eq!(receiver.told()["repeated"], 1);
}

#[test]
fn a_receiver_of_alarms_that_is_down_is_seen_and_holds_nothing() {
    let world = world();
    let receiver = world.sandbox.receiver("alarms");
    receiver.fails(0, json!({ "kind": "status", "status": 500 }));
    let mut daemon = world.daemon();
    daily(&world, 11);
    world.run("amex-daily");
    daemon.until("An alarm cannot be told; it will be tried again.");
    let says = super::attention(&world, "[alarms]").concat();
    assert!(
        says.starts_with("takes no alarms, and is tried again: "),
        "{says}"
    );
    let good = daily(&world, 10);
    world.run("amex-daily");
    world.assert_delivered(&[good]);
}
