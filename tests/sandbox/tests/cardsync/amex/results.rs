//! What an event's results hold, and for how long.

use serde_json::{Value, json};

use super::{CLOSED, NEW_EXPIRY, NEW_NUMBER, OTHER, SE, ask, books, event, subscribe};
use crate::client::{Client, sandbox};

const PAIRS: [(&str, &str, &str); 4] = [
    ("number", NEW_NUMBER, SE),
    ("closed", CLOSED, SE),
    ("expiry", NEW_EXPIRY, SE),
    ("other", OTHER, SE),
];

/// A sandbox with four pairs, and an event of which nobody is told.
async fn eventful(arguments: &[&str]) -> (Client, String) {
    let client = sandbox(arguments).await;
    subscribe(&client, &PAIRS).await;
    let event = event(&client, json!({ "deliver": false })).await;
    (client, event)
}

#[tokio::test]
async fn results_are_shaped_as_documented() {
    let (client, event) = eventful(&[]).await;
    let answer = ask(&client, &event).await;
    let documented = include_str!("../../data/cardsync_amex_results_200.json");
    let documented: Value = serde_json::from_str(documented).unwrap();
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&answer["data"]), names(&documented["data"]));
    assert_eq!(answer["status"], documented["status"]);
    assert_eq!(answer["data"]["status"], documented["data"]["status"]);
    let stats = json!({
        "number_submitted": 4, "no_change": 1, "updated_card": 1, "updated_expiry": 1,
        "no_match": 0, "valid": 0, "contact": 0, "contact_closed": 1,
    });
    assert_eq!(answer["data"]["stats"], stats);
    assert_eq!(answer["stats"], stats);
}

#[tokio::test]
async fn published_cards_have_the_published_results_with_and_without_an_se_number() {
    let (client, event) = eventful(&[]).await;
    let answer = ask(&client, &event).await;
    let rows = answer["data"]["cards"].as_array().unwrap();
    let told = rows.iter().map(|row| {
        let text = |name: &str| row[name].as_str().map(str::to_owned).unwrap_or_default();
        [text("id"), text("status"), text("exp"), text("se_number")]
    });
    let expected = [
        ["number", "updated_card", "12/27", SE],
        ["closed", "contact_closed", "12/24", ""],
        ["expiry", "updated_expiry", "12/27", SE],
    ];
    assert_eq!(
        told.collect::<Vec<_>>(),
        expected.map(|row| row.map(str::to_owned))
    );
    assert!(rows[0]["card"] != NEW_NUMBER && rows[2]["card"] == NEW_EXPIRY);
    let expected = client
        .lines(&format!("cardsync/expected/{event}/cards"))
        .await;
    assert_eq!(answer["data"]["cards"], Value::Array(expected));
    let counts = client.control(&format!("cardsync/expected/{event}")).await;
    assert_eq!(
        counts["outcomes"],
        json!({ "new_number": 1, "new_expiry": 1, "closed": 1 })
    );
}

#[tokio::test]
async fn results_can_be_as_odd_as_one_page_shows_them() {
    let (client, event) = eventful(&["--cardsync-odd-results"]).await;
    let answer = ask(&client, &event).await;
    let row = &answer["data"]["cards"][0];
    assert_eq!(row["se_number"], "12334567890");
    let plain = sandbox(&[]).await;
    subscribe(&plain, &PAIRS).await;
    let right = super::event(&plain, json!({ "deliver": false })).await;
    let right = ask(&plain, &right).await["data"]["cards"][0]["card"].take();
    let (odd, right) = (row["card"].as_str().unwrap(), right.as_str().unwrap());
    assert!(odd[..14] == right[..14] && odd != right, "{odd} {right}");
}

#[tokio::test]
async fn results_are_the_merchants_and_kept_for_ten_days() {
    let (client, event) = eventful(&[]).await;
    assert_eq!(
        ask(&client, &event.to_uppercase()).await["status"],
        "success"
    );
    let refused = json!({ "status": "failed", "msg": "invalid event_id" });
    for id in ["46d91344-cc41-4922-b00f-c40226b548a4", "", "no-uuid"] {
        assert_eq!(ask(&client, id).await, refused, "{id}");
    }
    client.advance("239h").await;
    assert_eq!(ask(&client, &event).await["status"], "success");
    client.advance("1h").await;
    assert_eq!(ask(&client, &event).await, refused);
    assert_eq!(
        client.control("cardsync/events").await[0]["state"],
        "purged"
    );
}

#[tokio::test]
async fn results_can_be_gone_when_the_webhook_said_so() {
    let client = sandbox(&["--cardsync-purge-at-expiry"]).await;
    subscribe(&client, &PAIRS).await;
    let long = event(&client, json!({ "deliver": false })).await;
    let short = event(&client, json!({ "deliver": false, "expires_in": "1h" })).await;
    client.advance("1h").await;
    assert_eq!(ask(&client, &short).await["status"], "failed");
    assert_eq!(ask(&client, &long).await["status"], "success");
    client.advance("23h").await;
    assert_eq!(ask(&client, &long).await["status"], "failed");
}

#[tokio::test]
async fn a_subscription_follows_the_new_number_only_if_told_to() {
    let (client, _) = eventful(&[]).await;
    let ids = |books: Vec<(String, bool, [u64; 4])>| {
        let mut ids: Vec<_> = books.into_iter().map(|(id, is, _)| (id, is)).collect();
        ids.sort();
        ids
    };
    let as_subscribed = ["closed", "expiry", "number", "other"].map(|id| (id.to_owned(), true));
    assert_eq!(ids(books(&client).await), as_subscribed);

    let (client, event) = eventful(&["--cardsync-follow-numbers"]).await;
    let new = ask(&client, &event).await["data"]["cards"][0]["card"].take();
    let lines = client.lines("cardsync/subscriptions").await;
    let pair = |card: &Value| lines.iter().find(|line| line["card"] == *card).unwrap();
    assert_eq!(pair(&new)["subscribed"], true);
    assert_eq!(pair(&new)["id"], "number");
    assert_eq!(pair(&NEW_NUMBER.into())["subscribed"], false);
}

#[tokio::test]
async fn an_event_is_of_the_cards_that_are_named_or_of_all_to_which_something_happens() {
    let (client, _) = eventful(&[]).await;
    let answer = json!({ "card": OTHER, "status": "contact" });
    client.steer("cardsync/answers", answer).await;
    for (order, expected) in [
        (
            json!({ "cards": [OTHER, CLOSED] }),
            json!(["closed", "other"]),
        ),
        (json!({ "cards": [] }), json!([])),
        (json!({}), json!(["number", "closed", "expiry", "other"])),
    ] {
        let mut order = order;
        order["deliver"] = false.into();
        let event = event(&client, order).await;
        let mut answer = ask(&client, &event).await;
        let rows = answer["data"]["cards"].as_array_mut().unwrap().iter_mut();
        let ids: Vec<_> = rows.map(|row| row["id"].take()).collect();
        assert_eq!(Value::Array(ids), expected);
    }
    let unknown = json!({ "cards": ["371449635398431"] });
    assert_eq!(client.steer("cardsync/events", unknown).await.status(), 400);
    let nobody = sandbox(&[]).await;
    assert_eq!(
        nobody.steer("cardsync/events", json!({})).await.status(),
        400
    );
}

#[tokio::test]
async fn results_can_be_short_or_fail() {
    let (client, event) = eventful(&[]).await;
    let order =
        json!({ "match": { "endpoint": "report", "batch": event }, "then": { "kind": "shorter" } });
    client.steer("faults", order).await;
    let short = ask(&client, &event).await;
    assert_eq!(short["data"]["cards"].as_array().unwrap().len(), 2);
    client
        .fault("report", json!({ "kind": "status", "status": 503 }))
        .await;
    assert_eq!(ask(&client, &event).await["status"], "failure");
}
