//! What arrives, and how it is signed.

use reissue_tests::{ACCOUNT, Config, World};
use serde_json::{Value, json};

use super::{daily, ids, shown, world};

const OLD: &str = "whsec_cmVpc3N1ZS1zYW5kYm94LXJlY2VpdmVyLXNlY3JldC0x";
const NEW: &str = "whsec_bmV3LXNlY3JldC1vZi10aGUtcmVjZWl2ZXItMDAwMDE=";

#[test]
fn a_billing_system_gets_what_the_files_hold_in_pages() {
    let (world, _clock, _daemon) = world("");
    let batch = daily(&world, 250);
    let run = world.run("amex-daily");
    assert_eq!(run["batches"][0]["state"], "delivered");

    let receiver = world.sandbox.receiver("push");
    let told = receiver.told();
    assert_eq!(told["pages"], 3, "{told}");
    assert_eq!(told["complete"], 1);
    assert_eq!(told["largest_page"], 100);
    for nothing in ["refused", "problems"] {
        assert_eq!(told[nothing], json!([]));
    }
    assert_eq!(told["repeated"], 0);
    let file = world.path(&format!("updates/{ACCOUNT}/amex-daily/{batch}.jsonl"));
    let file = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = file
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(receiver.updates_seen(), lines);
    assert_eq!(shown(&world, &batch)["sinks"]["push"]["state"], "done");

    // What is delivered once more bears the ids that it had.
    let key = format!("{ACCOUNT}/{batch}");
    world
        .reissue(&["batch", "redeliver", &key, "--sink", "push"])
        .ok();
    let again = receiver.until("repeated", 3);
    assert_eq!(again["pages"], 3);
    assert_eq!(again["problems"], json!([]));
    assert_eq!(again["ids"], told["ids"]);
}

#[test]
fn two_secrets_sign_while_one_takes_the_others_place() {
    let (world, _clock, _daemon) = world("");
    world.secret("new-secret", NEW);
    let receiver = world.sandbox.receiver("push");
    receiver.believes(&[NEW, OLD]);
    let reload = |secrets: &str| {
        world.edit("secrets = [{", secrets);
        world.reissue(&["reload"]).ok();
    };
    let signed_by = || receiver.told()["signed_by"].clone();
    daily(&world, 1);
    world.run("amex-daily");
    assert_eq!(signed_by(), json!({ "1": 1 }));

    reload(r#"secrets = [{ file = "WORLD/new-secret" }, { file = "WORLD/push-secret" }]"#);
    daily(&world, 2);
    world.run("amex-daily");
    assert_eq!(signed_by(), json!({ "0": 1, "1": 2 }));

    receiver.believes(&[NEW]);
    reload(r#"secrets = [{ file = "WORLD/new-secret" }]"#);
    daily(&world, 3);
    world.run("amex-daily");
    assert_eq!(signed_by()["0"], 2);
    assert_eq!(receiver.told()["refused"], json!([]));
    assert_eq!(receiver.updates_seen().len(), 6);
}

#[test]
fn shadow_mode_posts_nothing_until_it_ends() {
    let config = Config::default().pushes("").in_accounts("deliver = false");
    let world = World::with(&config);
    let _daemon = world.daemon();
    let batch = daily(&world, 120);
    world.run("amex-daily");
    assert_eq!(shown(&world, &batch)["state"], "collected");
    let receiver = world.sandbox.receiver("push");
    assert_eq!(receiver.told()["pages"], 0);

    world.edit("deliver = false", "deliver = true");
    world.reissue(&["reload"]).ok();
    receiver.until("complete", 1);
    let seen = ids(&receiver.updates_seen());
    assert_eq!(seen.len(), 120);
}
