//! A list of batches that cannot be read.

use reissue_tests::{Pinned, World};
use serde_json::json;

use crate::answers::{
    ANOTHER_DOCUMENT, INVALID, answer, bare, kind, later, redirect, status, truncated,
};
use crate::{attention, daily, neutral, recovers};

#[test]
fn a_list_that_cannot_be_read_leaves_the_slot_open_and_loses_nothing() {
    let rows = [
        ("401", status(401), "credentials"),
        ("403", status(403), "credentials"),
        ("404", bare(404), "refused"),
        ("422", answer(422, INVALID), "refused"),
        ("429", later(429, "600"), "busy"),
        ("500", status(500), "busy"),
        ("503 from a gateway", bare(503), "busy"),
        ("a web page", kind("html"), "garbled"),
        ("nothing", kind("empty"), "garbled"),
        ("no JSON", kind("garbage"), "garbled"),
        ("another document", answer(200, ANOTHER_DOCUMENT), "garbled"),
        ("a part", truncated(300), "unreachable"),
        ("less than announced", kind("wrong_length"), "unreachable"),
        ("no answer", kind("drop"), "unreachable"),
        (
            "another place",
            redirect("https://example.com/x?y=z"),
            "garbled",
        ),
    ];
    let world = World::new();
    let batches = [daily(&world, "100"), daily(&world, "101")];
    let daemon = world.daemon();
    let mut pinned = Pinned::new("faults_of_a_list");

    for (fault, then, kind) in rows {
        world.sandbox.heal();
        world
            .sandbox
            .fault(json!({ "endpoint": "list", "times": 0 }), then);
        let run = world.reissue(&["run", "amex-daily", "--wait", "--json"]);
        assert_eq!(run.code, Some(1), "{fault}: {}", run.out);
        let view = run.json();
        assert_eq!(
            (&view["served"], &view["fault"]["kind"]),
            (&json!(false), &json!(kind)),
            "{fault}"
        );
        let told = &attention(&world)["amex-daily"];
        let sentence = view["fault"]["message"].as_str().unwrap();
        assert_eq!(*told, format!("cannot be served: {sentence}"), "{fault}");
        pinned.add(fault, &neutral(told));
    }
    pinned.compare();

    let run = world.reissue(&["run", "amex-daily", "--wait"]);
    let sentence = "amex-daily failed and will be tried again: ";
    assert!(
        run.code == Some(1) && run.out.starts_with(sentence),
        "{run:?}"
    );
    assert_eq!(
        world.reissue(&["batch", "list", "--json"]).ok().json(),
        json!([])
    );
    recovers(&world, daemon, &batches, &[]);
}

#[test]
fn credentials_that_are_refused_are_tried_again_at_a_reload() {
    let world = World::new();
    let one = daily(&world, "100");
    let good = world.config();
    world.edit(
        "settings",
        "settings = { merchant_id = \"somebody_else\", key_id = \"1\" }",
    );
    let mut daemon = world.daemon();
    let run = world.reissue(&["run", "amex-daily", "--wait", "--json"]);
    assert_eq!(run.json()["fault"]["kind"], "credentials");

    world.set_config(&good);
    world.reissue(&["reload"]).ok();

    daemon.until("The batch was delivered.");
    world.assert_delivered(&[one]);
}

#[test]
fn a_row_without_an_id_or_of_an_unknown_source_keeps_no_other_from_its_work() {
    let world = World::new();
    let one = daily(&world, "100");
    let page = json!({ "_embedded": { "batches": [
        { "batchSource": "AMEX_MAINTENANCE", "status": "COMPLETE" },
        { "batchId": "7", "batchSource": "PIGEON", "status": "COMPLETE" },
        { "batchId": "100", "batchSource": "AMEX_MAINTENANCE", "status": "COMPLETE" },
        "a row that is none",
    ] } });
    world.sandbox.fault(
        json!({ "endpoint": "list" }),
        answer(200, &page.to_string()),
    );
    let mut daemon = world.daemon();

    let run = world.run("amex-daily");

    assert_eq!(run["listed"], 1);
    world.assert_delivered(&[one]);
    let warnings = daemon
        .log()
        .iter()
        .filter_map(|line| line["connector_says"].as_str());
    let warnings: Vec<&str> = warnings.collect();
    assert_eq!(
        warnings,
        [
            "a row of the list of batches has no `batchId` and was left out",
            "batch 7 has the source `PIGEON`, which no job lists: it was left out",
            "a row of the list of batches has no `batchId` and was left out",
        ]
    );
}
