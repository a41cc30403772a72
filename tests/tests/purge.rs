//! Providers keep answers for days and then delete them, paid for or not: what goes first is collected
//! first, a weekend of downtime loses nothing, and what was missed is told.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::TimeDelta;
use reissue_tests::{Asks, Clock, Config, Daemon, World, pan};
use serde_json::{Value, json};

#[test]
fn answers_are_complete_after_a_weekend_of_downtime() {
    // More than BlueSnap takes at once.
    const CARDS: u64 = 5_000;
    let (world, clock) = world(Asks::BlueSnap);
    let daemon = start(&world, &clock);
    world.put_cards(Asks::BlueSnap, "friday.csv", cards(0, CARDS));
    world.run("bluesnap");
    drop(daemon);

    clock.set(TimeDelta::days(7));
    let _daemon = start(&world, &clock);
    world.until_events("delivered", 3);

    let delivered = world.delivered();
    let updates: Vec<&Value> = delivered.batches.values().flatten().collect();
    let of = |key: &str| -> BTreeSet<&str> {
        updates.iter().map(|it| it[key].as_str().unwrap()).collect()
    };
    assert_eq!(updates.len() as u64, CARDS);
    assert_eq!(of("id").len() as u64, CARDS);
    let references: BTreeSet<String> = (0..CARDS).map(|card| format!("order-{card}")).collect();
    assert_eq!(
        of("reference"),
        references.iter().map(String::as_str).collect()
    );
    assert_eq!(attention(&world), Vec::<Value>::new());
}

#[test]
fn what_is_purged_first_is_collected_first() {
    let (world, clock) = world(Asks::CardSync);
    let daemon = start(&world, &clock);
    let mut submitted = Vec::new();
    for day in 0..3 {
        clock.set(TimeDelta::days(day));
        let name = format!("{day}.csv");
        // The smaller it is, the later it goes, so that neither size nor name explains the order.
        world.put_cards(
            Asks::CardSync,
            &name,
            cards(100 * day as u64, 30 - day as u64),
        );
        let ran = world.run("cardsync");
        let new = ran["batches"].as_array().unwrap().iter();
        let new = new.map(|batch| batch["found"]["id"].as_str().unwrap().to_owned());
        submitted.extend(new.filter(|id| !submitted.contains(id)).collect::<Vec<_>>());
        if day == 0 {
            // Nothing is to be collected before the weekend is over.
            world.sandbox.fault(
                json!({ "endpoint": "status", "times": 0 }),
                json!({ "kind": "status", "status": 503 }),
            );
        }
    }
    drop(daemon);
    assert_eq!(submitted.len(), 3);
    world.sandbox.heal();
    let before = world.sandbox.requests()["requests"]
        .as_array()
        .unwrap()
        .len();

    clock.set(TimeDelta::days(9));
    let _daemon = start(&world, &clock);
    world.until_events("collected", 3);

    let requests = world.sandbox.requests();
    let requests = &requests["requests"].as_array().unwrap()[before..];
    let reports = requests.iter().filter(|it| it["endpoint"] == "report");
    let collected: Vec<&Value> = reports.map(|it| &it["batch"]).collect();
    assert_eq!(collected, submitted.iter().collect::<Vec<_>>());
}

#[test]
fn what_was_missed_is_expired_and_told() {
    for (whom, days) in [(Asks::CardSync, 12), (Asks::BlueSnap, 46)] {
        let (world, clock) = world(whom);
        let daemon = start(&world, &clock);
        world.put_cards(whom, "cards.csv", cards(0, 3));
        world.run(whom.name());
        drop(daemon);

        clock.set(TimeDelta::days(days));
        let mut daemon = start(&world, &clock);
        let line = daemon.until("The provider no longer has the batch.");

        assert_eq!(line["level"], "ERROR");
        let [alarm] = attention(&world).try_into().unwrap();
        assert_eq!(alarm["about"], line["batch"]);
        assert_eq!(alarm["matter"], "expired");
        let text = alarm["text"].as_str().unwrap();
        assert!(
            text.starts_with("was purged before it was collected ("),
            "{text}"
        );
        assert!(
            text.ends_with("); ask the provider for its results"),
            "{text}"
        );
        // It is over: nothing is sent again, and nothing asked for any more.
        let events = world.events();
        let sent = events
            .iter()
            .filter(|event| event["event"] == "submission_sending");
        assert_eq!(sent.count(), 1);
    }
}

fn world(whom: Asks) -> (World, Clock) {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .in_accounts("limits = { concurrent_calls = 1, requests_per_second = 1000 }")
        .asks(whom, "");
    World::with_clock(&config)
}

fn start(world: &World, clock: &Clock) -> Daemon {
    world.start_with(&clock.environment()).ready()
}

/// A file of cards that no other file holds.
fn cards(from: u64, count: u64) -> String {
    let mut text = "reference,pan,expiry\n".to_owned();
    for card in from..from + count {
        writeln!(text, "order-{card},{},2031-04", pan(card)).unwrap();
    }
    text
}

/// What needs a person.
fn attention(world: &World) -> Vec<Value> {
    let status = world.reissue(&["status", "--json"]).ok().json();
    status["attention"].as_array().unwrap().clone()
}
