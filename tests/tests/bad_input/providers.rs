//! What a provider refuses or answers oddly when it is asked about cards, as a person reads it.

use std::fs;

use reissue_tests::{Asks, Config, Pinned, World};
use serde_json::{Value, json};

const CARDS: &str = "reference,pan,expiry\norder-1,4012000000000016,2027-04\n";
const TOKENS: &str =
    "reference,token,token_kind\norder-1,AAE3DD3DED844001E05341588E0AD0D6,customer\n";

fn asking(whom: Asks) -> World {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(whom, "");
    let world = World::with(&config);
    let cards = match whom {
        Asks::SmartpayFuse => TOKENS,
        _ => CARDS,
    };
    world.put_cards(whom, "july.csv", cards);
    world
}

/// What became of the one submission, and what needs a person because of it; `ID` stands for its id.
fn came_to(world: &World) -> String {
    let batch = &world.reissue(&["batch", "list", "--json"]).ok().json()[0];
    let key = batch["key"].as_str().unwrap();
    let (_, id) = key.split_once('/').unwrap();
    let status = world.reissue(&["status", "--json"]).ok().json();
    let attention = status["attention"].as_array().unwrap().iter();
    let lines = attention.map(|one| {
        let text = |key: &str| one[key].as_str().unwrap();
        format!("{} {}\n", text("about"), text("text"))
    });
    let state = batch["state"].as_str().unwrap();
    let text = format!("{state}\n{}", lines.collect::<String>());
    let text = world.neutral(&text.replace(id, "ID"));
    // Another one for every request.
    match text.split_once("correlation id ") {
        Some((before, after)) => format!("{before}correlation id CORRELATION{}", &after[32..]),
        None => text,
    }
}

/// Each submission meets with a refusal of its own.
#[test]
fn every_refusal_of_a_submission_has_its_state_and_its_sentence() {
    let status =
        |status: u16, body: &str| json!({ "kind": "status", "status": status, "body": body });
    let json = |words: &str| json!({ "status": "error", "msg": words }).to_string();
    let dtd = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\
               <batch-account-update xmlns=\"http://ws.plimus.com\">&e;</batch-account-update>";
    let another = "<batch-account-update xmlns=\"http://ws.plimus.com\">\
                   <account-update-batch-id>another</account-update-batch-id>\
                   <response-code>0</response-code></batch-account-update>";
    let code = "<batch-account-update xmlns=\"http://ws.plimus.com\">\
                <response-code>777</response-code><response-message>Odd</response-message>\
                </batch-account-update>";
    let mut pinned = Pinned::new("bad_input_submissions");
    for (heading, whom, answer) in [
        (
            "CardSync: a wrong key",
            Asks::CardSync,
            status(401, &json("Unauthorized")),
        ),
        (
            "CardSync: declined",
            Asks::CardSync,
            status(200, &json("Merchant is not enrolled")),
        ),
        (
            "CardSync: a web page",
            Asks::CardSync,
            json!({ "kind": "html" }),
        ),
        (
            "CardSync: no batch id",
            Asks::CardSync,
            status(200, r#"{"status":"success","data":{}}"#),
        ),
        (
            "BlueSnap: a wrong password",
            Asks::BlueSnap,
            status(401, ""),
        ),
        (
            "BlueSnap: an unknown code",
            Asks::BlueSnap,
            status(200, code),
        ),
        (
            "BlueSnap: a document type",
            Asks::BlueSnap,
            status(200, dtd),
        ),
        (
            "BlueSnap: an answer about another batch",
            Asks::BlueSnap,
            status(200, another),
        ),
        (
            "BlueSnap: an acknowledgement that ends early",
            Asks::BlueSnap,
            json!({ "kind": "truncate", "after_bytes": 200 }),
        ),
        (
            "smartpayFuse: a wrong key",
            Asks::SmartpayFuse,
            json!({ "kind": "status", "status": 401 }),
        ),
        (
            "smartpayFuse: a field that it does not like",
            Asks::SmartpayFuse,
            status(
                422,
                r#"{"code":"VALIDATION_ERROR","detail":"One or more fields failed validation","fields":[{"path":"notificationEmail","message":"must be an address"}]}"#,
            ),
        ),
    ] {
        let world = asking(whom);
        world
            .sandbox
            .fault(json!({ "endpoint": "submit", "times": 0 }), answer);
        let _daemon = world.daemon();
        world.reissue(&["run", whom.name(), "--wait"]);
        pinned.add(heading, &came_to(&world));
    }
    pinned.compare();
}

/// The provider took no money for it, and knows nothing of its cards.
#[test]
fn cards_of_a_refused_submission_are_asked_about_when_they_are_handed_in_again() {
    let world = asking(Asks::CardSync);
    world.edit(
        "source = ",
        "source = \"cardsync\"\nnot_asked_within = \"25d\"",
    );
    let declined = json!({ "status": "error", "msg": "Merchant is not enrolled" }).to_string();
    world.sandbox.fault(
        json!({ "endpoint": "submit" }),
        json!({ "kind": "status", "status": 200, "body": declined }),
    );
    let _daemon = world.daemon();
    world.run("cardsync");
    assert!(world.sandbox.asked_about("cardsync").is_empty());

    for _ in 0..2 {
        world.put_cards(Asks::CardSync, "july.csv", CARDS);
        world.run("cardsync");
        assert_eq!(world.sandbox.submitted("cardsync")["questions"], 1);
    }
}

/// Nothing is concluded from an answer that is odd.
#[test]
fn odd_answers_are_unknown_or_hold_the_batch() {
    let cardsync = |cards: Value| {
        json!({ "status": "success", "data": { "batch_id": "", "status": "completed", "cards": cards,
            "stats": { "total_cards": 1 } } })
        .to_string()
    };
    let bluesnap = |inner: &str| {
        format!(
            "<batch-account-update xmlns=\"http://ws.plimus.com\"><response-code>0</response-code>\
             <account-update><merchant-updater-id>k0</merchant-updater-id>{inner}</account-update>\
             </batch-account-update>"
        )
    };
    let body = |body: String| json!({ "kind": "status", "status": 200, "body": body });
    let mut pinned = Pinned::new("bad_input_answers");
    for (heading, whom, answer) in [
        (
            "CardSync: `updated_card` without a card",
            Asks::CardSync,
            body(cardsync(json!([{ "id": "k0", "status": "updated_card" }]))),
        ),
        (
            "CardSync: a word that is new",
            Asks::CardSync,
            body(cardsync(json!([{ "id": "k0", "status": "hibernating" }]))),
        ),
        (
            "CardSync: a wrong batch id",
            Asks::CardSync,
            body(json!({ "status": "success", "data": { "batch_id": "another", "status": "completed", "cards": [] } }).to_string()),
        ),
        (
            "CardSync: results that end early",
            Asks::CardSync,
            json!({ "kind": "truncate", "after_bytes": 60 }),
        ),
        (
            "BlueSnap: a new number without `updated-card`",
            Asks::BlueSnap,
            body(bluesnap("<update-response-code>500</update-response-code>")),
        ),
        (
            "BlueSnap: a code that is new",
            Asks::BlueSnap,
            body(bluesnap("<update-response-code>999</update-response-code><update-response-message>Odd</update-response-message>")),
        ),
        (
            "BlueSnap: a document type",
            Asks::BlueSnap,
            body("<!DOCTYPE x [<!ENTITY e \"e\">]><batch-account-update xmlns=\"http://ws.plimus.com\"/>".into()),
        ),
    ] {
        let world = asking(whom);
        let mut daemon = world.daemon();
        world.run(whom.name());
        world.sandbox.fault(json!({ "endpoint": "report", "times": 0 }), answer);
        world.sandbox.advance("6d");
        daemon.until_line("an end of the collection", |line| {
            let message = line["message"].as_str().unwrap_or_default();
            ["The batch was collected.", "Collecting failed; it will be tried again."].contains(&message)
        });
        // Waits until what was collected is delivered.
        world.run(whom.name());
        let delivered = world.reissue(&["updates", "--json"]).ok().json();
        let outcomes = delivered.as_array().unwrap().iter();
        let outcomes = outcomes.map(|row| format!("{} {}\n", row["outcome"], row["count"]));
        let outcomes: String = outcomes.collect();
        pinned.add(heading, &(came_to(&world) + &outcomes));
    }
    pinned.compare();
}

/// There is no other copy of its cards.
#[test]
fn a_submission_that_was_not_sent_and_is_damaged_says_what_is_lost() {
    let world = asking(Asks::CardSync);
    let busy = json!({ "kind": "status", "status": 429 });
    world
        .sandbox
        .fault(json!({ "endpoint": "submit", "times": 0 }), busy);
    let daemon = world.daemon();
    world.reissue(&["run", "cardsync", "--wait"]);
    drop(daemon);
    let directory = world.path("state/cards/cardsync");
    let mut files = fs::read_dir(directory).unwrap();
    let file = files.next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() - 60;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    world.sandbox.heal();

    let _daemon = world.daemon();
    world.until_events("batch_failed", 1);

    let mut pinned = Pinned::new("bad_input_damaged");
    pinned.add(
        "a submission that is damaged before it is sent",
        &came_to(&world),
    );
    pinned.compare();
    assert!(world.sandbox.asked_about("cardsync").is_empty());
}
