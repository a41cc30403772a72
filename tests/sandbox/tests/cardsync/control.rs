//! What the sandbox can say afterwards: what was submitted, and what should have come of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{BATCH, MERCHANT, sandbox};

const PAID: &str = "4012000000000016";

#[tokio::test]
async fn each_card_is_counted_for_the_merchant_who_asked() {
    let client = sandbox(&[]).await;
    let first = client
        .submit(&[("a", PAID), ("b", "4111111111111111")])
        .await;
    let merchant = client.control("cardsync").await["merchants"][0]["id"].take();
    let merchant = merchant.as_str().unwrap();
    let counts =
        json!({ merchant: { "batches": 1, "questions": 2, "cards": 2, "most_for_one_card": 1 } });
    assert_eq!(client.control("cardsync/submitted").await, counts);

    let second = client.submit(&[("c", PAID)]).await;
    let counts =
        json!({ merchant: { "batches": 2, "questions": 3, "cards": 2, "most_for_one_card": 2 } });
    assert_eq!(client.control("cardsync/submitted").await, counts);
    let expected = [
        json!({ "merchant": merchant, "card": PAID, "times": 2, "asked": [
            { "batch": first, "id": "a", "exp": "12/24" },
            { "batch": second, "id": "c", "exp": "12/24" },
        ]}),
        json!({ "merchant": merchant, "card": "4111111111111111", "times": 1, "asked": [
            { "batch": first, "id": "b", "exp": "12/24" },
        ]}),
    ];
    assert_eq!(client.lines("cardsync/submitted/cards").await, expected);
}

#[tokio::test]
async fn what_is_expected_is_what_the_results_hold() {
    let client = sandbox(&[]).await;
    let batch = client
        .submit(&[
            ("a", PAID),
            ("b", "4111111111111111"),
            ("c", "4012000000000065"),
        ])
        .await;
    let expected = client.control(&format!("cardsync/expected/{batch}")).await;
    assert_eq!(
        expected["outcomes"],
        json!({ "new_number": 1, "closed": 1 })
    );
    assert_eq!(
        expected["codes"],
        json!({ "updated_card": 1, "contact_closed": 1 })
    );
    let counts = ["cards", "results", "absent"].map(|name| expected[name].as_u64().unwrap());
    assert_eq!(counts, [3, 2, 1]);

    client.advance("1h").await;
    let results = client.results(&batch).await;
    assert_eq!(results["stats"], expected["stats"]);
    let rows = client
        .lines(&format!("cardsync/expected/{batch}/cards"))
        .await;
    assert_eq!(results["cards"], Value::Array(rows.clone()));
    // Still known when the provider has forgotten it.
    client.advance("11d").await;
    assert_eq!(
        client
            .lines(&format!("cardsync/expected/{batch}/cards"))
            .await,
        rows
    );
    assert_eq!(
        client.control("cardsync").await["batches"][0]["state"],
        "purged"
    );
}

#[tokio::test]
async fn the_providers_on_one_address_do_not_meet() {
    let client = sandbox(&[]).await;
    let id = client.submit(&[("a", PAID)]).await;
    let order = json!({ "source": "SCHEDULER" });
    assert_eq!(client.steer("batches", order).await.status(), 201);
    assert_eq!(
        client.control("state").await["batches"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let batches = client.control("cardsync").await["batches"].take();
    assert_eq!(batches.as_array().unwrap().len(), 1);

    client.get(&format!("{BATCH}/{id}")).await;
    let other = client.request(Method::GET, "/accountupdater/v1/batches", MERCHANT);
    assert_eq!(other.send().await.unwrap().status(), 401);
    let journal = client.control("requests").await;
    assert_eq!(
        journal["counts"],
        json!({ "submit": 1, "status": 1, "list": 1 })
    );
    assert_eq!(journal["requests"][1]["batch"], json!(id));
}
