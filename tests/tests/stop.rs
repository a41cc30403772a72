//! Stopping, reloading, and two of a kind: nothing is half applied, and whoever is refused learns why.

use reissue_tests::{Config, World};
use rustix::process::Signal;
use serde_json::{Value, json};

const OTHER: &str = "barclays-ie";

#[test]
fn a_stop_while_collecting_ends_at_once_and_leaves_the_batch_for_later() {
    let world = World::new();
    let batch = world
        .sandbox
        .batch(json!({ "source": "SCHEDULER", "records": 300 }));
    world.sandbox.fault(
        json!({ "endpoint": "report" }),
        json!({ "kind": "slow", "bytes_per_second": 100 }),
    );
    let mut daemon = world.daemon();
    world.reissue(&["run", "harvest"]).ok();
    world.sandbox.until_asked_for("report");

    daemon.signal(Signal::TERM);

    assert!(daemon.ended().success());
    assert_eq!(daemon.said("Reissue has stopped.").len(), 1);
    let left = daemon.said("Runs did not end in time; the next start takes them up.");
    assert_eq!(left, Vec::<Value>::new());
    world.assert_delivered(&[]);
    assert!(world.events().iter().all(|it| it["event"] != "collected"));

    let _daemon = world.daemon();
    world.run("harvest");
    world.assert_delivered(&[batch]);
}

#[test]
fn a_reload_takes_up_what_is_new() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let mut daemon = world.daemon();

    world.configure(&with_another_account());
    let said = world.reissue(&["reload"]).ok();
    assert!(said.out.contains("2 accounts, 3 schedules"), "{}", said.out);
    world.run("ie-daily");
    world.assert_delivered(&[batch]);

    world.configure(&Config::default());
    daemon.until("The configuration was reloaded.");
    daemon.signal(Signal::HUP);
    daemon.until("The configuration was reloaded.");
    let said = world.reissue(&["run", "ie-daily"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("no schedule `ie-daily`"), "{}", said.err);
}

#[test]
fn a_bad_configuration_leaves_the_old_one_in_place() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let mut daemon = world.daemon();
    world.edit("job", "job = \"amex-daily\"\ntiemzone = \"Europe/London\"");

    let said = world.reissue(&["reload"]);
    assert_ne!(said.code, Some(0));
    for word in ["reissue.toml:", "tiemzone", "timezone"] {
        assert!(said.err.contains(word), "{word}: {}", said.err);
    }
    daemon.signal(Signal::HUP);
    let line = daemon.until("The configuration was not reloaded; the old one stays.");
    assert!(line["why"].as_str().unwrap().contains("tiemzone"), "{line}");

    world.configure(&Config::default());
    world.run("amex-daily");
    world.assert_delivered(&[batch]);
}

#[test]
fn an_account_with_open_batches_stays() {
    let world = World::with(&with_another_account());
    world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "ready_after": "1h" }));
    let mut daemon = world.daemon();
    assert_eq!(world.run("ie-daily")["batches"][0]["state"], "waiting");
    world.configure(&Config::default());
    let sentence = format!("account `{OTHER}` is not configured any more and has open batches (1)");

    let said = world.reissue(&["reload"]);
    assert_ne!(said.code, Some(0));
    assert!(said.err.contains(&sentence), "{}", said.err);

    daemon.kill();
    let mut daemon = world.start();
    assert_eq!(daemon.ended().code(), Some(78));
    let said = daemon.log().last().unwrap().to_string();
    assert!(said.contains(&sentence), "{said}");
}

#[test]
fn a_state_directory_has_one_daemon() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let _daemon = world.daemon();

    let mut second = world.start();

    assert_eq!(second.ended().code(), Some(69));
    let said = second.log().last().unwrap().to_string();
    let state = world.path("state");
    let sentence = format!("another reissue daemon uses {}", state.display());
    assert!(said.contains(&sentence), "{said}");
    // The first one is as it was, its socket too.
    world.run("amex-daily");
    world.assert_delivered(&[batch]);
}

fn with_another_account() -> Config {
    Config::default()
        .account(OTHER)
        .schedule("ie-daily", OTHER, "amex-daily")
}
