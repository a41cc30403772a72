//! The faults that cost money or cards, and what the sandbox can say about them afterwards.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{BATCH, Client, ENROLLMENT, MERCHANT, PARTNER, questions, sandbox};

const CARDS: [(&str, &str); 2] = [("a", "4012000000000016"), ("b", "4012000000000024")];

async fn batches(client: &Client) -> usize {
    client.control("cardsync").await["batches"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_batch_was_taken() {
    for (then, taken) in [
        (json!({ "kind": "drop" }), 0),
        (json!({ "kind": "served", "then": { "kind": "drop" } }), 1),
    ] {
        let client = sandbox(&[]).await;
        client.fault("submit", then).await;
        let request = client
            .request(Method::POST, BATCH, MERCHANT)
            .json(&questions(&CARDS));
        assert!(request.send().await.is_err());
        assert_eq!(batches(&client).await, taken);
        let noted = &client.control("requests").await["requests"][0];
        assert_eq!(
            (&noted["endpoint"], &noted["status"]),
            (&json!("submit"), &Value::Null)
        );
    }
}

#[tokio::test]
async fn a_taken_batch_can_be_answered_with_an_error_or_late() {
    let client = sandbox(&[]).await;
    let error = json!({ "kind": "served", "then": { "kind": "status", "status": 502 } });
    client.fault("submit", error).await;
    let request = client
        .request(Method::POST, BATCH, MERCHANT)
        .json(&questions(&CARDS));
    assert_eq!(request.send().await.unwrap().status(), 502);
    client
        .fault("submit", json!({ "kind": "late", "milliseconds": 1 }))
        .await;
    client.submit(&CARDS).await;
    assert_eq!(batches(&client).await, 2);
}

#[tokio::test]
async fn the_only_answer_with_the_merchants_key_can_be_lost() {
    let client = sandbox(&[]).await;
    client
        .fault(
            "merchant",
            json!({ "kind": "served", "then": { "kind": "drop" } }),
        )
        .await;
    let wanted = include_str!("../data/cardsync_merchant_create_request.json");
    let wanted: Value = serde_json::from_str(wanted).unwrap();
    let request = client
        .request(Method::POST, "/api/merchant", PARTNER)
        .json(&wanted);
    assert!(request.send().await.is_err());
    let known = client.control("cardsync").await;
    assert_eq!(known["merchants"][1]["name"], wanted["name"]);
}

#[tokio::test]
async fn results_can_be_short_doubled_or_somebody_elses() {
    let client = sandbox(&[]).await;
    let batch = client.submit(&CARDS).await;
    client.advance("1h").await;
    let whole = client.results(&batch).await;
    for (kind, expected) in [
        ("shorter", vec!["b"]),
        ("doubled", vec!["b", "b", "a", "a"]),
        ("foreign", vec!["b", "a", "somebody-elses-card"]),
    ] {
        let forget = client
            .http
            .delete(format!("{}/_sandbox/faults", client.url));
        forget.send().await.unwrap();
        client.fault("report", json!({ "kind": kind })).await;
        let results = client.results(&batch).await;
        let rows = results["cards"].as_array().unwrap().iter();
        assert_eq!(
            rows.map(|row| row["id"].as_str().unwrap())
                .collect::<Vec<_>>(),
            expected
        );
        assert_eq!(results["stats"], whole["stats"]);
    }
    assert_eq!(client.results(&batch).await, whole);
}

#[tokio::test]
async fn a_fault_can_be_for_each_step_of_an_enrolment() {
    let client = sandbox(&[]).await;
    for (method, path, key, endpoint) in [
        (Method::POST, "/api/merchant", PARTNER, "merchant"),
        (Method::POST, "/api/accept-tos", MERCHANT, "terms"),
        (Method::POST, ENROLLMENT, MERCHANT, "enrol"),
        (Method::GET, ENROLLMENT, MERCHANT, "enrolment"),
    ] {
        client
            .fault(endpoint, json!({ "kind": "status", "status": 503 }))
            .await;
        let answer = client.request(method, path, key).send().await.unwrap();
        assert_eq!(answer.status(), 503, "{endpoint}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "status": "failure", "msg": "failure" }));
    }
}

#[tokio::test]
async fn a_leak_shows_in_the_providers_words() {
    let client = sandbox(&[]).await;
    client
        .fault(
            "enrolment",
            json!({ "kind": "leak", "text": "4111111111111111" }),
        )
        .await;
    assert_eq!(client.get(ENROLLMENT).await["msg"], "4111111111111111");
}
