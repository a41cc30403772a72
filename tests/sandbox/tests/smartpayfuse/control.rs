//! The control interface: the journal, orders that cannot be carried out.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::client::{BATCHES, sandbox};

#[tokio::test]
async fn the_journal_tells_each_request_and_counts_them() {
    let client = sandbox(&["--empty"]).await;
    let id = client.batch(json!({ "source": "SCHEDULER" })).await;
    client.get(&format!("{BATCHES}?limit=3")).await;
    client.get(&format!("{BATCHES}/{id}/report")).await;
    client.get("/accountupdater/v2/batches").await;
    let journal = client.control("requests").await;
    assert_eq!(
        journal["counts"],
        json!({ "list": 1, "report": 1, "other": 1 })
    );
    let first = &journal["requests"][0];
    assert_eq!(
        (&first["method"], &first["path"], &first["query"]),
        (&json!("GET"), &json!(BATCHES), &json!("limit=3"))
    );
    let second = &journal["requests"][1];
    assert_eq!(
        (&second["batch"], &second["status"], &second["refused"]),
        (&json!(id), &json!(200), &json!(null))
    );
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused_with_the_reason() {
    let client = sandbox(&["--empty"]).await;
    client
        .batch(json!({ "source": "SCHEDULER", "id": "4711" }))
        .await;
    let orders = [
        (json!({ "source": "SCHEDULER", "id": "4711" }), "already"),
        (json!({ "source": "SCHEDULER", "id": "a/b" }), "digits"),
        (
            json!({ "source": "SCHEDULER", "records": 10_000_001 }),
            "at most",
        ),
        (
            json!({ "source": "SCHEDULER", "ready_after": "soon" }),
            "no duration",
        ),
    ];
    for (order, why) in orders {
        let answer = client.steer("batches", order.clone()).await;
        assert_eq!(answer.status(), 400, "{order}");
        assert!(answer.text().await.unwrap().contains(why), "{order}");
    }
    assert_eq!(
        client
            .steer("clock", json!({ "advance": "9999999y" }))
            .await
            .status(),
        400
    );
    let unknown = client
        .http
        .get(format!("{}/_sandbox/expected/99", client.url))
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn a_batch_of_the_future_is_found_once_its_time_has_come() {
    let client = sandbox(&["--empty"]).await;
    let now: DateTime<Utc> =
        serde_json::from_value(client.control("state").await["now"].take()).unwrap();
    let later = now + TimeDelta::hours(3);
    client
        .batch(json!({ "source": "SCHEDULER", "created": later }))
        .await;
    assert_eq!(client.json(BATCHES).await["total"], 0);
    client.advance("4h").await;
    assert_eq!(client.json(BATCHES).await["total"], 1);
}
