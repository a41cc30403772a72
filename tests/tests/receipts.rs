//! What a provider says when it takes a submission is believed only as far as it can be so: it decides
//! which answers are collected, and when.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use chrono::{DateTime, TimeDelta, Utc};
use reissue_tests::{Asks, Config, World, pan};
use serde_json::json;

#[test]
fn a_card_that_is_refused_twice_does_not_cost_another_its_answer() {
    let world = world(Asks::BlueSnap);
    let mut daemon = world.daemon();
    let refused = "<account-update><merchant-updater-id>k0</merchant-updater-id>\
                   <update-response-code>390</update-response-code></account-update>";
    let body = format!(
        "<batch-account-update xmlns=\"http://ws.plimus.com\">{refused}{refused}\
         <response-code>0</response-code></batch-account-update>"
    );
    answers_with(&world, &body);
    let cards = "reference,pan,expiry\na,4111111111111111,2027-04\nb,4012888888881881,2027-04\n";
    world.put_cards(Asks::BlueSnap, "july.csv", cards);

    let ran = world.run("bluesnap");

    let batch = &ran["batches"][0];
    assert_eq!(
        (&batch["state"], &batch["refused"]),
        (&json!("waiting"), &json!(1))
    );
    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    let id = batch["found"]["id"].as_str().unwrap();
    let updates = world.delivered().batches.remove(id).unwrap();
    // What it answers in spite of a refusal counts.
    let outcomes = updates.iter().map(|it| it["outcome"].as_str().unwrap());
    assert_eq!(outcomes.collect::<Vec<_>>(), ["new_expiry", "valid"]);
}

#[test]
fn the_batch_of_another_submission_is_not_this_ones() {
    let world = world(Asks::CardSync);
    let mut daemon = world.daemon();
    world.put_cards(Asks::CardSync, "july.csv", card(1));
    let first = world.run("cardsync")["batches"][0].clone();
    let taken = first["found"]["id"].as_str().unwrap();
    answers_with(&world, &receipt(taken, "2026-11-22T12:00:00Z"));
    world.put_cards(Asks::CardSync, "august.csv", card(2));

    world.reissue(&["run", "cardsync"]).ok();

    let line = daemon.until("A person must say whether the provider has it.");
    let said = line["why"].as_str().unwrap();
    let first = first["key"].as_str().unwrap();
    let expected = format!("the provider calls it {taken}, and that is {first} already");
    assert!(said.starts_with(&expected), "{said}");
    let second = world.reissue(&["batch", "list", "--state", "held", "--json"]);
    let second = second.ok().json()[0].clone();
    assert_ne!(second["key"], first);

    let batches = world.sandbox.batches_of("cardsync");
    let own = batches.iter().map(|it| it["id"].as_str().unwrap());
    let own = own.filter(|id| *id != taken).collect::<Vec<_>>();
    let accepted = format!("accepted:{}", own[0]);
    let second = second["key"].as_str().unwrap();
    world
        .reissue(&["batch", "resolve", second, "--as", &accepted])
        .ok();
    assert_eq!(world.sandbox.submitted("cardsync")["questions"], 2);
}

#[test]
fn a_provider_whose_clock_is_wrong_is_asked_in_time() {
    for created in ["2099-01-01T00:00:00Z", "1999-01-01T00:00:00Z"] {
        let world = world(Asks::CardSync);
        let _daemon = world.daemon();
        answers_with(&world, &receipt("b-1", created));
        world.put_cards(Asks::CardSync, "july.csv", card(1));
        world.run("cardsync");
        let accepted = world.until_events("submission_accepted", 1).remove(0);
        let mut records = world.records();
        records.retain(|record| record["events"].as_array().unwrap().contains(&accepted));
        let now: DateTime<Utc> = records[0]["at"].as_str().unwrap().parse().unwrap();
        for (instant, least, most) in [("first_poll", -1, 1), ("purge", 1, 60)] {
            let at: DateTime<Utc> = accepted[instant].as_str().unwrap().parse().unwrap();
            let range = now + TimeDelta::days(least)..now + TimeDelta::days(most);
            assert!(
                range.contains(&at),
                "{instant} {at} of a batch of {created}"
            );
        }
    }
}

fn world(whom: Asks) -> World {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(whom, "");
    World::with(&config)
}

/// The provider takes what it is asked next, and answers so.
fn answers_with(world: &World, body: &str) {
    let then = json!({ "kind": "status", "status": 200, "body": body });
    world.sandbox.fault(
        json!({ "endpoint": "submit" }),
        json!({ "kind": "served", "then": then }),
    );
}

fn receipt(id: &str, created: &str) -> String {
    let data = json!({ "batch_id": id, "status": "pending", "created_at": created });
    json!({ "status": "success", "data": data }).to_string()
}

fn card(number: u64) -> String {
    format!("reference,pan,expiry\norder,{},2031-04\n", pan(number))
}
