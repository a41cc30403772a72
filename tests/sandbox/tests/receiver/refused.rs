//! What is not believed, and what is not understood.

use serde_json::{Value, json};

use crate::sender::{NEXT_SECRET, SECRET, Sender, now, page, sender, signature};

/// The one reason that was noted so far.
async fn why(sender: &Sender) -> String {
    let told = sender.told().await;
    let refused = told["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 1, "{told}");
    refused[0]["why"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_is_signed_as_it_is_and_now() {
    let body = page("b", 1, true, 1).to_string();
    let time = |ahead: i64| (now() + ahead).to_string();
    let right = |time: &str| signature(SECRET, "m1", time, &body);
    for (id, time, signature, reason) in [
        (None, time(0), right(&time(0)), "no webhook-id"),
        (
            Some("m2"),
            time(0),
            right(&time(0)),
            "no signature is right",
        ),
        (
            Some("m1"),
            time(1),
            right(&time(0)),
            "no signature is right",
        ),
        (
            Some("m1"),
            time(0),
            signature(NEXT_SECRET, "m1", &time(0), &body),
            "no signature is right",
        ),
        (
            Some("m1"),
            time(0),
            right(&time(0)).replace("v1,", "v1a,"),
            "no signature is right",
        ),
        (Some("m1"), time(-310), right(&time(-310)), "it was sent at"),
        (Some("m1"), time(310), right(&time(310)), "it was sent at"),
        (Some("m1"), "now".into(), right("now"), "no time in seconds"),
    ] {
        let sender = sender(&[SECRET]).await;
        let mut headers = vec![
            ("webhook-timestamp", &*time),
            ("webhook-signature", &*signature),
        ];
        headers.extend(id.map(|id| ("webhook-id", id)));
        let answer = sender.message(&headers, &body).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{reason}");
        let why = why(&sender).await;
        assert!(why.contains(reason), "{why}");
        assert_eq!(sender.told().await["ids"], json!([]));
    }
}

#[tokio::test]
async fn a_message_says_what_it_should() {
    let with = |name: &str, value: Value| {
        let mut body = page("b", 1, true, 1);
        body["data"][name] = value;
        body
    };
    let mut untimed = page("b", 1, true, 1);
    untimed["timestamp"] = "yesterday".into();
    let mut empty = page("b", 1, true, 1);
    empty["data"].as_object_mut().unwrap().remove("updates");
    let mut garbled = empty.clone();
    garbled["data"]["encrypted"] = "YWdl".into();
    for (body, reason) in [
        (
            json!({ "type": "other", "timestamp": "2026-11-22T06:30:04Z", "data": {} }),
            "unknown variant",
        ),
        (untimed, "the body is no message"),
        (with("page", "1".into()), "the body is no message"),
        (with("batch", Value::Null), "the body is no message"),
        (
            with("updates", json!([{ "new": { "pan": "4111111111111111" } }])),
            "in the clear",
        ),
        (
            with(
                "updates",
                json!([{}, { "old": { "pan": "4111111111111111" } }]),
            ),
            "in the clear",
        ),
        (garbled, "no armoured file"),
        (empty, "the body is no message"),
    ] {
        let sender = sender(&[SECRET]).await;
        assert_eq!(sender.send("m1", &body).await, 400, "{body}");
        let why = why(&sender).await;
        assert!(why.contains(reason), "{why}");
        assert_eq!(sender.told().await["pages"], 0);
    }
}

#[tokio::test]
async fn a_message_is_posted_and_json() {
    let sender = sender(&[SECRET]).await;
    let message = sender.signed(&[SECRET], "m1", &page("b", 1, true, 1));
    let mut message = message.build().unwrap();
    let text = "text/plain".parse().unwrap();
    message.headers_mut().insert("content-type", text);
    assert_eq!(sender.http.execute(message).await.unwrap().status(), 400);
    assert!(why(&sender).await.contains("content-type"));
    let read = sender.http.get(format!("{}/_receiver/billing", sender.url));
    assert_eq!(read.send().await.unwrap().status(), 405);
}
