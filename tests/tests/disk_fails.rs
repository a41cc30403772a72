//! A disk that refuses a commit: the daemon ends at once, whoever committed, and the next one goes on
//! from what the journal holds.

use reissue_tests::{Delivered, KillPoint, Moment, World};
use serde_json::json;

/// The commits before a person's: the start, and the two schedules of the world.
const COMMITS_BEFORE: usize = 3;

#[test]
fn a_commit_that_fails_ends_the_daemon_whoever_made_it() {
    let world = World::new();
    let shim = KillPoint::new(&world);
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 3 }));
    drop(world.daemon());
    world.forget();

    let daemon = world.start_with(&shim.list()).ready();
    world.until_events("schedule_set", 2);
    world.run("amex-daily");
    drop(daemon);
    let mut commits = shim
        .calls()
        .into_iter()
        .filter(|call| call.name == "fdatasync");
    let persons = commits.nth(COMMITS_BEFORE).unwrap();
    world.forget();

    let mut daemon = world
        .start_with(&shim.at(persons.number, Moment::Fails))
        .ready();
    world.until_events("schedule_set", 2);
    let said = world.reissue(&["run", "amex-daily", "--wait"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(daemon.ended().code(), Some(1));

    let _daemon = world.daemon();
    world.run("amex-daily");
    let mut billing = Delivered::default();
    billing.take(&world);
    billing.assert_are(&[batch], &world.sandbox);
}
