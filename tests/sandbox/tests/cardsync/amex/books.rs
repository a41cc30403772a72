//! What is subscribed, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CLOSED, NEW_EXPIRY, NEW_NUMBER, OTHER, SE, SUBSCRIBE, books, done, pairs, subscribe};
use crate::client::{Client, MERCHANT, PARTNER, sandbox};

#[tokio::test]
async fn a_pair_is_a_card_and_an_se_number() {
    let client = sandbox(&[]).await;
    let request = include_str!("../../data/cardsync_amex_subscribe_request.json");
    let request: Value = serde_json::from_str(request).unwrap();
    client.send(Method::POST, SUBSCRIBE, &request).await;
    subscribe(&client, &[("other-se", CLOSED, "1234567891")]).await;
    done(&client, Method::DELETE, &[("whatever", CLOSED, SE)]).await;
    let lines = client.lines("cardsync/subscriptions").await;
    let told = lines.iter().map(|line| {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("card"), text("se_number"), line["subscribed"] == true)
    });
    let expected = [
        (NEW_NUMBER, SE, true),
        (CLOSED, SE, false),
        (CLOSED, "1234567891", true),
        (NEW_EXPIRY, SE, true),
    ];
    let expected = expected.map(|(card, se, is)| (card.to_owned(), se.to_owned(), is));
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_pair_that_is_subscribed_again_is_charged_again_unless_told_otherwise() {
    for (arguments, books_then, refuses) in [
        (&[][..], ("b", true, [2, 1, 0, 0]), false),
        (
            &["--cardsync-subscribed-again", "ignored"],
            ("a", true, [2, 1, 0, 0]),
            false,
        ),
        (
            &["--cardsync-subscribed-again", "refused"],
            ("a", true, [1, 0, 0, 0]),
            true,
        ),
    ] {
        let client = sandbox(arguments).await;
        subscribe(&client, &[("a", OTHER, SE)]).await;
        let again = client
            .send(Method::POST, SUBSCRIBE, &pairs(&[("b", OTHER, SE)]))
            .await;
        assert_eq!(again["status"] == "failure", refuses, "{again}");
        let (id, subscribed, counts) = books_then;
        assert_eq!(books(&client).await, [(id.into(), subscribed, counts)]);
    }
}

#[tokio::test]
async fn a_pair_that_is_not_subscribed_can_be_unsubscribed_unless_told_otherwise() {
    let client = sandbox(&[]).await;
    done(&client, Method::DELETE, &[("a", OTHER, SE)]).await;
    subscribe(&client, &[("a", OTHER, SE)]).await;
    done(&client, Method::DELETE, &[("a", OTHER, SE)]).await;
    done(&client, Method::DELETE, &[("a", OTHER, SE)]).await;
    assert_eq!(books(&client).await, [("a".into(), false, [1, 0, 3, 2])]);

    let client = sandbox(&["--cardsync-refuse-unknown-pairs"]).await;
    subscribe(&client, &[("a", OTHER, SE)]).await;
    let both = pairs(&[("a", OTHER, SE), ("b", CLOSED, SE)]);
    let refused = client.send(Method::DELETE, SUBSCRIBE, &both).await;
    assert_eq!(refused["status"], "failure");
    assert_eq!(books(&client).await, [("a".into(), true, [1, 0, 0, 0])]);
}

#[tokio::test]
async fn one_bad_card_and_nothing_is_subscribed() {
    let client = sandbox(&[]).await;
    let good = pairs(&[("a", OTHER, SE)])["cards"][0].clone();
    let with = |name: &str, value: Value| {
        let mut bad = good.clone();
        bad[name] = value;
        json!({ "cards": [good, bad] })
    };
    for (body, words) in [
        (json!({ "cards": [] }), "1 to 10000"),
        (json!({ "cards": vec![good.clone(); 10_001] }), "1 to 10000"),
        (with("card", "4111111111111111".into()), "card 2 is invalid"),
        (with("card", "378282246310006".into()), "card 2 is invalid"),
        (with("exp", "2024-12".into()), "card 2 is invalid"),
        (with("id", "".into()), "card 2 is invalid"),
        (with("id", 7.into()), "expected a string"),
        (
            with("se_number", "amex se number".into()),
            "card 2 is invalid",
        ),
        (with("se_number", 1_234_567_890.into()), "expected a string"),
        (with("se", SE.into()), "unknown field"),
        (
            json!({ "cards": [{ "id": "a", "card": OTHER, "exp": "12/24" }] }),
            "missing field",
        ),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let answer = client.send(method, SUBSCRIBE, &body).await;
            assert_eq!(answer["status"], "failure");
            assert!(answer["msg"].as_str().unwrap().contains(words), "{answer}");
        }
    }
    assert_eq!(books(&client).await, []);
    let most = json!({ "cards": vec![good; 10_000] });
    let answer = client.send(Method::POST, SUBSCRIBE, &most).await;
    assert_eq!(answer["status"], "success");
}

#[tokio::test]
async fn a_removal_has_a_body_and_every_request_the_merchants_bare_key() {
    let client = sandbox(&[]).await;
    subscribe(&client, &[("a", OTHER, SE)]).await;
    let bare = client.request(Method::DELETE, SUBSCRIBE, MERCHANT);
    let bare = bare
        .header("content-type", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(bare.json::<Value>().await.unwrap()["status"], "failure");
    for key in [
        PARTNER,
        "api_wrong",
        "Bearer api_1sandboxMerchantOfCardSync1",
    ] {
        let request = client.request(Method::DELETE, SUBSCRIBE, key);
        let request = request.json(&pairs(&[("a", OTHER, SE)]));
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    assert_eq!(books(&client).await, [("a".into(), true, [1, 0, 0, 0])]);
}

#[tokio::test]
async fn a_merchant_who_is_not_enrolled_subscribes_nothing() {
    let client = sandbox(&[]).await;
    let wanted = include_str!("../../data/cardsync_merchant_create_request.json");
    let wanted: Value = serde_json::from_str(wanted).unwrap();
    client.post("/api/merchant", PARTNER, wanted).await;
    let merchants = client.control("cardsync").await;
    let key = merchants["merchants"][1]["key"].as_str().unwrap();
    let answer = client
        .post(SUBSCRIBE, key, pairs(&[("a", OTHER, SE)]))
        .await;
    assert_eq!(answer["msg"], "merchant is not enrolled");
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_its_pairs_on_the_books() {
    let client = sandbox(&[]).await;
    let lost = json!({ "kind": "served", "then": { "kind": "drop" } });
    let dropped = json!({ "kind": "drop" });
    let attempt = async |client: &Client, method: Method| {
        let request = client.request(method, SUBSCRIBE, MERCHANT);
        let request = request.json(&pairs(&[("a", OTHER, SE)]));
        assert!(request.send().await.is_err());
    };
    client.fault("subscribe", dropped.clone()).await;
    attempt(&client, Method::POST).await;
    assert_eq!(books(&client).await, []);
    client.fault("subscribe", lost.clone()).await;
    attempt(&client, Method::POST).await;
    assert_eq!(books(&client).await, [("a".into(), true, [1, 0, 0, 0])]);
    client.fault("unsubscribe", dropped).await;
    attempt(&client, Method::DELETE).await;
    assert_eq!(books(&client).await, [("a".into(), true, [1, 0, 0, 0])]);
    client.fault("unsubscribe", lost).await;
    attempt(&client, Method::DELETE).await;
    assert_eq!(books(&client).await, [("a".into(), false, [1, 0, 1, 0])]);
}
