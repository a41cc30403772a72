//! Every scripted fault does what it says, to the request it was meant for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{BATCHES, Client, sandbox};

/// A sandbox with one batch, and its report's path.
async fn with_report(records: u64) -> (Client, String) {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(json!({ "source": "SCHEDULER", "records": records }))
        .await;
    (client, format!("{BATCHES}/{id}/report"))
}

#[tokio::test]
async fn a_fault_hits_the_requests_that_it_names() {
    let (client, report) = with_report(1).await;
    let matches = json!({ "endpoint": "report", "nth": 2, "times": 2 });
    client
        .fault(matches, json!({ "kind": "status", "status": 503 }))
        .await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        assert_eq!(client.get(BATCHES).await.status(), 200);
        answers.push(client.get(&report).await.status().as_u16());
    }
    assert_eq!(answers, [200, 503, 503, 200]);
}

#[tokio::test]
async fn a_fault_can_be_for_one_batch_and_for_ever() {
    let (client, report) = with_report(1).await;
    let other = client.batch(json!({ "source": "SCHEDULER" })).await;
    let matches = json!({ "endpoint": "any", "batch": other, "times": 0 });
    client
        .fault(matches, json!({ "kind": "status", "status": 500 }))
        .await;
    for _ in 0..3 {
        assert_eq!(
            client
                .get(&format!("{BATCHES}/{other}/status"))
                .await
                .status(),
            500
        );
        assert_eq!(client.get(&report).await.status(), 200);
    }
    client
        .http
        .delete(format!("{}/_sandbox/faults", client.url))
        .send()
        .await
        .unwrap();
    assert_eq!(
        client
            .get(&format!("{BATCHES}/{other}/status"))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_request_with_bad_credentials_uses_up_no_fault() {
    let (client, report) = with_report(1).await;
    client
        .fault(
            json!({ "endpoint": "report" }),
            json!({ "kind": "status", "status": 503 }),
        )
        .await;
    let bare = client
        .http
        .get(format!("{}{report}", client.url))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 401);
    assert_eq!(client.get(&report).await.status(), 503);
}

#[tokio::test]
async fn a_status_comes_with_the_headers_and_the_body_that_were_given() {
    let (client, _) = with_report(1).await;
    let then = json!({ "kind": "status", "status": 429, "body": "slow down", "headers": { "Retry-After": "7" } });
    client.fault(json!({ "endpoint": "list" }), then).await;
    let answer = client.get(BATCHES).await;
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "7")
    );
    assert_eq!(answer.text().await.unwrap(), "slow down");

    client
        .fault(
            json!({ "endpoint": "list", "times": 0 }),
            json!({ "kind": "status", "status": 403 }),
        )
        .await;
    let body: Value = client.get(BATCHES).await.json().await.unwrap();
    assert_eq!(body["code"], "FORBIDDEN_RESPONSE");
}

#[tokio::test]
async fn answers_that_are_not_the_documents_asked_for() {
    let (client, report) = with_report(1).await;
    let fault = async |then: Value| {
        client.fault(json!({ "endpoint": "report" }), then).await;
        client.get(&report).await
    };
    let html = fault(json!({ "kind": "html" })).await;
    assert!(
        html.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(html.text().await.unwrap().starts_with("<!DOCTYPE"));

    let empty = fault(json!({ "kind": "empty" })).await;
    assert_eq!(
        (empty.status().as_u16(), empty.bytes().await.unwrap().len()),
        (200, 0)
    );

    let garbage = fault(json!({ "kind": "garbage" })).await;
    assert_eq!(garbage.status(), 200);
    assert!(serde_json::from_slice::<Value>(&garbage.bytes().await.unwrap()).is_err());

    let redirect = fault(json!({ "kind": "redirect", "to": "http://evil.example/" })).await;
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (302, &"http://evil.example/".parse().unwrap())
    );
}

#[tokio::test]
async fn a_dropped_request_has_no_answer_but_was_noted() {
    let (client, report) = with_report(1).await;
    client
        .fault(json!({ "endpoint": "report" }), json!({ "kind": "drop" }))
        .await;
    assert!(client.try_get(&report).await.is_err());
    let noted = &client.control("requests").await["requests"][0];
    assert_eq!(
        (&noted["status"], &noted["fault"]),
        (&Value::Null, &json!("drop"))
    );
}

#[tokio::test]
async fn what_goes_wrong_after_the_request_was_served_goes_wrong_all_the_same() {
    let (client, report) = with_report(1).await;
    let served = |then: Value| json!({ "kind": "served", "then": then });
    for (at, then) in [
        served(json!({ "kind": "drop" })),
        served(json!({ "kind": "status", "status": 502 })),
        served(json!({ "kind": "late", "milliseconds": 1 })),
    ]
    .into_iter()
    .enumerate()
    {
        let matches = json!({ "endpoint": "report", "nth": at + 1 });
        client.fault(matches, then).await;
    }
    assert!(client.try_get(&report).await.is_err());
    assert_eq!(client.get(&report).await.status(), 502);
    assert_eq!(client.get(&report).await.status(), 200);
    let noted = client.control("requests").await["requests"].take();
    let noted = noted.as_array().unwrap().iter();
    let noted: Vec<_> = noted.map(|one| (&one["status"], &one["fault"])).collect();
    let fault = json!("served");
    assert_eq!(
        noted,
        [
            (&Value::Null, &fault),
            (&json!(502), &fault),
            (&json!(200), &fault)
        ]
    );
}

#[tokio::test]
async fn a_stalled_answer_has_a_head_and_nothing_more() {
    let (client, report) = with_report(1).await;
    client
        .fault(json!({ "endpoint": "report" }), json!({ "kind": "stall" }))
        .await;
    let mut answer = client.get(&report).await;
    assert_eq!(answer.status(), 200);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), answer.chunk())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_truncated_body_ends_early_and_visibly() {
    let (client, report) = with_report(2000).await;
    for after in [0, 100, 300_000] {
        let then = json!({ "kind": "truncate", "after_bytes": after });
        client.fault(json!({ "endpoint": "report" }), then).await;
        let mut answer = client.get(&report).await;
        let mut received = 0;
        let end = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                end => break end,
            }
        };
        assert!(
            end.is_err(),
            "the body of {after} bytes ended as if it were whole"
        );
        assert!(received <= after);
        assert_eq!(received == 0, after == 0);
    }
}

#[tokio::test]
async fn a_wrong_length_promises_more_than_comes() {
    let (client, report) = with_report(10).await;
    let whole = client.get(&report).await.bytes().await.unwrap().len() as u64;
    client
        .fault(
            json!({ "endpoint": "report" }),
            json!({ "kind": "wrong_length" }),
        )
        .await;
    let answer = client.get(&report).await;
    assert_eq!(answer.content_length(), Some(whole + 1000));
    assert!(answer.bytes().await.is_err());
}

#[tokio::test]
async fn a_slow_body_is_whole() {
    let (client, report) = with_report(50).await;
    let whole = client.get(&report).await.bytes().await.unwrap();
    client
        .fault(
            json!({ "endpoint": "report" }),
            json!({ "kind": "slow", "bytes_per_second": 1_000_000 }),
        )
        .await;
    assert_eq!(client.get(&report).await.bytes().await.unwrap(), whole);
}

#[tokio::test]
async fn a_leak_shows_wherever_there_is_text() {
    const PAN: &str = "4111111111111111";
    let (client, report) = with_report(3).await;
    let clean: Value = client.json(&report).await;
    client
        .fault(
            json!({ "endpoint": "any", "times": 0 }),
            json!({ "kind": "leak", "text": PAN }),
        )
        .await;

    let leaked: Value = client.json(&report).await;
    assert_eq!(leaked["records"][0]["sourceRecord"]["cardNumber"], PAN);
    assert_eq!(
        leaked["records"][0]["responseRecord"]["additionalUpdates"][0]["message"],
        PAN
    );
    assert_eq!(leaked["records"][0]["id"], clean["records"][0]["id"]);
    assert_eq!(leaked["records"][1], clean["records"][1]);
    assert_eq!(
        client.json(&report.replace("/report", "/status")).await["description"],
        PAN
    );
    assert_eq!(
        client.json(BATCHES).await["_embedded"]["batches"][0]["merchantReference"],
        PAN
    );
    let error: Value = client
        .get(&format!("{BATCHES}/1234/status"))
        .await
        .json()
        .await
        .unwrap();
    assert!(error["detail"].as_str().unwrap().contains(PAN));
}

#[tokio::test]
async fn faults_that_cannot_be_are_refused_with_the_reason() {
    let client = sandbox(&["--empty"]).await;
    let refused = [
        (
            json!({ "endpoint": "report" }),
            json!({ "kind": "endless_paging" }),
            "match.endpoint",
        ),
        (
            json!({ "endpoint": "any" }),
            json!({ "kind": "status", "status": 101 }),
            "200 to 599",
        ),
        (
            json!({ "endpoint": "any", "nth": 0 }),
            json!({ "kind": "drop" }),
            "from 1",
        ),
        (
            json!({ "endpoint": "any" }),
            json!({ "kind": "slow", "bytes_per_second": 0 }),
            "at least 1",
        ),
        (
            json!({ "endpoint": "any" }),
            json!({ "kind": "redirect", "to": "a\nb" }),
            "header value",
        ),
        (
            json!({ "endpoint": "status" }),
            json!({ "kind": "doubled" }),
            "match.endpoint",
        ),
        (
            json!({ "endpoint": "any" }),
            json!({ "kind": "served", "then": { "kind": "served", "then": { "kind": "drop" } } }),
            "goes wrong",
        ),
    ];
    for (matches, then, why) in refused {
        let answer = client
            .steer("faults", json!({ "match": matches, "then": then }))
            .await;
        assert_eq!(answer.status(), 400, "{then}");
        assert!(answer.text().await.unwrap().contains(why), "{then}");
    }
    let unknown = client
        .steer(
            "faults",
            json!({ "match": { "endpoint": "any" }, "then": { "kind": "fire" } }),
        )
        .await;
    assert_eq!(unknown.status(), 422);
}
