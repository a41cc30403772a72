//! Whom the provider calls, with what, and how often.

use reqwest::Method;
use serde_json::{Value, json};

use super::listener::Listener;
use super::{CLOSED, NEW_NUMBER, SE, WEBHOOK, event, subscribe};
use crate::client::{Client, PARTNER, sandbox};

/// A sandbox with two pairs whose events are announced to the listener.
async fn announcing(arguments: &[&str]) -> (Client, Listener) {
    let client = sandbox(arguments).await;
    subscribe(&client, &[("a", NEW_NUMBER, SE), ("b", CLOSED, SE)]).await;
    let listener = Listener::start().await;
    register(&client, &listener).await;
    (client, listener)
}

async fn register(client: &Client, listener: &Listener) {
    let webhook = json!({ "trigger_id": 23, "url": listener.url });
    let answer = client.send(Method::POST, WEBHOOK, &webhook).await;
    assert_eq!(answer["status"], "success", "{answer}");
}

async fn call(client: &Client, order: Value) -> Vec<String> {
    let answer = client.steer("cardsync/calls", order).await;
    assert_eq!(answer.status(), 202);
    let mut called: Value = answer.json().await.unwrap();
    serde_json::from_value(called["events"].take()).unwrap()
}

/// The event as the control interface tells of it, once no call is under way.
async fn told(client: &Client, id: &str) -> Value {
    loop {
        let events = client.control("cardsync/events").await;
        let mut events = events.as_array().unwrap().iter();
        let event = events.find(|event| event["id"] == id).unwrap();
        if event["under_way"] == 0 {
            return event.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_is_shaped_as_documented() {
    let (client, mut listener) = announcing(&[]).await;
    let id = event(&client, json!({})).await;
    let documented = include_str!("../../data/cardsync_amex_webhook_event.json");
    let documented: Value = serde_json::from_str(documented).unwrap();
    let call = listener.call().await;
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&call), names(&documented));
    assert_eq!(names(&call["stats"]), names(&documented["stats"]));
    assert_eq!(
        (&call["event_id"], &call["message"]),
        (&json!(id), &json!(""))
    );
    let closed = (&call["stats"]["closed"], &call["stats"]["contact_closed"]);
    assert_eq!(closed, (&json!(0), &json!(1)));
    assert_ne!(call["id"], call["event_id"]);

    let time = |name: &str| {
        call[name]
            .as_str()
            .unwrap()
            .parse::<chrono::DateTime<chrono::Utc>>()
    };
    let lives = time("expires").unwrap() - time("trigger_date").unwrap();
    let short = chrono::TimeDelta::days(1) - lives;
    assert_eq!(short, chrono::TimeDelta::microseconds(280));
    assert_eq!(told(&client, &id).await["answers"], json!({ "200": 1 }));
}

#[tokio::test]
async fn a_trigger_is_a_number_or_text() {
    let (client, mut listener) = announcing(&[]).await;
    event(&client, json!({})).await;
    assert_eq!(listener.call().await["trigger_id"], json!(23));
    event(&client, json!({})).await;
    assert_eq!(listener.call().await["trigger_id"], json!("23"));
}

#[tokio::test]
async fn in_the_second_spelling_a_key_comes_twice() {
    let (client, mut listener) = announcing(&["--cardsync-spelling", "v2"]).await;
    let id = client.steer("cardsync/events", json!({})).await;
    assert_eq!(id.status(), 201);
    let text = listener.text().await;
    assert!(
        text.contains(r#""closed":0,"number_submitted":2,"closed":1"#),
        "{text}"
    );
}

#[tokio::test]
async fn events_are_announced_when_and_in_the_order_that_is_wanted() {
    let (client, mut listener) = announcing(&[]).await;
    let mut events = Vec::new();
    for _ in 0..3 {
        events.push(event(&client, json!({ "deliver": false })).await);
    }
    events.reverse();
    events[1] = events[1].to_uppercase();
    call(&client, json!({ "events": events, "times": 3 })).await;
    let expected = [&events[..], &events, &events].concat();
    assert_eq!(listener.ids(9).await, expected);
    assert_eq!(
        told(&client, &events[0]).await["answers"],
        json!({ "200": 3 })
    );
}

#[tokio::test]
async fn what_is_no_event_is_forged() {
    let (client, mut listener) = announcing(&[]).await;
    let named = "46d91344-cc41-4922-b00f-c40226b548a4";
    let called = call(
        &client,
        json!({ "events": [named, "no-uuid"], "forged": 2 }),
    )
    .await;
    assert_eq!(listener.ids(4).await, called);
    assert_eq!(
        (called[0].as_str(), called[1].as_str(), called.len()),
        (named, "no-uuid", 4)
    );
    for id in called {
        let told = told(&client, &id).await;
        assert_eq!(
            (&told["state"], &told["cards"]),
            (&json!("forged"), &json!(0))
        );
        assert_eq!(super::ask(&client, &id).await["status"], "failed");
    }
}

#[tokio::test]
async fn a_further_webhook_replaces_the_one_before_unless_told_otherwise() {
    for (arguments, answers) in [
        (&[][..], json!({ "200": 1 })),
        (&["--cardsync-keep-webhooks"], json!({ "200": 1, "410": 1 })),
    ] {
        let (client, former) = announcing(arguments).await;
        former.answer(410);
        let mut listener = Listener::start().await;
        register(&client, &listener).await;
        register(&client, &listener).await;
        let id = event(&client, json!({})).await;
        assert_eq!(listener.ids(1).await, [id.as_str()]);
        assert_eq!(told(&client, &id).await["answers"], answers);
    }
}

#[tokio::test]
async fn a_call_is_made_once_unless_told_otherwise() {
    for (arguments, answers) in [
        (&[][..], json!({ "503": 1 })),
        (
            &[
                "--cardsync-webhook-attempts",
                "3",
                "--cardsync-webhook-pause",
                "1ms",
            ],
            json!({ "503": 3 }),
        ),
    ] {
        let (client, listener) = announcing(arguments).await;
        listener.answer(503);
        let id = event(&client, json!({})).await;
        assert_eq!(told(&client, &id).await["answers"], answers);
    }
}

#[tokio::test]
async fn without_a_webhook_nobody_is_told() {
    let client = sandbox(&[]).await;
    subscribe(&client, &[("a", NEW_NUMBER, SE)]).await;
    let id = event(&client, json!({})).await;
    assert_eq!(told(&client, &id).await["answers"], json!({ "nowhere": 1 }));
    let forged = client.steer("cardsync/calls", json!({ "forged": 1 })).await;
    assert_eq!(forged.status(), 400);
    let gone = json!({ "trigger_id": 23, "url": "http://127.0.0.1:1/" });
    client.send(Method::POST, WEBHOOK, &gone).await;
    call(&client, json!({ "events": [id] })).await;
    let answers = told(&client, &id).await["answers"].take();
    assert_eq!(answers, json!({ "nowhere": 1, "none": 1 }));
}

#[tokio::test]
async fn a_webhook_has_the_documented_fields_only() {
    let client = sandbox(&[]).await;
    let url = "https://example.com/hook";
    for (body, words) in [
        (
            json!({ "trigger_id": 20, "url": url }),
            "invalid trigger_id",
        ),
        (
            json!({ "trigger_id": 23, "url": "amex_update_url" }),
            "invalid url",
        ),
        (json!({ "trigger_id": 23 }), "missing field"),
        (
            json!({ "webhooks": [{ "trigger_id": 23, "url": url }] }),
            "unknown field",
        ),
    ] {
        let answer = client.send(Method::POST, WEBHOOK, &body).await;
        assert_eq!(answer["status"], "failure");
        assert!(answer["msg"].as_str().unwrap().contains(words), "{answer}");
    }
    let good = json!({ "trigger_id": 23, "url": url });
    let refused = client.request(Method::POST, WEBHOOK, PARTNER).json(&good);
    assert_eq!(refused.send().await.unwrap().status(), 401);
    let merchants = client.control("cardsync").await;
    assert_eq!(merchants["merchants"][0]["webhooks"], json!([]));
    client.send(Method::POST, WEBHOOK, &good).await;
    let merchants = client.control("cardsync").await;
    assert_eq!(merchants["merchants"][0]["webhooks"], json!([url]));
}
