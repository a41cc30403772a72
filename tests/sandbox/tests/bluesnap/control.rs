//! What was submitted, counted, and what is to be expected of it.

use serde_json::json;

use crate::client::sandbox;

const USER: &str = "API_17000000000001";

#[tokio::test]
async fn each_card_is_counted_user_by_user() {
    let client = sandbox(&["--bluesnap-username", "API_17000000000001,other"]).await;
    let visa = ("4111111111111111", "04", "2027");
    let mastercard = ("5555555555554444", "05", "2027");
    let wrong = ("4111111111111112", "04", "2027");
    client.create("b-1", &[visa, mastercard, wrong]).await;
    client.create("b-2", &[visa]).await;
    let client = client.by("other");
    client.create("b-1", &[mastercard]).await;

    assert_eq!(
        client.control("bluesnap/submitted").await,
        json!({
            USER: { "batches": 2, "questions": 3, "cards": 2, "most_for_one_card": 2 },
            "other": { "batches": 1, "questions": 1, "cards": 1, "most_for_one_card": 1 },
        })
    );
    let cards = client.lines("bluesnap/submitted/cards").await;
    assert_eq!(cards.len(), 3);
    assert_eq!(
        cards[0],
        json!({
            "merchant": USER, "card": "4111111111111111", "times": 2,
            "asked": [
                { "batch": "b-1", "id": "k1", "exp": "04/2027" },
                { "batch": "b-2", "id": "k1", "exp": "04/2027" },
            ],
        })
    );
}

#[tokio::test]
async fn what_becomes_of_a_card_can_be_said() {
    let client = sandbox(&["--bluesnap-results-after", "0s"]).await;
    let card = "4242424242424242";
    let new = json!({ "card": "4005519200000004", "exp": "12/29" });
    let order = json!({ "card": card, "code": "500", "new": new });
    assert_eq!(client.steer("bluesnap/answers", order).await, 201);
    client
        .create(
            "b-1",
            &[(card, "04", "2027"), ("4000056655665556", "01", "2028")],
        )
        .await;
    let expected = client.lines("bluesnap/expected/b-1/cards").await;
    assert_eq!(
        expected,
        [
            json!({ "id": "k1", "card": card, "exp": "04/27", "code": "500", "new": new }),
            json!({ "id": "k2", "card": "4000056655665556", "exp": "01/28", "code": "506", "new": null }),
        ]
    );
    let wrong = json!({ "card": "4242424242424243", "code": "500" });
    assert_eq!(client.steer("bluesnap/answers", wrong).await, 400);
}
