//! What becomes of an addition, of a removal, and of a pair that is refused.

use super::*;

#[test]
fn an_addition_whose_answer_was_lost_waits_for_a_person() {
    let (world, _daemon) = begin(&config());
    let subscribes = || world.sandbox.requests()["counts"]["subscribe"].clone();
    let held = |count| {
        let list = world
            .reissue(&["batch", "list", "--state", "held", "--json"])
            .ok()
            .json();
        assert_eq!(list.as_array().unwrap().len(), count, "{list}");
        list[0]["key"].as_str().unwrap().to_owned()
    };
    let lose = |numbers: std::ops::Range<u64>| {
        fault(&world, "subscribe", 1);
        want(&world, "more.csv", numbers);
        run(&world);
        held(1)
    };
    let resolve = |batch: &str, decision: &str| {
        world
            .reissue(&["batch", "resolve", batch, "--as", decision])
            .ok()
            .out
    };

    // It did arrive, and the person knows.
    let batch = lose(0..10);
    assert_eq!(booked(&world), cards(0..10));
    assert_eq!(subscriptions(&world)["pairs"], json!({ "unknown": 10 }));
    let retried = world.reissue(&["batch", "retry", &batch]);
    assert!(retried.err.contains("--as accepted`"), "{}", retried.err);
    run(&world);
    assert_eq!(
        (subscribes(), held(1)),
        (json!(1), batch.clone()),
        "nothing is repeated"
    );
    let said = resolve(&batch, "accepted");
    assert!(
        said.contains("is done: the provider has its 10 pairs"),
        "{said}"
    );
    run(&world);
    assert_eq!(subscriptions(&world)["pairs"], json!({ "subscribed": 10 }));

    // The person gives up finding out: they are removed, and then added anew.
    let batch = lose(0..12);
    resolve(&batch, "abandon");
    assert_eq!(
        subscriptions(&world)["pairs"],
        json!({ "subscribed": 10, "unknown": 2 })
    );
    run(&world);
    assert_eq!(booked(&world), cards(0..10));
    run(&world);
    assert_eq!(booked(&world), cards(0..12));

    // It did not arrive.
    let matches = json!({ "endpoint": "subscribe" });
    world.sandbox.fault(matches, json!({ "kind": "drop" }));
    want(&world, "most.csv", 0..14);
    run(&world);
    resolve(&held(1), "not-sent");
    world.until_events("collected", 4);
    assert_eq!(booked(&world), cards(0..14));
    assert!(
        world
            .sandbox
            .subscriptions()
            .iter()
            .all(|pair| pair["added_again"] == 0)
    );
}

#[test]
fn a_removal_is_repeated_until_it_is_confirmed() {
    let (world, daemon) = begin(&config());
    want(&world, "whole.csv", 0..10);
    run(&world);

    fault(&world, "unsubscribe", 1);
    want(&world, "less.csv", 0..9);
    run(&world);
    assert_eq!(
        booked(&world),
        cards(0..9),
        "it was removed, and only the answer is missing"
    );
    assert_eq!(
        subscriptions(&world)["pairs"],
        json!({ "subscribed": 9, "removing": 1 })
    );
    // A restart tries at once.
    daemon.stop();
    let _daemon = world.daemon();
    world.until_events("collected", 2);
    assert_eq!(
        subscriptions(&world)["pairs"],
        json!({ "subscribed": 9, "absent": 1 })
    );

    // One that the provider refuses is held, and goes on costing until it is not.
    let matches = json!({ "endpoint": "unsubscribe" });
    world
        .sandbox
        .fault(matches, json!({ "kind": "status", "status": 400 }));
    want(&world, "fewer.csv", 0..8);
    let ran = run(&world);
    let batch = ran["batches"][0]["key"].as_str().unwrap().to_owned();
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains(&format!("{batch} is held and tried once a day")),
        "{status}"
    );
    assert_eq!(booked(&world), cards(0..9));
    world.reissue(&["batch", "retry", &batch]).ok();
    world.until_events("collected", 3);
    assert_eq!(booked(&world), cards(0..8));
}

#[test]
fn pairs_that_are_refused_are_delivered_as_rejected_and_not_sent_again() {
    let (world, _daemon) = begin(&config());
    let csv = format!(
        "reference,pan,expiry,se_number\ngood,{},2027-04,{SE}\nvisa,4111111111111111,2027-04,{SE}\nno-se,{},2027-04,\n",
        amex(1),
        amex(2)
    );
    world.put_cards(Asks::Amex, "mixed.csv", csv);
    let ran = run(&world);
    let batch = ran["batches"][0]["found"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let updates = world.delivered().batches.remove(&batch).unwrap();
    let mut rejected: Vec<(&str, &str)> = updates
        .iter()
        .map(|update| {
            let text = |key: &str| update[key].as_str().unwrap();
            (text("reference"), text("outcome"))
        })
        .collect();
    rejected.sort_unstable();
    assert_eq!(rejected, [("no-se", "rejected"), ("visa", "rejected")]);
    assert_eq!(booked(&world), cards([1]));
    for _ in 0..2 {
        assert_eq!(run(&world)["batches"], json!([]));
        let pairs = subscriptions(&world)["pairs"].clone();
        assert_eq!(pairs, json!({ "subscribed": 1, "refused": 2 }));
    }
}
