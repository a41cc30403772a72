//! The published test cards.

use serde_json::{Value, json};

use crate::client::sandbox;

/// The first list, and beside it the second, which replaced it in 2023.
const CARDS: [(&str, &[&str]); 6] = [
    (
        "updated_card",
        &["4012000000000016", "6011000000000012", "5194560012341234"],
    ),
    ("updated_expiry", &["5442980000000024", "4457000300000007"]),
    ("no_match", &["4012000000000032", "5112000200000002"]),
    ("valid", &["6011000000000046", "6500102012345662"]),
    ("contact", &["5442980000000057", "6011102087026223"]),
    ("contact_closed", &["4012000000000065", "5435101234510196"]),
];
/// Taken, and nothing is known of them.
const OTHERS: [&str; 3] = ["4111111111111111", "378282246310005", "342132335566772"];

fn cards() -> Vec<(&'static str, &'static str)> {
    let known = CARDS.iter().flat_map(|(_, cards)| *cards).chain(&OTHERS);
    known.map(|card| (*card, *card)).collect()
}

#[tokio::test]
async fn published_cards_have_the_published_results_and_all_others_did_not_change() {
    let client = sandbox(&[]).await;
    let batch = client.submit(&cards()).await;
    client.advance("1h").await;
    let results = client.results(&batch).await;
    let rows = results["cards"].as_array().unwrap();
    for (status, cards) in CARDS {
        for card in cards {
            let row = rows.iter().find(|row| row["id"] == *card);
            assert_eq!(row.unwrap()["status"], status, "{card}");
        }
    }
    assert!(
        rows.iter()
            .all(|row| !OTHERS.contains(&row["id"].as_str().unwrap()))
    );
    let stats = json!({
        "number_submitted": 16, "no_change": 3, "updated_card": 3, "updated_expiry": 2,
        "no_match": 2, "valid": 2, "contact": 2, "contact_closed": 2,
    });
    assert_eq!(results["stats"], stats);
}

#[tokio::test]
async fn an_updated_card_has_a_new_number_and_an_updated_expiry_the_same() {
    let client = sandbox(&[]).await;
    let batch = client
        .submit(&[("a", "4012000000000016"), ("b", "4012000000000024")])
        .await;
    client.advance("1h").await;
    let results = client.results(&batch).await;
    let row = |id| {
        let rows = results["cards"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).unwrap()
    };
    let new = row("a")["card"].as_str().unwrap();
    assert!(new.starts_with("401200") && new.len() == 16 && new != "4012000000000016");
    assert_eq!(row("a")["exp"], "12/27");
    let same = json!({ "id": "b", "card": "4012000000000024", "exp": "12/27", "status": "updated_expiry" });
    assert_eq!(*row("b"), same);
}

#[tokio::test]
async fn the_second_spelling_renames_a_key_a_word_and_a_counter() {
    let client = sandbox(&["--cardsync-spelling", "v2"]).await;
    let batch = client.submit(&[("a", "4012000000000065")]).await;
    client.advance("1h").await;
    let answer = client
        .get(&format!("/api/cardsync/batch/{batch}/results"))
        .await;
    assert_eq!(
        (&answer["message"], &answer["msg"]),
        (&json!("success"), &Value::Null)
    );
    assert_eq!(answer["data"]["cards"][0]["status"], "closed");
    let stats = &answer["data"]["stats"];
    assert_eq!(
        (&stats["closed"], &stats["contact_closed"]),
        (&json!(1), &Value::Null)
    );
}

#[tokio::test]
async fn what_becomes_of_a_card_can_be_said() {
    let client = sandbox(&[]).await;
    for order in [
        json!({ "card": "4111111111111111", "status": "a_new_word" }),
        json!({ "card": "4012000000000040", "status": "updated_card", "new": { "card": "", "exp": "01/50" } }),
    ] {
        assert_eq!(client.steer("cardsync/answers", order).await.status(), 201);
    }
    let batch = client
        .submit(&[("a", "4111111111111111"), ("b", "4012000000000040")])
        .await;
    client.advance("1h").await;
    let expected = json!([
        { "id": "b", "card": "", "exp": "01/50", "status": "updated_card" },
        { "id": "a", "card": "4111111111111111", "exp": "12/24", "status": "a_new_word" },
    ]);
    assert_eq!(client.results(&batch).await["cards"], expected);
    let wrong = json!({ "card": "4111111111111112", "status": "valid" });
    assert_eq!(client.steer("cardsync/answers", wrong).await.status(), 400);
}
