//! What is kept, and what is noted about it.

use serde_json::{Value, json};

use crate::sender::{NEXT_SECRET, SECRET, page, sender};

#[tokio::test]
async fn pages_are_kept_in_their_order_and_each_once() {
    let sender = sender(&[SECRET]).await;
    let (first, last) = (page("b", 1, false, 2), page("b", 2, true, 1));
    for (id, body) in [
        ("m1", &first),
        ("m1", &first),
        ("m2", &last),
        ("m1", &first),
    ] {
        assert_eq!(sender.send(id, body).await, 204);
    }
    let told = sender.told().await;
    let counts = [
        "pages",
        "updates",
        "batches",
        "complete",
        "repeated",
        "largest_page",
    ];
    assert_eq!(
        counts.map(|name| told[name].as_u64().unwrap()),
        [2, 3, 1, 1, 2, 2]
    );
    assert_eq!(told["ids"], json!(["m1", "m2"]));
    assert_eq!(
        (&told["refused"], &told["problems"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        told["largest_body"].as_u64().unwrap(),
        first.to_string().len() as u64
    );
    let updates = [&first, &last].map(|page| page["data"]["updates"].as_array().unwrap().clone());
    assert_eq!(sender.lines("updates").await, updates.concat());
    let expected = json!({
        "id": "m2", "account": "acme", "job": "amex-subscription", "batch": "b", "page": 2, "last": true, "updates": 1,
    });
    assert_eq!(sender.lines("pages").await[1], expected);
}

#[tokio::test]
async fn what_a_consumer_would_complain_about_is_a_problem() {
    let sender = sender(&[SECRET]).await;
    for (id, page, problem) in [
        (
            "skipped",
            page("a", 2, false, 1),
            "batch a: page 2 came where page 1 was next",
        ),
        (
            "again",
            page("a", 2, true, 1),
            "batch a: page 2 came where page 3 was next",
        ),
        (
            "after",
            page("a", 3, true, 1),
            "page 3 cannot be: the last one was there",
        ),
        (
            "after",
            page("a", 4, true, 1),
            "after came again with another body",
        ),
    ] {
        assert_eq!(sender.send(id, &page).await, 204);
        let told = sender.told().await;
        let problems = told["problems"].as_array().unwrap();
        let noted = problems.last().unwrap().as_str().unwrap();
        assert!(noted.contains(problem), "{noted}");
    }
    // Another batch, and another account's batch of the same name, have pages of their own.
    let mut other = page("a", 1, true, 1);
    other["data"]["account"] = "other".into();
    for (id, page) in [("b1", page("b", 1, true, 1)), ("o1", other)] {
        assert_eq!(sender.send(id, &page).await, 204);
    }
    assert_eq!(sender.told().await["problems"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn an_encrypted_page_is_kept_as_it_came() {
    let sender = sender(&[SECRET]).await;
    let mut body = page("b", 1, true, 0);
    body["data"].as_object_mut().unwrap().remove("updates");
    let text = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n";
    body["data"]["encrypted"] = text.into();
    assert_eq!(sender.send("m1", &body).await, 204);
    assert_eq!(
        sender.lines("updates").await,
        [json!({ "encrypted": text })]
    );
    assert_eq!(sender.lines("pages").await[0]["updates"], Value::Null);
}

#[tokio::test]
async fn alarms_are_kept_apart() {
    let sender = sender(&[SECRET]).await;
    let alarm =
        json!({ "about": "barclays-uk", "matter": "purge_close", "text": "Three hours are left." });
    let body =
        json!({ "type": "reissue.alarm", "timestamp": "2026-11-22T06:30:04Z", "data": alarm });
    assert_eq!(sender.send("a1", &body).await, 204);
    assert_eq!(sender.send("a1", &body).await, 204);
    assert_eq!(sender.lines("alarms").await, [alarm]);
    let told = sender.told().await;
    let counts = ["alarms", "pages", "repeated"].map(|name| told[name].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 1]);
}

#[tokio::test]
async fn either_of_two_secrets_will_do_and_who_signed_is_counted() {
    let sender = sender(&[SECRET, NEXT_SECRET]).await;
    let page = |at| page("b", at, false, 1);
    for (at, secrets) in [
        (1, &[SECRET][..]),
        (2, &[SECRET, NEXT_SECRET]),
        (3, &[NEXT_SECRET]),
    ] {
        let message = sender.signed(secrets, &format!("m{at}"), &page(at));
        assert_eq!(message.send().await.unwrap().status(), 204);
    }
    assert_eq!(sender.told().await["signed_by"], json!({ "0": 2, "1": 2 }));

    let order = json!({ "secrets": [NEXT_SECRET] });
    assert_eq!(sender.steer("receiver/billing/secrets", order).await, 204);
    assert_eq!(sender.send("m4", &page(4)).await, 401);
    let message = sender.signed(&[NEXT_SECRET], "m4", &page(4));
    assert_eq!(message.send().await.unwrap().status(), 204);
    let order = json!({ "secrets": ["whsec_c2hvcnQ="] });
    assert_eq!(sender.steer("receiver/billing/secrets", order).await, 400);
}
