//! Merchants from their creation to their enrolment.

use serde_json::{Value, json};

use crate::client::{BATCH, Client, ENROLLMENT, PARTNER, questions, sandbox};

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// As the provider's documents print it, with terms that are accepted later.
fn wanted() -> Value {
    let mut wanted = document(include_str!(
        "../data/cardsync_merchant_create_request.json"
    ));
    wanted["accept_tos"] = false.into();
    wanted
}

/// A merchant's id and key.
async fn create(client: &Client) -> (String, String) {
    let answer = client.post("/api/merchant", PARTNER, wanted()).await;
    assert_eq!(answer["status"], "success", "{answer}");
    let text = |name: &str| answer["data"][name].as_str().unwrap().to_owned();
    (text("id"), text("api_key"))
}

fn terms(merchant: &str) -> Value {
    json!({
        "name": "Ada", "title": "CFO", "account_type": "merchant", "account_type_id": merchant,
        "type": "cardsync", "version": 2,
    })
}

fn enrolment() -> Value {
    document(include_str!("../data/cardsync_enrollment_request.json"))
}

async fn standing(client: &Client, key: &str) -> Value {
    let request = client.request(reqwest::Method::GET, ENROLLMENT, key);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_merchant_is_created_accepts_the_terms_and_is_enrolled_after_days() {
    let client = sandbox(&[]).await;
    let answer = client.post("/api/merchant", PARTNER, wanted()).await;
    let printed = document(include_str!("../data/cardsync_merchant_create_200.json"));
    let keys = |value: &Value| -> Vec<String> {
        value["data"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&answer), keys(&printed));
    let id = answer["data"]["id"].as_str().unwrap();
    let key = answer["data"]["api_key"].as_str().unwrap();
    assert!(key.starts_with("api_") && key.len() == 31, "{key}");
    assert_eq!(answer["data"]["tos_accepted_by"], Value::Null);

    let unasked = standing(&client, key).await;
    assert_eq!(unasked, json!({ "status": "failure", "msg": "failure" }));
    let early = client.post(ENROLLMENT, key, enrolment()).await;
    assert_eq!(early["msg"], "terms of service have not been accepted");

    let accepted = client.post("/api/accept-tos", key, terms(id)).await;
    assert_eq!(
        accepted,
        document(include_str!("../data/cardsync_accept_tos_200.json"))
    );
    let asked = client.post(ENROLLMENT, key, enrolment()).await;
    let printed = document(include_str!("../data/cardsync_enrollment_pending_200.json"));
    assert_eq!(keys(&asked), keys(&printed));
    assert_eq!(asked["data"]["status"], "pending_activation");
    assert_eq!(asked["data"]["details"], enrolment());

    let cards = questions(&[("a", "4012000000000016")]);
    let early = client.post(BATCH, key, cards.clone()).await;
    assert_eq!(early["msg"], "merchant is not enrolled");
    client.advance("5d").await;
    let active = standing(&client, key).await;
    assert_eq!(active["data"]["status"], "active");
    assert_ne!(active["data"]["activated_at"], Value::Null);
    assert_eq!(client.post(BATCH, key, cards).await["status"], "success");
}

#[tokio::test]
async fn with_interim_activation_an_enrolment_is_active_at_once() {
    let client = sandbox(&["--cardsync-enrolled-after", "0s"]).await;
    let (id, key) = create(&client).await;
    client.post("/api/accept-tos", &key, terms(&id)).await;
    let asked = client.post(ENROLLMENT, &key, enrolment()).await;
    assert_eq!(asked["data"]["status"], "active");
    assert_eq!(asked["data"]["activated_at"], Value::Null);
}

#[tokio::test]
async fn nothing_of_it_can_be_done_twice() {
    let client = sandbox(&[]).await;
    let (id, key) = create(&client).await;
    let again = client.post("/api/merchant", PARTNER, wanted()).await;
    assert_eq!(again["msg"], "merchant name or username already exists");
    client.post("/api/accept-tos", &key, terms(&id)).await;
    client.post(ENROLLMENT, &key, enrolment()).await;
    let again = client.post(ENROLLMENT, &key, enrolment()).await;
    assert_eq!(again["msg"], "merchant is already enrolled");
}

#[tokio::test]
async fn the_partner_may_accept_the_terms_when_it_creates_the_merchant() {
    let client = sandbox(&[]).await;
    let mut wanted = wanted();
    wanted["accept_tos"] = true.into();
    let answer = client.post("/api/merchant", PARTNER, wanted).await;
    let key = answer["data"]["api_key"].as_str().unwrap();
    assert_eq!(
        client.post(ENROLLMENT, key, enrolment()).await["status"],
        "success"
    );
}

#[tokio::test]
async fn a_merchant_does_not_see_the_batches_of_another() {
    let client = sandbox(&[]).await;
    let id = client.submit(&[("a", "4012000000000016")]).await;
    client.advance("1h").await;
    let (_, other) = create(&client).await;
    for path in [format!("{BATCH}/{id}"), format!("{BATCH}/{id}/results")] {
        assert_eq!(client.get(&path).await["status"], "success");
        let request = client.request(reqwest::Method::GET, &path, &other);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer, json!({ "status": "failure", "msg": "failure" }));
    }
}

#[tokio::test]
async fn only_the_documented_fields_are_taken_and_all_of_them() {
    let client = sandbox(&[]).await;
    let (id, key) = create(&client).await;
    let refused = async |path: &str, key: &str, body: Value| {
        let answer = client.post(path, key, body).await;
        assert_eq!(answer["status"], "failure", "{answer}");
    };
    for (name, value) in [
        ("phone", Value::Null),
        ("name", "".into()),
        ("colour", "red".into()),
    ] {
        let mut wanted = wanted();
        wanted["user"]["username"] = "another".into();
        wanted["name"] = "Another".into();
        wanted[name] = value;
        refused("/api/merchant", PARTNER, wanted).await;
    }
    for (name, value) in [
        ("account_type_id", "somebody else".into()),
        ("type", "other".into()),
        ("version", 1.into()),
        ("title", "".into()),
    ] as [(&str, Value); 4]
    {
        let mut terms = terms(&id);
        terms[name] = value;
        refused("/api/accept-tos", &key, terms).await;
    }
    for (name, value) in [
        ("mcc", 5968.into()),
        ("number_of_visa", "1".into()),
        ("delivery_frequency", "yearly".into()),
    ] as [(&str, Value); 3]
    {
        let mut enrolment = enrolment();
        enrolment[name] = value;
        refused(ENROLLMENT, &key, enrolment).await;
    }
}
