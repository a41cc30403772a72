//! Cards go out, answers come back: a file of cards becomes submissions, and these become updates.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;

use reissue_tests::{Asks, Config, Daemon, World, pan};
use serde_json::{Value, json};

const IN_THE_CLEAR: &str = "plaintext = \"i-accept\"";

/// Test cards that CardSync publishes, one for each answer, and one that it has nothing to say about.
const CARDSYNC: &str = "reference,pan,expiry
order-1,4012000000000016,2027-04
order-2,4012000000000024,2027-04
order-3,4012000000000032,2027-04
order-4,4012000000000040,2027-04
order-5,4012000000000057,2027-04
order-6,4012000000000065,2027-04
order-7,4111111111111111,2027-04
";

/// Tokens of smartpayFuse's vault.
const TOKENS: &str = "reference,token,token_kind
a,AAE3DD3DED844001E05341588E0AD0D6,payment_instrument
b,9CCD3AE24DD8E254E0533F36CF0A356E,payment_instrument
c,8CCD3AE24DD8E254E0533F36CF0A356D,payment_instrument
";

fn world(whom: Asks, lines: &str) -> World {
    let config = Config::default().in_sink(IN_THE_CLEAR).asks(whom, lines);
    World::with(&config)
}

/// Asks about these cards, and waits until the answers to one submission are delivered.
fn answers(world: &World, daemon: &mut Daemon, whom: Asks, cards: &str) -> Vec<Value> {
    world.put_cards(whom, "july.csv", cards);
    let ran = world.run(whom.name());
    let batch = &ran["batches"][0];
    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    let id = batch["found"]["id"].as_str().unwrap();
    world.delivered().batches.remove(id).unwrap()
}

fn show(world: &World) -> Value {
    let list = world.reissue(&["batch", "list", "--json"]).ok().json();
    list[0].clone()
}

/// Reference, outcome and code of each, by reference.
fn outcomes(updates: &[Value]) -> BTreeMap<&str, (&str, &str)> {
    let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned().leak() as &str;
    let row = |it: &Value| {
        (
            text(&it["reference"]),
            (text(&it["outcome"]), text(&it["provider_code"])),
        )
    };
    updates.iter().map(row).collect()
}

#[test]
fn each_answer_names_the_customers_reference_and_both_cards() {
    let world = world(Asks::CardSync, "");
    let mut daemon = world.daemon();

    let updates = answers(&world, &mut daemon, Asks::CardSync, CARDSYNC);

    assert!(!world.path("cards/cardsync/july.csv").exists());
    let expected = BTreeMap::from([
        ("order-1", ("new_number", "updated_card")),
        ("order-2", ("new_expiry", "updated_expiry")),
        ("order-3", ("no_match", "no_match")),
        ("order-4", ("valid", "valid")),
        ("order-5", ("contact_cardholder", "contact")),
        ("order-6", ("closed", "contact_closed")),
    ]);
    assert_eq!(outcomes(&updates), expected);
    let first = updates.iter().find(|it| it["reference"] == "order-1");
    let first = first.unwrap();
    let batch = show(&world);
    let id = batch["found"]["id"].as_str().unwrap();
    let record = first["record"].as_str().unwrap();
    let expected = json!({
        "id": format!("cardsync/{id}/{record}"),
        "account": "cardsync", "connector": "cardsync", "job": "inquiry",
        "batch": id, "record": record, "reference": "order-1",
        "outcome": "new_number", "provider_code": "updated_card",
        "old": { "pan": "4012000000000016", "pan_masked": "401200XXXXXX0016", "expiry": "2027-04" },
        "new": first["new"],
        "asked_at": first["asked_at"],
        "reported_at": first["reported_at"],
        "collected_at": first["collected_at"],
    });
    assert_eq!(*first, expected);
    assert_ne!(first["new"]["pan"], "4012000000000016");
    assert!(first["asked_at"].as_str() < first["collected_at"].as_str());
    let cards = json!({ "answered": 6, "absent": 1, "rejected": 0, "aside": 0, "suppressed": 2 });
    assert_eq!(batch["collected"]["cards"], cards);
    // Their numbers are needed no more.
    let left = world.path("state/cards/cardsync").read_dir().unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_card_without_an_answer_is_no_change_where_that_is_wanted() {
    let world = world(Asks::CardSync, "no_change = true");
    let mut daemon = world.daemon();

    let updates = answers(&world, &mut daemon, Asks::CardSync, CARDSYNC);

    assert_eq!(outcomes(&updates)["order-7"], ("no_change", ""));
    assert_eq!(updates.len(), 7);
    // The provider's own count is of its answers.
    assert_eq!(show(&world)["collected"]["mismatches"], json!([]));
}

#[test]
fn cards_that_are_refused_at_once_join_the_answers_as_rejected() {
    let world = world(Asks::BlueSnap, "");
    let mut daemon = world.daemon();
    let cards = "reference,pan,expiry
a,4111111111111111,2027-04
b,6304939304310009610,2027-04
c,4012888888881881,2027-04
";

    let updates = answers(&world, &mut daemon, Asks::BlueSnap, cards);

    let expected = BTreeMap::from([
        ("a", ("new_expiry", "502")),
        ("b", ("rejected", "390")),
        ("c", ("valid", "506")),
    ]);
    assert_eq!(outcomes(&updates), expected);
    let rejected = updates.iter().find(|it| it["reference"] == "b").unwrap();
    assert_eq!(rejected["old"]["pan_masked"], "630493XXXXXXXXX9610");
    let cards = &show(&world)["collected"]["cards"];
    assert_eq!(
        (&cards["answered"], &cards["rejected"]),
        (&json!(2), &json!(1))
    );
}

#[test]
fn tokens_are_answered_by_what_the_provider_repeats_and_a_listing_finds_no_second_batch() {
    let config = Config::default()
        .in_sink(IN_THE_CLEAR)
        .asks(Asks::SmartpayFuse, "")
        .schedule("listing", "one-off", "one-off-reports");
    let world = World::with(&config);
    let mut daemon = world.daemon();

    let updates = answers(&world, &mut daemon, Asks::SmartpayFuse, TOKENS);

    let references: Vec<_> = updates.iter().map(|it| &it["reference"]).collect();
    assert_eq!(references, ["a", "b", "c"]);
    assert_eq!(
        updates[0]["old"]["token"],
        "AAE3DD3DED844001E05341588E0AD0D6"
    );
    assert_eq!(show(&world)["collected"]["cards"]["answered"], 3);
    assert_eq!(world.run("listing")["batches"], json!([]));
}

#[test]
fn a_submission_that_is_refused_card_by_card_is_delivered_at_once() {
    let world = world(Asks::BlueSnap, "");
    let mut daemon = world.daemon();
    let cards = "reference,pan,expiry\na,6304939304310009610,2027-04\n";
    world.put_cards(Asks::BlueSnap, "july.csv", cards);

    world.run("bluesnap");
    daemon.until("The batch was delivered.");

    let delivered = world.delivered().batches;
    let updates = delivered.values().next().unwrap();
    assert_eq!(
        outcomes(updates),
        BTreeMap::from([("a", ("rejected", "390"))])
    );
    assert_eq!(world.sandbox.requests()["counts"]["report"], Value::Null);
}

#[test]
fn answers_that_nobody_asked_for_are_set_aside_and_shown() {
    for whom in Asks::ALL {
        let world = world(whom, "");
        let mut daemon = world.daemon();
        let report = json!({ "endpoint": "report", "nth": 1, "times": 0 });
        world.sandbox.fault(report, json!({ "kind": "foreign" }));
        let cards = match whom {
            Asks::SmartpayFuse => TOKENS,
            _ => CARDSYNC,
        };

        let updates = answers(&world, &mut daemon, whom, cards);

        let known = cards
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap());
        let known: Vec<_> = known.collect();
        let strangers = updates
            .iter()
            .filter(|it| !known.contains(&it["reference"].as_str().unwrap()));
        assert_eq!(strangers.count(), 0, "{whom:?}");
        let batch = show(&world);
        assert_eq!(batch["collected"]["cards"]["aside"], 1, "{whom:?}");
        let key = batch["key"].as_str().unwrap();
        let status = world.reissue(&["status"]);
        let alarm = "holds 1 answer for cards that nobody asked about";
        assert!(status.out.contains(alarm), "{}", status.out);
        let aside = world.reissue(&["updates", key, "--aside", "--json"]).ok();
        assert_eq!(aside.out.lines().count(), 1, "{whom:?}");
        assert!(!aside.out.contains("\"pan\""), "{}", aside.out);
    }
}

#[test]
fn two_answers_for_one_card_are_two_updates() {
    let world = world(Asks::CardSync, "");
    let mut daemon = world.daemon();
    let report = json!({ "endpoint": "report", "nth": 1, "times": 0 });
    world.sandbox.fault(report, json!({ "kind": "doubled" }));

    let updates = answers(&world, &mut daemon, Asks::CardSync, CARDSYNC);

    assert_eq!((updates.len(), outcomes(&updates).len()), (12, 6));
    assert_eq!(show(&world)["collected"]["cards"]["answered"], 6);
}

#[test]
fn answers_that_close_too_many_cards_wait_for_a_person() {
    let world = world(Asks::CardSync, "brake = { closed = 0 }");
    let mut daemon = world.daemon();
    let mut cards = "reference,pan,expiry\nclosed,4012000000000065,2027-04\n".to_owned();
    for number in 0..99 {
        cards += &format!("{number},{},2027-04\n", pan(number));
    }
    world.put_cards(Asks::CardSync, "july.csv", &cards);

    world.run("cardsync");
    world.sandbox.advance("6d");
    daemon.until("The batch is held before delivery.");

    assert!(world.delivered().files.is_empty());
    let why = "1 of the 100 cards that were asked about came back closed, more than the account's \
               brake.closed = 0 percent";
    assert!(world.reissue(&["status"]).out.contains(why));
    let key = show(&world)["key"].as_str().unwrap().to_owned();
    world
        .reissue(&["batch", "resolve", &key, "--as", "deliver"])
        .ok();
    daemon.until("The batch was delivered.");
}

#[test]
fn a_listing_settles_a_submission_of_which_nobody_knew_whether_it_arrived() {
    let config = Config::default().asks(Asks::SmartpayFuse, "").schedule(
        "listing",
        "one-off",
        "one-off-reports",
    );
    let world = World::with(&config);
    let lost = json!({ "kind": "served", "then": { "kind": "drop" } });
    world.sandbox.fault(json!({ "endpoint": "submit" }), lost);
    let lags = json!({ "kind": "lagging" });
    world.sandbox.fault(json!({ "endpoint": "list" }), lags);
    world.put_cards(Asks::SmartpayFuse, "july.csv", TOKENS);
    let mut daemon = world.daemon();
    world.run("one-off");
    assert_eq!(show(&world)["state"], "unknown");

    let listed = world.run("listing");

    assert_eq!(
        (&listed["listed"], &listed["new"]),
        (&json!(1), &Value::Null)
    );
    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    let batch = show(&world);
    assert_eq!(batch["collected"]["cards"]["answered"], 3);
    let list = world.reissue(&["batch", "list", "--json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(
        world.sandbox.submitted("smartpayfuse")["most_for_one_card"],
        1
    );
}

#[test]
fn what_a_registration_does_not_report_is_registered() {
    let config = Config::default().asks(Asks::SmartpayFuse, "");
    let world = World::with(&config);
    let text = world
        .config()
        .replace("job = \"one-off\"", "job = \"amex-registration\"");
    world.set_config(&text);
    world.put_cards(Asks::SmartpayFuse, "july.csv", TOKENS);
    let mut daemon = world.daemon();

    world.run("one-off");
    world.sandbox.advance("6d");
    daemon.until("The batch was collected.");

    let batch = show(&world);
    assert_eq!(batch["state"], "delivered");
    let cards = json!({ "answered": 0, "absent": 3, "rejected": 0, "aside": 0, "suppressed": 0 });
    assert_eq!(batch["collected"]["cards"], cards);

    let again = answers(&world, &mut daemon, Asks::SmartpayFuse, TOKENS);
    let references: Vec<_> = again.iter().map(|it| &it["reference"]).collect();
    assert_eq!(references, ["a", "b", "c"]);
    assert_eq!(again[0]["outcome"], "rejected");
}
