//! The American Express product: subscriptions, and events that a webhook announces.

mod books;
mod calls;
mod listener;
mod results;

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;

const SUBSCRIBE: &str = "/v2/subscribe";
const WEBHOOK: &str = "/v2/webhook";
const NEW_NUMBER: &str = "342132335566772";
const NEW_EXPIRY: &str = "376655111122997";
const CLOSED: &str = "349900006577234";
/// A number to which nothing happens by itself.
const OTHER: &str = "378282246310005";
const SE: &str = "1234567890";

/// The body of a request about pairs: id, card and SE number of each.
fn pairs(pairs: &[(&str, &str, &str)]) -> Value {
    let card = |(id, card, se): &(&str, &str, &str)| json!({ "se_number": se, "id": id, "card": card, "exp": "12/24" });
    json!({ "cards": pairs.iter().map(card).collect::<Vec<_>>() })
}

/// A request about pairs that succeeds.
async fn done(client: &Client, method: Method, wanted: &[(&str, &str, &str)]) {
    let answer = client.send(method, SUBSCRIBE, &pairs(wanted)).await;
    assert_eq!(answer["status"], "success", "{answer}");
}

async fn subscribe(client: &Client, wanted: &[(&str, &str, &str)]) {
    done(client, Method::POST, wanted).await;
}

/// The books: of each pair id, whether it is subscribed, and how often it was added, added again, removed, and removed
/// although unknown.
async fn books(client: &Client) -> Vec<(String, bool, [u64; 4])> {
    let lines = client.lines("cardsync/subscriptions").await;
    let counts = ["added", "added_again", "removed", "removed_unknown"];
    let line = |line: Value| {
        (
            line["id"].as_str().unwrap().to_owned(),
            line["subscribed"].as_bool().unwrap(),
            counts.map(|name| line[name].as_u64().unwrap()),
        )
    };
    lines.into_iter().map(line).collect()
}

/// Makes an event and gives its id.
async fn event(client: &Client, order: Value) -> String {
    let answer = client.steer("cardsync/events", order).await;
    assert_eq!(answer.status(), 201);
    let mut event: Value = answer.json().await.unwrap();
    serde_json::from_value(event["id"].take()).unwrap()
}

/// What the provider answers about an event.
async fn ask(client: &Client, event: &str) -> Value {
    let path = format!("/v2/subscription/results?event_id={event}");
    client.get(&path).await
}
