//! Killed before and after every durable operation of a delivery, and started again.

use std::os::unix::process::ExitStatusExt;

use reissue_tests::{Call, Config, KillPoint, Moment, World};
use serde_json::json;

use super::ids;

#[test]
fn a_kill_at_any_point_repeats_pages_only_under_their_ids() {
    let config = Config::default()
        .pushes("")
        .in_accounts("limits = { concurrent_calls = 1, requests_per_second = 1000 }");
    let world = World::with(&config);
    // The receiver alone, so that the calls come in the same order.
    let alone = world
        .config()
        .replace("[\"billing\", \"push\"]", "[\"push\"]");
    world.set_config(&alone);
    drop(world.daemon());
    world.forget();
    let shim = KillPoint::new(&world);
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 250 }));
    let receiver = |round: usize| format!("url = \"{}/_receiver/push{round}\"", world.sandbox.url);

    let daemon = world.start_with(&shim.list()).ready();
    world.run("amex-daily");
    drop(daemon);
    let calls: Vec<(Call, Moment)> = shim
        .calls()
        .into_iter()
        .skip_while(|call| call.name != "rename")
        .filter(|call| call.path.starts_with("state/journal"))
        .flat_map(|call| call.moments().iter().map(move |at| (call.clone(), *at)))
        .collect();
    assert!(
        calls.len() >= 12,
        "four records, and around each: {calls:?}"
    );

    let mut repeated = 0;
    for (round, (call, moment)) in calls.iter().enumerate() {
        println!("killed {moment:?} {call}");
        world.forget();
        // One that remembers nothing of the rounds before.
        world.edit("url = ", &receiver(round));
        let mut daemon = world.start_with(&shim.at(call.number, *moment));
        if daemon.became_ready() {
            // Fails when the daemon dies, which is what it is for.
            world.reissue(&["run", "amex-daily", "--wait"]);
        }
        assert_eq!(daemon.ended().signal(), Some(9), "not killed at {call}");

        let _daemon = world.daemon();
        world.run("amex-daily");
        let name = format!("push{round}");
        let receiver = world.sandbox.receiver(&name);
        let told = receiver.until("complete", 1);
        assert_eq!(told["pages"], 3, "{told}");
        assert_eq!(told["problems"], json!([]));
        assert_eq!(told["refused"], json!([]));
        repeated += told["repeated"].as_u64().unwrap();
        let seen = ids(&receiver.updates_seen());
        let records = world.sandbox.records(&batch);
        let last = |id: &str| id.rsplit('/').next().unwrap().to_owned();
        let seen: Vec<String> = seen.iter().map(|id| last(id)).collect();
        let expected: Vec<_> = records
            .iter()
            .map(|it| it["id"].as_str().unwrap())
            .collect();
        assert_eq!(seen, expected);
    }
    assert!(
        repeated > 0,
        "no kill fell between an answer and its record"
    );
}
