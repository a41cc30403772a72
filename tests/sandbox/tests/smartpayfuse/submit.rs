//! A merchant asks: what is accepted, what becomes of it, and what was asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{BATCHES, Client, sandbox};

fn question(kind: &str, reference: &str, tokens: &[&str]) -> Value {
    let tokens: Vec<Value> = tokens.iter().map(|id| json!({ "id": id })).collect();
    json!({
        "type": kind, "included": { "tokens": tokens },
        "merchantReference": reference, "notificationEmail": "test@cybs.com",
    })
}

/// Submits, and gives the batch's id.
async fn submit(client: &Client, question: &Value) -> String {
    let answer = client.try_post(&question.to_string()).await.unwrap();
    assert_eq!(answer.status(), 202);
    let body: Value = answer.json().await.unwrap();
    let tokens = question["included"]["tokens"].as_array().unwrap();
    assert_eq!(body["batchItemCount"], tokens.len());
    body["batchId"].as_str().unwrap().to_owned()
}

/// Distinct tokens of the vault.
fn tokens(count: u64) -> Vec<String> {
    (0..count)
        .map(|n| format!("{n:016X}E0533F36CF0A356E"))
        .collect()
}

#[tokio::test]
async fn an_inquiry_is_answered_token_by_token() {
    let client = sandbox(&["--empty", "--processing-for", "24h"]).await;
    let asked = tokens(50);
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let id = submit(&client, &question("oneOff", "sub-1", &asked)).await;

    let status = client.json(&format!("{BATCHES}/{id}/status")).await;
    assert_eq!(
        (&status["status"], &status["batchSource"]),
        (&json!("PROCESSING"), &json!("TOKEN_API"))
    );
    assert_eq!(status["merchantReference"], "sub-1");
    let row = &client.json(BATCHES).await["_embedded"]["batches"][0];
    assert_eq!(
        (&row["batchId"], &row["merchantReference"]),
        (&json!(id), &json!("sub-1"))
    );

    client.advance("24h").await;
    let report = client.json(&format!("{BATCHES}/{id}/report")).await;
    assert_eq!(report["merchantReference"], "sub-1");
    let records = report["records"].as_array().unwrap().iter();
    let answered: Vec<&str> = records
        .map(|record| record["sourceRecord"]["token"].as_str().unwrap())
        .collect();
    assert_eq!(answered, asked);
    let expected = client.control(&format!("expected/{id}")).await;
    assert_eq!(expected["records"], 50);
    let rows = client.lines(&format!("expected/{id}/ids")).await;
    assert_eq!(rows[7]["token"], asked[7]);
}

#[tokio::test]
async fn a_registration_reports_what_was_refused_alone() {
    let client = sandbox(&["--empty", "--processing-for", "0s"]).await;
    let good = tokens(2);
    let first = question("amexRegistration", "sub-1", &[&good[0]]);
    let id = submit(&client, &first).await;
    let status = client.json(&format!("{BATCHES}/{id}/status")).await;
    assert_eq!(status["merchantReference"], "sub-1");
    assert_eq!(status["totals"]["acceptedRecords"], 1);
    let report = client.get(&format!("{BATCHES}/{id}/report")).await.status();
    assert!(report == 403 || report == 404, "{report}");
    // The list does not show whose it is.
    let row = &client.json(BATCHES).await["_embedded"]["batches"][0];
    assert!(row.get("merchantReference").is_none(), "{row}");

    let again = question("amexRegistration", "sub-2", &[&good[0], &good[1], "ABC"]);
    let id = submit(&client, &again).await;
    let report = client.json(&format!("{BATCHES}/{id}/report")).await;
    let records = report["records"].as_array().unwrap().iter();
    let refused: BTreeMap<&str, &str> = records
        .map(|record| {
            let (card, answer) = (&record["sourceRecord"], &record["responseRecord"]);
            (
                card["token"].as_str().unwrap(),
                answer["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        refused,
        BTreeMap::from([(&*good[0], "861"), ("ABC", "851")])
    );
    assert_eq!(
        report["totals"],
        json!({ "acceptedRecords": 1, "rejectedRecords": 2 })
    );
}

#[tokio::test]
async fn what_is_not_documented_is_refused() {
    let client = sandbox(&["--empty"]).await;
    let good = || question("oneOff", "sub-1", &["C06977C0EDC0E985E053AF598E0A3326"]);
    let with = |path: &str, value: Value| {
        let mut odd = good();
        *odd.pointer_mut(path).unwrap() = value;
        odd.to_string()
    };
    for (body, status, why) in [
        (
            with("/notificationEmail", Value::Null),
            422,
            "cybsapi.ondemand.batch.email.null",
        ),
        (
            with("/notificationEmail", json!("nobody")),
            422,
            "mail address",
        ),
        (
            with("/merchantReference", json!("x".repeat(256))),
            422,
            "255",
        ),
        (with("/included/tokens", json!([])), 422, "1 to 10000000"),
        (with("/included/tokens", json!([null])), 422, "body"),
        (
            with("/included/tokens", json!([{ "id": "x".repeat(33) }])),
            422,
            "as documented",
        ),
        (
            with(
                "/included/tokens",
                json!([{ "id": "1", "expirationMonth": "1" }]),
            ),
            422,
            "as documented",
        ),
        (
            with(
                "/included/tokens",
                json!([{ "id": "A1" }, { "id": "7030000000000116236" }]),
            ),
            422,
            "one kind",
        ),
        (
            with("/included", json!({ "tokens": [{ "id": "1" }], "more": 1 })),
            422,
            "unknown field",
        ),
        (with("/type", json!("twoOff")), 422, "unknown variant"),
        ("{".into(), 400, "MALFORMED_PAYLOAD_ERROR"),
    ] {
        let answer = client.try_post(&body).await.unwrap();
        assert_eq!(answer.status(), status, "{why}");
        let answer = answer.text().await.unwrap();
        assert!(answer.contains(why), "{answer}");
    }
    let headers = [
        ("authorization", client.token("POST", BATCHES)),
        ("accept", "application/json".into()),
    ];
    let unsigned = client.send(reqwest::Method::POST, BATCHES, &headers).await;
    assert_eq!(unsigned.unwrap().status(), 401);
    assert_eq!(client.control("smartpayfuse/submitted").await, json!({}));
}

#[tokio::test]
async fn each_token_is_counted() {
    let client = sandbox(&["--empty"]).await;
    let [a, b] = ["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"];
    submit(&client, &question("oneOff", "sub-1", &[a, b])).await;
    let second = submit(&client, &question("oneOff", "sub-2", &[b])).await;
    assert_eq!(
        client.control("smartpayfuse/submitted").await,
        json!({ "demo_merchant_001": { "batches": 2, "questions": 3, "cards": 2, "most_for_one_card": 2 } })
    );
    let cards = client.lines("smartpayfuse/submitted/cards").await;
    assert_eq!(
        (&cards[0]["card"], &cards[0]["times"]),
        (&json!(a), &json!(1))
    );
    let asked: Vec<&Value> = cards[1]["asked"].as_array().unwrap().iter().collect();
    assert!(asked.contains(&&json!({ "batch": second })), "{asked:?}");
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_there_and_the_list_may_lag() {
    let client = sandbox(&["--empty"]).await;
    let served = json!({ "kind": "served", "then": { "kind": "drop" } });
    client.fault(json!({ "endpoint": "submit" }), served).await;
    let body = question("oneOff", "sub-1", &["AAAAAAAAAAAAAAAA"]).to_string();
    assert!(client.try_post(&body).await.is_err());

    client
        .fault(json!({ "endpoint": "list" }), json!({ "kind": "lagging" }))
        .await;
    assert_eq!(client.json(BATCHES).await["total"], 0);
    let listed = client.json(BATCHES).await;
    assert_eq!(
        listed["_embedded"]["batches"][0]["merchantReference"],
        "sub-1"
    );

    client
        .fault(json!({ "endpoint": "submit" }), json!({ "kind": "drop" }))
        .await;
    assert!(client.try_post(&body).await.is_err());
    assert_eq!(client.json(BATCHES).await["total"], 1);
}

#[tokio::test]
async fn reports_can_be_short_doubled_and_foreign() {
    let client = sandbox(&["--empty", "--processing-for", "0s"]).await;
    let [a, b, c] = ["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC"];
    let id = submit(&client, &question("oneOff", "sub-1", &[a, b, c])).await;
    for (kind, expected) in [
        ("shorter", vec![a, c]),
        ("doubled", vec![a, a, b, b, c, c]),
        ("foreign", vec![a, b, c, "F0F0F0F0F0F0F0F0E0533F36CF0A356E"]),
    ] {
        client
            .fault(json!({ "endpoint": "report" }), json!({ "kind": kind }))
            .await;
        let report = client.json(&format!("{BATCHES}/{id}/report")).await;
        let records = report["records"].as_array().unwrap().iter();
        let tokens: Vec<&str> = records
            .map(|record| record["sourceRecord"]["token"].as_str().unwrap())
            .collect();
        assert_eq!(tokens, expected, "{kind}");
    }
}
