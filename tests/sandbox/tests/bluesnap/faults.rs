//! The faults that matter where each question costs money.

use reqwest::Method;
use serde_json::json;

use crate::client::{PATH, question, sandbox, texts};

const CARDS: [(&str, &str, &str); 3] = [
    ("4012888888881881", "03", "2015"),
    ("4111111111111111", "04", "2016"),
    ("5555555555554444", "05", "2017"),
];

#[tokio::test]
async fn an_answer_can_be_lost_before_and_after_the_batch_is_there() {
    let client = sandbox(&[]).await;
    let served = json!({ "kind": "served", "then": { "kind": "drop" } });
    client.fault("submit", served).await;
    let body = question("b-1", &CARDS);
    assert!(client.try_send(Method::POST, PATH, &body).await.is_err());
    assert_eq!(client.retrieve("b-1").await.status(), 200);

    client.fault("submit", json!({ "kind": "drop" })).await;
    let body = question("b-2", &CARDS);
    assert!(client.try_send(Method::POST, PATH, &body).await.is_err());
    assert_eq!(client.retrieve("b-2").await.status(), 403);
}

#[tokio::test]
async fn a_slow_accept_takes_the_batch_at_once() {
    let client = sandbox(&[]).await;
    client
        .fault(
            "submit",
            json!({ "kind": "late", "milliseconds": 3_600_000 }),
        )
        .await;
    let body = question("b-1", &CARDS);
    // Whoever asks gives up, and the batch is there.
    let answer = client.try_send(Method::POST, PATH, &body);
    let until_there = async { while client.retrieve("b-1").await.status() != 200 {} };
    tokio::select! {
        _ = answer => panic!("the answer is an hour late"),
        () = until_there => {}
    }
}

#[tokio::test]
async fn results_can_be_short_doubled_and_foreign() {
    let client = sandbox(&["--bluesnap-results-after", "0s"]).await;
    client.create("b-1", &CARDS).await;
    for (kind, expected) in [
        ("shorter", vec!["k1", "k3"]),
        ("doubled", vec!["k1", "k1", "k2", "k2", "k3", "k3"]),
        ("foreign", vec!["k1", "k2", "k3", "somebody-elses-card"]),
    ] {
        client.fault("report", json!({ "kind": kind })).await;
        let results = client.retrieve("b-1").await.text().await.unwrap();
        assert_eq!(texts(&results, "merchant-updater-id"), expected, "{kind}");
    }
}

#[tokio::test]
async fn a_leak_stands_in_every_free_text() {
    let client = sandbox(&["--bluesnap-results-after", "0s"]).await;
    client.create("b-1", &CARDS).await;
    client
        .fault(
            "report",
            json!({ "kind": "leak", "text": "4111111111111111" }),
        )
        .await;
    let results = client.retrieve("b-1").await.text().await.unwrap();
    assert_eq!(texts(&results, "response-message"), ["4111111111111111"]);
    assert_eq!(
        texts(&results, "update-response-message"),
        ["4111111111111111"; 3]
    );
}
