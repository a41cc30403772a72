//! What is refused: keys, cards, headers, addresses.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{BATCH, ENROLLMENT, MERCHANT, PARTNER, questions, sandbox};

#[tokio::test]
async fn a_key_is_bare_and_does_what_it_is_for() {
    let client = sandbox(&[]).await;
    let bearer = format!("Bearer {MERCHANT}");
    for (method, path, key) in [
        (Method::GET, ENROLLMENT, "api_wrong"),
        (Method::GET, ENROLLMENT, bearer.as_str()),
        (Method::GET, ENROLLMENT, PARTNER),
        (Method::POST, "/api/merchant", MERCHANT),
        (Method::GET, "/api/nothing", "api_wrong"),
    ] {
        let answer = client.request(method, path, key).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let expected: Value =
            serde_json::from_str(include_str!("../data/cardsync_error_401.json")).unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    }
    let noted = client.control("requests").await;
    let why = noted["requests"][1]["refused"].as_str().unwrap();
    assert!(why.contains("bare"), "{why}");
}

#[tokio::test]
async fn a_batch_has_one_to_ten_thousand_good_cards() {
    let client = sandbox(&[]).await;
    let card = json!({ "id": "a", "card": "4012000000000016", "exp": "12/24" });
    let with = |name: &str, value: Value| {
        let mut card = card.clone();
        card[name] = value;
        json!({ "cards": [card] })
    };
    for (body, words) in [
        (json!({ "cards": [] }), "1 to 10000"),
        (json!({ "cards": vec![card.clone(); 10_001] }), "1 to 10000"),
        (with("card", "4012000000000017".into()), "card 1 is invalid"),
        (
            with("card", "4012 0000 0000 0016".into()),
            "card 1 is invalid",
        ),
        (with("exp", "2024-12".into()), "card 1 is invalid"),
        (with("id", "".into()), "card 1 is invalid"),
        (with("se_number", "1".into()), "unknown field"),
        (json!({ "cards": [card], "id": "sub-1" }), "unknown field"),
        (json!({}), "missing field"),
    ] {
        let answer = client.post(BATCH, MERCHANT, body).await;
        assert_eq!(answer["status"], "failure");
        assert!(answer["msg"].as_str().unwrap().contains(words), "{answer}");
    }
    assert_eq!(client.control("cardsync").await["batches"], json!([]));
    let most = json!({ "cards": vec![card; 10_000] });
    assert_eq!(
        client.post(BATCH, MERCHANT, most).await["status"],
        "success"
    );
}

#[tokio::test]
async fn requests_and_answers_are_json() {
    let client = sandbox(&[]).await;
    let cards = questions(&[("a", "4012000000000016")]);
    let post = || client.request(Method::POST, BATCH, MERCHANT);
    let untyped = post().body(cards.to_string()).send().await.unwrap();
    assert_eq!(untyped.json::<Value>().await.unwrap()["status"], "failure");
    let form = client.http.get(format!("{}{ENROLLMENT}", client.url));
    let form = form
        .header("authorization", MERCHANT)
        .header("accept", "text/html");
    let form = form.send().await.unwrap();
    assert_eq!(form.json::<Value>().await.unwrap()["status"], "failure");
}

#[tokio::test]
async fn there_is_nothing_else() {
    let client = sandbox(&[]).await;
    for (method, path, expected) in [
        (Method::GET, BATCH, 405),
        (Method::PUT, ENROLLMENT, 405),
        (Method::GET, "/api/batch", 404),
        (Method::DELETE, "/api/cardsync/batch/b", 404),
        // The prose of the documents leaves `/api` out, and that is no address.
        (Method::GET, "/cardsync/enrollment", 404),
    ] {
        let answer = client.request(method, path, MERCHANT).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
    }
}
