//! How a billing system fails.

use std::time::Duration;

use serde_json::{Value, json};

use crate::sender::{SECRET, page, sender};

#[tokio::test]
async fn a_failing_receiver_takes_nothing() {
    for (then, status) in [
        (
            json!({ "kind": "status", "status": 503, "headers": { "retry-after": "7" } }),
            503,
        ),
        (json!({ "kind": "status", "status": 410 }), 410),
        (
            json!({ "kind": "redirect", "to": "http://127.0.0.1:1/" }),
            302,
        ),
        (json!({ "kind": "garbage" }), 200),
    ] {
        let sender = sender(&[SECRET]).await;
        sender.fault(then).await;
        let page = page("b", 1, true, 1);
        assert_eq!(sender.send("m1", &page).await, status);
        assert_eq!(sender.told().await["pages"], 0);
        assert_eq!(sender.send("m1", &page).await, 204);
        let told = sender.told().await;
        assert_eq!((&told["pages"], &told["repeated"]), (&json!(1), &json!(0)));
    }
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_message_was_taken() {
    for (then, taken) in [
        (json!({ "kind": "drop" }), 0),
        (json!({ "kind": "served", "then": { "kind": "drop" } }), 1),
    ] {
        let sender = sender(&[SECRET]).await;
        sender.fault(then).await;
        let page = page("b", 1, true, 1);
        let message = sender.signed(&[SECRET], "m1", &page);
        assert!(message.send().await.is_err());
        assert_eq!(sender.told().await["pages"], taken);
        assert_eq!(sender.send("m1", &page).await, 204);
        let told = sender.told().await;
        assert_eq!(
            (&told["pages"], &told["repeated"]),
            (&json!(1), &json!(taken))
        );
    }
}

#[tokio::test]
async fn a_silent_receiver_neither_answers_nor_takes() {
    let sender = sender(&[SECRET]).await;
    sender.fault(json!({ "kind": "silence" })).await;
    let message = sender.signed(&[SECRET], "m1", &page("b", 1, true, 1));
    let gave_up = message.timeout(Duration::from_millis(50)).send().await;
    assert!(gave_up.unwrap_err().is_timeout());
    assert_eq!(sender.told().await["pages"], 0);
    assert_eq!(sender.requests().await[0]["status"], Value::Null);
    let silence = json!({ "match": { "endpoint": "submit" }, "then": { "kind": "silence" } });
    assert_eq!(sender.steer("faults", silence).await, 400);
}

#[tokio::test]
async fn one_receiver_fails_and_another_does_not() {
    let sender = sender(&[SECRET]).await;
    let matches = json!({ "endpoint": "receiver", "batch": "other" });
    let order = json!({ "match": matches, "then": { "kind": "status", "status": 500 } });
    sender.steer("faults", order).await;
    assert_eq!(sender.send("m1", &page("b", 1, true, 1)).await, 204);
    let requests = sender.http.get(format!("{}/_sandbox/requests", sender.url));
    let requests: Value = requests.send().await.unwrap().json().await.unwrap();
    let noted = &requests["requests"][0];
    assert_eq!(
        (&noted["endpoint"], &noted["batch"]),
        (&json!("receiver"), &json!("billing"))
    );
}
