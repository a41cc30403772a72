//! A batch from its creation to its purge.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{BATCH, MERCHANT, questions, sandbox};

/// The keys of an object at every depth, in order.
fn keys(value: &Value) -> Vec<String> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let members = object.iter();
    members
        .flat_map(|(key, value)| [vec![key.clone()], keys(value)].concat())
        .collect()
}

fn documented(document: &str) -> Vec<String> {
    keys(&serde_json::from_str(document).unwrap())
}

#[tokio::test]
async fn a_batch_is_pending_then_completed_then_purged() {
    let client = sandbox(&[]).await;
    let cards = [("a", "4012000000000016"), ("b", "4111111111111111")];
    let created = client.post(BATCH, MERCHANT, questions(&cards)).await;
    assert_eq!(
        keys(&created),
        documented(include_str!("../data/cardsync_batch_create_200.json"))
    );
    // Cards are counted later.
    assert_eq!(created["data"]["stats"]["number_submitted"], 0);
    let id = created["data"]["batch_id"].as_str().unwrap();
    let path = format!("{BATCH}/{id}");

    client.advance("59m").await;
    let pending = client.get(&path).await;
    assert_eq!(pending["data"]["status"], "pending");
    assert_eq!(pending["data"]["stats"]["number_submitted"], 2);
    assert_eq!(client.results(id).await["cards"], Value::Null);

    client.advance("1m").await;
    let completed = client.get(&path).await;
    assert_eq!(
        keys(&completed),
        documented(include_str!("../data/cardsync_batch_status_200.json"))
    );
    assert_eq!(completed["data"]["status"], "completed");
    assert_eq!(
        completed["data"]["created_at"],
        created["data"]["created_at"]
    );
    assert_ne!(
        completed["data"]["updated_at"],
        created["data"]["updated_at"]
    );
    let results = client.results(id).await;
    assert_eq!(results["cards"].as_array().unwrap().len(), 1);
    assert_eq!(keys(&results["cards"][0]), ["card", "exp", "id", "status"]);

    client.advance("239h").await;
    assert_eq!(client.get(&path).await["status"], "success");
    client.advance("1h").await;
    for path in [path.clone(), format!("{path}/results")] {
        let failure = json!({ "status": "failure", "msg": "failure" });
        assert_eq!(client.get(&path).await, failure, "{path}");
    }
}

#[tokio::test]
async fn the_same_cards_make_another_batch() {
    let client = sandbox(&[]).await;
    let cards = [("customer identifier", "4012000000000016"); 3];
    let (one, other) = (client.submit(&cards).await, client.submit(&cards).await);
    assert_ne!(one, other);
    client.advance("1h").await;
    for id in [one, other] {
        let results = client.results(&id).await;
        assert_eq!(results["cards"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_batch_that_is_not_the_merchants_is_unknown_with_one_status_or_the_other() {
    let client = sandbox(&[]).await;
    let mut statuses = Vec::new();
    for id in ["bqgbm86g10l2fm2bv7n1", "bqgbm86g10l2fm2bv7na"] {
        let request = client.request(Method::GET, &format!("{BATCH}/{id}"), MERCHANT);
        let answer = request.send().await.unwrap();
        statuses.push(answer.status().as_u16());
        let expected: Value =
            serde_json::from_str(include_str!("../data/cardsync_error_unknown_batch.json"))
                .unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    }
    assert_eq!(statuses, [404, 200]);
}

#[tokio::test]
async fn a_batch_without_results_has_an_empty_list_in_one_spelling_or_the_other() {
    let client = sandbox(&[]).await;
    let mut lists = Vec::new();
    for _ in 0..20 {
        let id = client.submit(&[("a", "4111111111111111")]).await;
        client.advance("1h").await;
        lists.push(client.results(&id).await["cards"].take());
    }
    assert!(lists.contains(&Value::Null) && lists.contains(&json!([])));
    assert!(
        lists
            .iter()
            .all(|list| list.is_null() || *list == json!([]))
    );
}
