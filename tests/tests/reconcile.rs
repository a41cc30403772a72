//! Submissions of which nobody knows whether the provider has them: the provider is asked, at once, after
//! ten minutes, an hour and a day, and then a person is. Nothing is sent again by itself.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_tests::{Asks, Clock, Config, Daemon, PATIENCE, World};
use serde_json::{Value, json};

const CARDS: &str = "reference,pan,expiry
order-1,4012000000000016,2031-04
order-2,4012000000000024,2031-04
";
const OTHERS: &str = "reference,pan,expiry
order-3,4012000000000032,2031-04
order-4,4012000000000040,2031-04
";
const TOKENS: &str = "reference,token,token_kind
order-1,F0000000000000000000000000000001,payment_instrument
order-2,F0000000000000000000000000000002,payment_instrument
";

#[test]
fn a_provider_is_asked_four_times_and_then_a_person() {
    let (world, clock, _daemon) = lost(Asks::SmartpayFuse);
    world.sandbox.fault(
        json!({ "endpoint": "list", "times": 0 }),
        json!({ "kind": "lagging" }),
    );

    world.run("one-off");

    let began = submission(&world);
    let key = began["key"].as_str().unwrap();
    let unknown_since: DateTime<Utc> = instant(&began["changed"]);
    let mut listings = 1;
    for (after, next) in [
        (TimeDelta::zero(), TimeDelta::minutes(10)),
        (TimeDelta::minutes(10), TimeDelta::hours(1)),
        (TimeDelta::hours(1), TimeDelta::hours(24)),
    ] {
        clock.set(after);
        let view = until(&world, |view| {
            instant(&view["waits"]["until"]) >= unknown_since + next
        });
        assert_eq!(view["state"], "unknown");
        let late = instant(&view["waits"]["until"]) - (unknown_since + next);
        assert!(late < TimeDelta::minutes(1), "{late}");
        assert_eq!(asked_for(&world, "list"), listings);
        assert_eq!(
            attention(&world, key),
            "may have reached the provider or not, and is not sent again by itself; the provider is \
             asked: POST /accountupdater/v1/batches: no answer came: connection closed before message completed"
        );
        listings += 1;
    }
    clock.set(TimeDelta::hours(24));
    let held = until(&world, |view| view["state"] == "held");
    assert_eq!(asked_for(&world, "list"), listings);
    assert_eq!(asked_for(&world, "submit"), 1);
    let why = held["fault"]["message"].as_str().unwrap();
    assert!(why.ends_with("; the provider does not show it"), "{why}");
    assert_eq!(
        attention(&world, key),
        format!(
            "is held: nobody knows whether the provider has it ({why}). Ask the provider, then \
             `reissue batch resolve {key} --as accepted:ID`, `--as not-sent` (which pays twice for its 2 \
             cards if that is wrong), or `--as abandon`"
        )
    );
    let listed = world.reissue(&["batch", "list", "--state", "held"]).ok();
    assert!(
        listed.out.contains(key) && listed.out.contains(why),
        "{}",
        listed.out
    );
    let shown = world.reissue(&["batch", "show", key]).ok().out;
    assert!(shown.contains("planned by  one-off at"), "{shown}");

    // It is not sent again by itself, nor by a person who only wants it tried.
    let refused = world.reissue(&["batch", "retry", key]);
    assert_eq!(
        refused.err,
        format!(
            "error: nobody knows whether the provider has {key}, so it is not sent again by itself: \
             ask the provider, and decide with `reissue batch resolve {key} --as accepted:ID`, `--as \
             not-sent` or `--as abandon`\n"
        )
    );
    let id = world.sandbox.state()["batches"][0]["id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(
        resolve(&world, key, &format!("accepted:{id}")),
        format!(
            "{key} is collected when it is ready, as the provider's {id}; if that is not its batch, \
             nobody has asked about its 2 cards\n"
        )
    );
    assert_eq!(submission(&world)["state"], "waiting");
    assert_eq!(asked_for(&world, "submit"), 1);
}

#[test]
fn a_listing_that_lags_shows_it_in_the_end() {
    let (world, clock, _daemon) = lost(Asks::SmartpayFuse);
    world.sandbox.fault(
        json!({ "endpoint": "list", "times": 2 }),
        json!({ "kind": "lagging" }),
    );
    world.run("one-off");
    clock.set(TimeDelta::minutes(10));
    until(&world, |_| asked_for(&world, "list") == 2);
    until(&world, |view| view["waits"].is_object());

    clock.set(TimeDelta::hours(1));
    let found = until(&world, |view| view["state"] == "waiting");

    assert_eq!(
        found["found"]["id"],
        world.sandbox.state()["batches"][0]["id"]
    );
    assert_eq!(asked_for(&world, "submit"), 1);
    assert_eq!(
        world.sandbox.submitted("smartpayfuse")["most_for_one_card"],
        1
    );
}

#[test]
fn a_batch_that_bears_our_id_is_found_at_once() {
    let (world, _clock, _daemon) = lost(Asks::BlueSnap);
    world.run("bluesnap");
    let found = until(&world, |view| view["state"] == "waiting");
    assert_eq!(found["found"]["id"], found["found"]["submission"]);
    assert_eq!(asked_for(&world, "submit"), 1);
}

#[test]
fn a_person_who_is_wrong_pays_nothing_where_the_provider_refuses_a_repeated_id() {
    let (world, _clock, _daemon) = lost(Asks::BlueSnap);
    let report = json!({ "endpoint": "report" });
    let refused = json!({ "kind": "status", "status": 403 });
    world.sandbox.fault(report, refused);
    world.run("bluesnap");
    let unknown = until(&world, |view| view["waits"].is_object());
    assert_eq!(unknown["state"], "unknown");

    resolve(&world, unknown["key"].as_str().unwrap(), "not-sent");

    // The refusal says only that the id is taken, and what took it is this submission.
    until(&world, |view| view["state"] == "waiting");
    assert_eq!(asked_for(&world, "submit"), 2);
    assert_eq!(world.sandbox.submitted("bluesnap")["most_for_one_card"], 1);
}

#[test]
fn a_provider_that_cannot_be_asked_leaves_it_to_a_person_at_once() {
    let (world, _clock, _daemon) = lost(Asks::CardSync);
    world.run("cardsync");
    let held = until(&world, |view| view["state"] == "held");
    let key = held["key"].as_str().unwrap();
    let why = held["fault"]["message"].as_str().unwrap();
    assert_eq!(
        why,
        "POST /api/cardsync/batch: no answer came: connection closed before message completed; the provider cannot \
         be asked whether it has it"
    );
    // A person who is wrong pays, and was told.
    assert_eq!(
        resolve(&world, key, "not-sent"),
        format!(
            "{key} is sent again now; if the provider did get it before, that pays twice for its \
             2 cards\n"
        )
    );
    until(&world, |view| view["state"] == "waiting");
    assert_eq!(world.sandbox.submitted("cardsync")["most_for_one_card"], 2);
    let refused = world.reissue(&["batch", "resolve", key, "--as", "not-sent"]);
    assert_eq!(
        refused.err,
        format!("error: {key} is waiting, so it is known whether the provider has it\n")
    );
}

#[test]
fn what_is_given_up_before_it_was_sent_costs_nothing_and_may_be_asked_about_at_once() {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::CardSync, "");
    let world = World::with(&config);
    world.edit(
        "source",
        "source = \"cardsync\"\nnot_asked_within = \"25d\"",
    );
    world.sandbox.fault(
        json!({ "endpoint": "submit", "times": 1 }),
        json!({ "kind": "status", "status": 429 }),
    );
    let _daemon = world.daemon();
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    world.run("cardsync");
    let planned = submission(&world);
    assert_eq!(planned["state"], "planned");
    let key = planned["key"].as_str().unwrap();

    let said = resolve(&world, key, "abandon");

    assert!(
        said.ends_with("; nobody asks about its 2 cards\n"),
        "{said}"
    );
    world.put_cards(Asks::CardSync, "again.csv", CARDS);
    world.run("cardsync");
    assert_eq!(world.sandbox.submitted("cardsync")["questions"], 2);
}

#[test]
fn what_is_given_up_may_be_paid_for_and_is_not_asked_about_soon() {
    let (world, clock, daemon) = lost(Asks::CardSync);
    let source = "source = \"cardsync\"";
    world.edit(source, &format!("{source}\nnot_asked_within = \"25d\""));
    drop(daemon);
    let _daemon = world.start_with(&clock.environment()).ready();
    world.run("cardsync");
    let held = until(&world, |view| view["state"] == "held");
    let key = held["key"].as_str().unwrap();

    assert_eq!(
        resolve(&world, key, "abandon"),
        format!(
            "{key} is given up: it is not tried again, and nothing more of it is delivered; if the \
             provider has it, the answers to its 2 cards are paid for and lost, and no slot asks \
             again within 25days (not_asked_within)\n"
        )
    );

    world.put_cards(Asks::CardSync, "again.csv", CARDS);
    world.run("cardsync");
    let taken = world.until_events("cards_taken", 2);
    assert_eq!(taken[1]["verdicts"], json!({ "asked_lately": 2 }));
    assert_eq!(asked_for(&world, "submit"), 1);
}

#[test]
fn a_batch_of_the_providers_answers_one_submission() {
    let (world, _clock, _daemon) = lost(Asks::CardSync);
    world.run("cardsync");
    let held = until(&world, |view| view["state"] == "held");
    let held = held["key"].as_str().unwrap();
    world.put_cards(Asks::CardSync, "next.csv", OTHERS);
    let ran = world.run("cardsync");
    let ran = ran["batches"].as_array().unwrap().iter();
    let other = ran
        .clone()
        .find(|batch| batch["state"] == "waiting")
        .unwrap();
    let id = other["found"]["id"].as_str().unwrap();

    let refused = world.reissue(&["batch", "resolve", held, "--as", &format!("accepted:{id}")]);

    let other = other["key"].as_str().unwrap();
    assert_eq!(
        refused.err,
        format!(
            "error: the provider's {id} is {other} already, and a batch answers one submission: ask \
             the provider for the id of the batch with its 2 cards\n"
        )
    );
}

#[test]
fn a_daemon_that_is_told_to_stop_waits_for_the_answer_to_what_is_paid_for() {
    let (world, clock) = World::with_clock(&config(Asks::CardSync));
    world.sandbox.fault(
        json!({ "endpoint": "submit" }),
        json!({ "kind": "late", "milliseconds": 1_500 }),
    );
    world.put_cards(Asks::CardSync, "cards.csv", CARDS);
    let daemon = world.start_with(&clock.environment()).ready();
    world.reissue(&["run", "cardsync"]).ok();
    world.until_events("submission_sending", 1);

    daemon.stop();

    assert_eq!(submission(&world)["state"], "waiting");
}

/// A world whose provider takes a submission and is cut off before it can say so.
fn lost(whom: Asks) -> (World, Clock, Daemon) {
    let (world, clock) = World::with_clock(&config(whom));
    world.sandbox.fault(
        json!({ "endpoint": "submit" }),
        json!({ "kind": "served", "then": { "kind": "drop" } }),
    );
    let cards = match whom {
        Asks::SmartpayFuse => TOKENS,
        _ => CARDS,
    };
    world.put_cards(whom, "cards.csv", cards);
    let daemon = world.start_with(&clock.environment()).ready();
    (world, clock, daemon)
}

fn config(whom: Asks) -> Config {
    Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .timings("first_poll = \"10d\"")
        .asks(whom, "")
}

/// The first submission of the ledger.
fn submission(world: &World) -> Value {
    let planned = &world.until_events("submission_planned", 1)[0];
    let key = planned["batch"].as_str().unwrap();
    world.reissue(&["batch", "show", key, "--json"]).ok().json()
}

#[track_caller]
fn until(world: &World, wanted: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let view = submission(world);
        if wanted(&view) {
            return view;
        }
        assert!(Instant::now() < until, "{view:#}");
    }
}

#[track_caller]
fn attention(world: &World, about: &str) -> String {
    let status = world.reissue(&["status", "--json"]).ok().json();
    let mut alarms = status["attention"].as_array().unwrap().iter();
    let alarm = alarms.find(|alarm| alarm["about"] == about);
    alarm.unwrap()["text"].as_str().unwrap().to_owned()
}

#[track_caller]
fn resolve(world: &World, key: &str, decision: &str) -> String {
    world
        .reissue(&["batch", "resolve", key, "--as", decision])
        .ok()
        .out
}

fn asked_for(world: &World, endpoint: &str) -> u64 {
    world.sandbox.requests()["counts"][endpoint]
        .as_u64()
        .unwrap_or(0)
}

fn instant(value: &Value) -> DateTime<Utc> {
    let text = value.as_str();
    text.map_or(DateTime::UNIX_EPOCH, |text| text.parse().unwrap())
}
