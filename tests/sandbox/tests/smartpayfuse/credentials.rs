//! Who is answered, and what the others are told.

use reqwest::Method;
use serde_json::Value;

use crate::client::{BATCHES, Client, sandbox};

fn accept() -> (&'static str, String) {
    ("accept", "application/json".into())
}

async fn refusal(client: &Client) -> String {
    let journal = client.control("requests").await;
    let last = journal["requests"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    last["refused"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_ways_of_signing_are_accepted() {
    let client = sandbox(&["--empty"]).await;
    let target = format!("{BATCHES}?offset=0&limit=50&fromDate=20200315T000000Z");
    for method in ["GET", "get"] {
        let headers = [("authorization", client.token(method, &target)), accept()];
        assert_eq!(
            client
                .send(Method::GET, &target, &headers)
                .await
                .unwrap()
                .status(),
            200
        );
    }
    let mut headers = client.signature(&target);
    headers.push(accept());
    assert_eq!(
        client
            .send(Method::GET, &target, &headers)
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn bad_credentials_get_the_documented_answer_and_the_journal_says_why() {
    let client = sandbox(&["--empty"]).await;
    let headers = [
        ("authorization", client.token_by("GET", BATCHES, "AAAA")),
        accept(),
    ];
    let answer = client.send(Method::GET, BATCHES, &headers).await.unwrap();
    assert_eq!(answer.status(), 401);

    let mut body: Value = answer.json().await.unwrap();
    let mut documented: Value =
        serde_json::from_str(include_str!("../data/smartpayfuse_error_401.json")).unwrap();
    assert_eq!(
        body["_links"]["self"]["href"],
        format!("{}{BATCHES}", client.url)
    );
    for body in [&mut body, &mut documented] {
        assert_eq!(body["correlationId"].take().as_str().unwrap().len(), 32);
        body["_links"]["self"]["href"].take();
    }
    assert_eq!(body, documented);
    assert_eq!(
        refusal(&client).await,
        "the token's signature does not match"
    );
}

#[tokio::test]
async fn a_token_is_good_for_one_request() {
    let client = sandbox(&["--empty"]).await;
    let headers = [("authorization", client.token("GET", BATCHES)), accept()];
    assert_eq!(
        client
            .send(Method::GET, BATCHES, &headers)
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        client
            .send(Method::GET, BATCHES, &headers)
            .await
            .unwrap()
            .status(),
        401
    );
    assert!(refusal(&client).await.contains("used before"));

    let other = format!("{BATCHES}?limit=1");
    let headers = [("authorization", client.token("GET", BATCHES)), accept()];
    assert_eq!(
        client
            .send(Method::GET, &other, &headers)
            .await
            .unwrap()
            .status(),
        401
    );
    assert!(refusal(&client).await.starts_with("request-resource-path"));
}

#[tokio::test]
async fn a_signature_is_good_for_one_target() {
    let client = sandbox(&["--empty"]).await;
    let mut headers = client.signature(BATCHES);
    headers.push(accept());
    let answer = client
        .send(Method::GET, &format!("{BATCHES}?limit=1"), &headers)
        .await;
    assert_eq!(answer.unwrap().status(), 401);
    assert!(refusal(&client).await.contains("string to sign"));
}

#[tokio::test]
async fn other_credentials_can_be_chosen() {
    let client = sandbox(&["--empty", "--merchant", "acme_uk", "--portfolio", "acme"]).await;
    assert_eq!(client.get(BATCHES).await.status(), 401);
    assert_eq!(
        refusal(&client).await,
        "iss is \"demo_merchant_001\", expected \"acme\""
    );
}

#[tokio::test]
async fn list_and_report_want_an_accept_header_and_status_does_not() {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(serde_json::json!({ "source": "SCHEDULER" }))
        .await;
    let status = async |target: &str| {
        let headers = [("authorization", client.token("GET", target))];
        client
            .send(Method::GET, target, &headers)
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(status(BATCHES).await, 415);
    assert_eq!(status(&format!("{BATCHES}/{id}/report")).await, 415);
    assert_eq!(status(&format!("{BATCHES}/{id}/status")).await, 200);
}

#[tokio::test]
async fn what_the_provider_does_not_have_is_refused_in_its_shape() {
    let client = sandbox(&["--empty"]).await;
    let answer = client.get("/accountupdater/v1/else").await;
    assert_eq!(answer.status(), 404);
    assert!(answer.json::<Value>().await.unwrap()["correlationId"].is_string());

    let mut headers = vec![accept(), ("authorization", client.token("DELETE", BATCHES))];
    assert_eq!(
        client
            .send(Method::DELETE, BATCHES, &headers)
            .await
            .unwrap()
            .status(),
        405
    );
    headers.pop();
    assert_eq!(
        client
            .send(Method::POST, BATCHES, &headers)
            .await
            .unwrap()
            .status(),
        401
    );
}
