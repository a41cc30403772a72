//! Subscriptions: the source is what is wanted, and the provider's books follow it. Each pair is of a card and a
//! merchant number.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;

use reissue_tests::{Asks, Config, Daemon, World, amex};
use serde_json::{Value, json};

const SE: &str = "1234567890";

fn config() -> Config {
    Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::Amex, "")
}

/// A world whose webhook is registered, and its daemon.
fn begin(config: &Config) -> (World, Daemon) {
    let world = World::with(config);
    let daemon = world.daemon();
    world.reissue(&["enrol", "amex"]).ok();
    (world, daemon)
}

/// Hands in that these cards are wanted, each under one merchant number.
fn want(world: &World, file: &str, cards: impl IntoIterator<Item = u64>) {
    let mut csv = "reference,pan,expiry,se_number\n".to_owned();
    for card in cards {
        csv.push_str(&format!("order-{card},{},2027-04,{SE}\n", amex(card)));
    }
    world.put_cards(Asks::Amex, file, csv);
}

/// The numbers that are subscribed on the provider's books.
fn booked(world: &World) -> BTreeSet<String> {
    let books = world.sandbox.subscriptions().into_iter();
    let subscribed = books.filter(|pair| pair["subscribed"] == true);
    subscribed
        .map(|pair| pair["card"].as_str().unwrap().to_owned())
        .collect()
}

fn cards(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(amex).collect()
}

fn subscriptions(world: &World) -> Value {
    let said = world.reissue(&["subscriptions", "amex", "--json"]);
    said.ok().json()
}

/// Runs the slot, which has nothing to wait for at the provider.
fn run(world: &World) -> Value {
    world.run("amex")
}

fn fault(world: &World, endpoint: &str, times: u64) {
    let matches = json!({ "endpoint": endpoint, "times": times });
    let then = json!({ "kind": "served", "then": { "kind": "drop" } });
    world.sandbox.fault(matches, then);
}

#[test]
fn the_books_follow_what_the_source_wants() {
    let (world, _daemon) = begin(&config());
    want(&world, "monday.csv", 0..10);
    let before = subscriptions(&world);
    assert_eq!(
        (&before["next"]["add"], &before["wanted"]),
        (&json!(10), &json!(0))
    );
    assert_eq!(booked(&world), BTreeSet::new(), "to show it sends nothing");

    run(&world);

    assert_eq!(booked(&world), cards(0..10));
    assert!(!world.path("cards/amex/monday.csv").exists());
    assert_eq!(subscriptions(&world)["pairs"], json!({ "subscribed": 10 }));

    want(&world, "tuesday.csv", 2..12);
    run(&world);
    assert_eq!(booked(&world), cards(2..12));

    // What was wanted still is.
    let requests = world.sandbox.requests()["counts"].clone();
    run(&world);
    run(&world);
    assert_eq!(booked(&world), cards(2..12));
    assert_eq!(world.sandbox.requests()["counts"], requests);
    let view = subscriptions(&world);
    assert_eq!(
        (&view["wanted"], &view["pairs"]),
        (&json!(10), &json!({ "subscribed": 10 }))
    );
    for pair in world.sandbox.subscriptions() {
        assert_eq!(
            (&pair["added"], &pair["added_again"]),
            (&json!(1), &json!(0)),
            "{pair}"
        );
    }
}

#[test]
fn one_card_under_two_merchant_numbers_is_two_pairs() {
    let (world, _daemon) = begin(&config());
    let card = amex(1);
    let both = format!(
        "reference,pan,expiry,se_number\na,{card},2027-04,{SE}\nb,{card},2027-04,9876543210\nc,{card},2027-04,{SE}\n"
    );
    world.put_cards(Asks::Amex, "both.csv", both);
    run(&world);
    let taken = &world.until_events("cards_taken", 1)[0];
    assert_eq!(taken["verdicts"], json!({ "add": 2, "doubled": 1 }));
    assert_eq!(world.sandbox.subscriptions().len(), 2);
    let one = format!("reference,pan,expiry,se_number\nb,{card},2027-04,9876543210\n");
    world.put_cards(Asks::Amex, "one.csv", one);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "1"])
        .ok();
    run(&world);
    let books = world.sandbox.subscriptions();
    for pair in books {
        assert_eq!(
            pair["subscribed"],
            pair["se_number"] == "9876543210",
            "{pair}"
        );
    }
}

#[test]
fn a_source_that_suddenly_lacks_pairs_waits_for_a_person() {
    let (world, _daemon) = begin(&config());
    want(&world, "whole.csv", 0..10);
    run(&world);

    want(&world, "broken-off.csv", 0..7);
    let said = world.reissue(&["run", "amex", "--wait"]);
    assert_ne!(said.code, Some(0));
    assert!(
        said.out.contains(
            "the source lacks 3 pairs that it had before, of 10: nothing is changed. Hand in all that is \
             wanted; or, if it is right, `reissue subscriptions amex --may-lack 3`"
        ),
        "{}",
        said.out
    );
    assert_eq!(booked(&world), cards(0..10));
    assert!(world.path("cards/amex/broken-off.csv").exists());
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains("amex cannot be served: the source lacks 3 pairs"),
        "{status}"
    );
    assert_eq!(subscriptions(&world)["next"]["waits"], true);

    // Another number than the one that a person saw is not this decision.
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "2"])
        .ok();
    assert_eq!(subscriptions(&world)["next"]["waits"], true);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    world.until_events("subscriptions_written", 2);
    run(&world);
    assert_eq!(booked(&world), cards(0..7));
    let accepted = world.until_events("missing_accepted", 2);
    assert!(accepted[1]["by"].as_str().unwrap().starts_with("uid "));

    // It was for that file alone.
    want(&world, "again.csv", 0..4);
    assert_eq!(subscriptions(&world)["next"]["waits"], true);
}

#[test]
fn a_file_that_cannot_be_read_makes_the_set_none() {
    let (world, _daemon) = begin(&config());
    want(&world, "whole.csv", 0..10);
    run(&world);

    want(&world, "a.csv", 0..9);
    world.put_cards(Asks::Amex, "b.csv", "reference,pam\n1,2\n");
    let said = world.reissue(&["run", "amex", "--wait"]);
    assert!(said.out.contains("cards/amex/b.csv"), "{}", said.out);
    assert_eq!(booked(&world), cards(0..10));
    let shown = world.reissue(&["subscriptions", "amex"]).ok().out;
    assert!(
        shown.contains("changes nothing while a file of its source cannot be read"),
        "{shown}"
    );

    std::fs::remove_file(world.path("cards/amex/b.csv")).unwrap();
    world.reissue(&["reload"]).ok();
    world.until_events("subscriptions_written", 2);
    run(&world);
    assert_eq!(booked(&world), cards(0..9));
}

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

#[test]
fn additions_wait_for_another_days_budget() {
    let config = config();
    let world = World::with(&config);
    world.edit("cards_per_day", "cards_per_day = 4");
    let _daemon = world.daemon();
    world.reissue(&["enrol", "amex"]).ok();
    want(&world, "all.csv", 0..10);
    run(&world);
    assert_eq!(booked(&world), cards(0..4));
    let view = subscriptions(&world);
    assert_eq!(view["pairs"], json!({ "subscribed": 4, "absent": 6 }));
    assert_eq!(
        (&view["next"]["add"], &view["next"]["over_budget"]),
        (&json!(0), &json!(6))
    );

    world.edit("cards_per_day", "cards_per_day = 100");
    world.reissue(&["reload"]).ok();
    run(&world);
    assert_eq!(booked(&world), cards(0..10));
}

#[test]
fn what_costs_money_cannot_be_forgotten_by_an_edit() {
    let (world, _daemon) = begin(&config());
    want(&world, "all.csv", 0..3);
    run(&world);
    let toml = world.config();
    let without = toml.split("[schedules.amex]").next().unwrap();
    world.set_config(without);
    let said = world.reissue(&["reload"]);
    assert!(
        said.err.contains(
            "schedule `amex` is not configured any more, and keeps 3 pairs at the provider or on the way \
             there, which cost money until they are removed"
        ),
        "{}",
        said.err
    );
    // It keeps them no more if it does something else, or for somebody else.
    let job = toml.replace("job = \"amex-subscription\"", "job = \"inquiry\"");
    let account = toml.replace("[accounts.amex]", "[accounts.other]");
    let account = account.replace("account = \"amex\"", "account = \"other\"");
    for edited in [job, account] {
        assert_ne!(edited, toml);
        world.set_config(&edited);
        let said = world.reissue(&["reload"]);
        assert!(
            said.err.contains(
                "schedule `amex` does not keep the subscriptions of account `amex` any more, and keeps 3 \
                 pairs at the provider"
            ),
            "{}",
            said.err
        );
    }
    world.set_config(&toml);
    want(&world, "none.csv", 0..0);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    run(&world);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::new());
    world.set_config(without);
    world.reissue(&["reload"]).ok();
}

/// Cards that CardSync publishes: one gets a new number, one a new expiry, one is closed.
const PUBLISHED: [&str; 3] = ["342132335566772", "376655111122997", "349900006577234"];

/// Waits until the daemon has said this of an event.
fn until(daemon: &mut Daemon, message: &str, event: &str) {
    let batch = format!("amex/{event}");
    daemon.until_line(message, |line| {
        line["message"] == message && line["batch"] == batch
    });
}

/// Hands in the published cards.
fn want_published(world: &World) {
    let mut csv = "reference,pan,expiry,se_number\n".to_owned();
    for (at, card) in PUBLISHED.iter().enumerate() {
        csv.push_str(&format!("order-{at},{card},2027-04,{SE}\n"));
    }
    world.put_cards(Asks::Amex, "published.csv", csv);
}

#[test]
fn a_new_number_takes_the_place_of_the_old_one() {
    let (world, mut daemon) = begin(&config());
    want_published(&world);
    run(&world);

    let event = world.sandbox.make_event(json!({}));

    until(&mut daemon, "The batch was delivered.", &event);
    let updates = world.delivered().batches.remove(&event).unwrap();
    let of = |reference: &str| {
        let mut found = updates
            .iter()
            .filter(|update| update["reference"] == reference);
        found.next().unwrap().clone()
    };
    assert_eq!(updates.len(), 3);
    let [number, expiry, closed] = ["order-0", "order-1", "order-2"].map(of);
    assert_eq!(number["outcome"], "new_number");
    assert_eq!(
        number["id"],
        format!("amex/{event}/{}", number["record"].as_str().unwrap())
    );
    assert_eq!(number["old"]["pan"], PUBLISHED[0]);
    assert_eq!(number["se_number"], SE);
    assert_eq!(
        (&expiry["outcome"], &closed["outcome"]),
        (&json!("new_expiry"), &json!("closed"))
    );

    run(&world);
    let new = number["new"]["pan"].as_str().unwrap();
    let expected = [new, PUBLISHED[1], PUBLISHED[2]].map(ToOwned::to_owned);
    assert_eq!(booked(&world), BTreeSet::from(expected.clone()));

    // The source goes on naming the old number for a while, and then the new one.
    want_published(&world);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::from(expected.clone()));
    let csv = format!(
        "reference,pan,expiry,se_number\norder-0,{new},2029-12,{SE}\norder-1,{},2027-04,{SE}\norder-2,{},2027-04,{SE}\n",
        PUBLISHED[1], PUBLISHED[2]
    );
    world.put_cards(Asks::Amex, "known.csv", csv);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::from(expected));
    assert_eq!(subscriptions(&world)["pairs"], json!({ "subscribed": 3 }));
}

#[test]
fn a_provider_that_follows_a_card_is_left_to_it() {
    let (world, mut daemon) = begin(&config());
    world.edit("source = ", "source = \"amex\"\nfollow_updates = false");
    world.reissue(&["reload"]).ok();
    want_published(&world);
    run(&world);
    let event = world.sandbox.make_event(json!({}));
    until(&mut daemon, "The batch was delivered.", &event);
    run(&world);
    assert_eq!(
        booked(&world),
        BTreeSet::from(PUBLISHED.map(ToOwned::to_owned))
    );
}

#[test]
fn what_is_reported_of_a_pair_that_is_no_longer_ours_is_set_aside() {
    let (world, mut daemon) = begin(&config());
    want_published(&world);
    run(&world);
    let event = world.sandbox.make_event(json!({ "deliver": false }));
    want(&world, "others.csv", 0..1);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    run(&world);
    run(&world);
    world.sandbox.announce(json!({ "events": [event] }));
    until(&mut daemon, "The batch was collected.", &event);
    assert!(!world.delivered().batches.contains_key(&event));
    let batch = format!("amex/{event}");
    let aside = world
        .reissue(&["updates", &batch, "--aside", "--json"])
        .ok();
    assert!(aside.out.contains("new_number"), "{}", aside.out);
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains(&batch), "{status}");
}
