//! A disk that is full: the daemon pauses, says so, and goes on by itself; nothing is lost, nothing
//! half written stays, nothing comes twice.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use reissue_tests::{Delivered, FullDisk, World};
use serde_json::{Value, json};

#[test]
fn while_the_journal_is_full_the_daemon_pauses() {
    let world = World::new();
    let disk = FullDisk::new(&world, "state/journal");
    let batch = daily(&world);
    let mut daemon = world.start_with(disk.environment()).ready();
    world.until_events("schedule_set", 2);

    disk.fill();
    let refused = world.reissue(&["run", "amex-daily"]);

    assert_eq!(refused.code, Some(1));
    assert_eq!(
        world.neutral(&refused.err),
        "error: no space is left for the journal in WORLD/state/journal. Nothing is lost: make space, \
         and the daemon goes on by itself\n"
    );
    daemon.until("There is no space for the journal; the daemon pauses.");
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        world.neutral(&status).contains(
            "WORLD/state has no space left for the journal: make space; nothing is lost, and the \
             daemon goes on by itself"
        ),
        "{status}"
    );

    disk.clear();
    world.run("amex-daily");
    assert_eq!(attention(&world), json!([]));
    world.assert_delivered(&[batch]);
    daemon.stop();
    // Nothing of the records that did not fit is left: another daemon reads the journal.
    world.daemon().stop();
}

#[test]
fn a_batch_whose_records_do_not_fit_is_collected_once_there_is_space() {
    let world = World::new();
    let disk = FullDisk::new(&world, "state/journal");
    let batch = daily(&world);
    world.sandbox.fault(
        json!({ "endpoint": "report" }),
        json!({ "kind": "slow", "bytes_per_second": 4000 }),
    );
    let mut daemon = world.start_with(disk.environment()).ready();
    world.reissue(&["run", "amex-daily"]).ok();
    world.sandbox.until_asked_for("report");

    disk.fill();
    daemon.until("There is no space for the journal; the daemon pauses.");
    assert_eq!(world.delivered().files.len(), 0);
    disk.clear();

    daemon.until("There is space for the journal again; the daemon goes on.");
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
}

#[test]
fn a_spool_that_does_not_fit_is_begun_anew_once_there_is_space() {
    does_not_fit("state/spool", "Collecting failed; it will be tried again.");
}

#[test]
fn a_file_that_does_not_fit_into_the_sink_is_written_anew_once_there_is_space() {
    does_not_fit("updates", "Delivery failed; it will be tried again.");
}

#[track_caller]
fn does_not_fit(place: &str, said: &str) {
    let world = World::new();
    let disk = FullDisk::new(&world, place);
    let batch = daily(&world);
    let mut daemon = world.start_with(disk.environment()).ready();

    disk.fill();
    world.reissue(&["run", "amex-daily"]).ok();
    let line = daemon.until(said);
    let why = line["fault"].as_str().unwrap();
    assert!(why.contains("No space left on device"), "{why}");
    assert_eq!(attention(&world)[0]["matter"], "failing");
    disk.clear();
    let name = format!("barclays-uk/{batch}");
    world.reissue(&["batch", "retry", &name]).ok();

    daemon.until("The batch was delivered.");
    let mut billing = Delivered::default();
    billing.take(&world);
    billing.assert_are(&[batch], &world.sandbox);
    assert_eq!(attention(&world), json!([]));
}

fn daily(world: &World) -> String {
    world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 25 }))
}

#[track_caller]
fn attention(world: &World) -> Value {
    world.reissue(&["status", "--json"]).ok().json()["attention"].take()
}
