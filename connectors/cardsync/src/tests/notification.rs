//! What a call to our webhook announces, and what it does not.

use reissue_connector_api::{Announced, Fault, Found, FoundState, Kind};
use serde_json::{Value, json};

use super::{EVENT, daemon, data, notification};

fn receive(body: &str) -> Result<Vec<Announced>, Fault> {
    daemon().receive(notification(body))
}

/// The documented call, with one key changed.
fn changed(key: &str, value: Value) -> Result<Vec<Announced>, Fault> {
    let mut call: Value = serde_json::from_str(data!("amex_webhook_event.json")).unwrap();
    call[key] = value;
    receive(&call.to_string())
}

fn found(announced: Result<Vec<Announced>, Fault>) -> Found {
    let mut announced = announced.unwrap();
    assert_eq!(announced.len(), 1);
    announced.remove(0).found
}

fn garbled(announced: Result<Vec<Announced>, Fault>) -> String {
    let fault = announced.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    fault.message
}

#[test]
fn the_documented_call_announces_its_event() {
    let mut found =
        Found::new(EVENT, FoundState::Ready).fact("call", "045b35f5-aed8-4c75-97f9-942de0fc0c32");
    found.created = Some("2021-12-08T21:39:00.349754Z".parse().unwrap());
    // A day, although the prose says ten.
    found.purge = Some("2021-12-09T21:39:00.349475Z".parse().unwrap());
    let job = "amex-subscription".into();
    let announced = receive(data!("amex_webhook_event.json"));
    assert_eq!(announced, Ok(vec![Announced { job, found }]));
}

/// `closed` beside `contact_closed`, either of them twice, and whatever comes next.
#[test]
fn what_else_is_in_the_call_is_nobodys_business() {
    let body = data!("v2_webhook_batch_complete.json.raw");
    let body = body.replace("\"trigger_id\": 20", "\"trigger_id\": 23");
    let found = found(receive(&body));
    assert_eq!(found.id, "c7a8da62-473d-4153-91d6-d6fddd3d7252");
    assert_eq!(found.facts.len(), 1);
    assert!(found.totals.is_empty());
}

#[test]
fn the_trigger_is_a_number_or_a_text() {
    for trigger in [json!(23), json!("23"), json!(" 23 ")] {
        assert_eq!(found(changed("trigger_id", trigger)).id, EVENT);
    }
}

#[test]
fn an_event_has_one_id_however_it_is_written() {
    for id in [
        "46D91344-CC41-4922-B00F-C40226B548A4",
        "46d91344cc414922b00fc40226b548a4",
        " 46d91344-cc41-4922-b00f-c40226b548a4\n",
    ] {
        assert_eq!(found(changed("event_id", id.into())).id, EVENT);
    }
}

#[test]
fn the_earlier_of_both_times_is_the_purge() {
    for (expires, purge) in [
        (json!("2021-12-09T00:00:00Z"), "2021-12-09T00:00:00Z"),
        (json!("2022-12-09T00:00:00Z"), "2021-12-18T21:39:00.349754Z"),
        (json!("soon"), "2021-12-18T21:39:00.349754Z"),
        (Value::Null, "2021-12-18T21:39:00.349754Z"),
    ] {
        let found = found(changed("expires", expires));
        assert_eq!(found.purge, Some(purge.parse().unwrap()));
    }
    let undated = found(changed("trigger_date", json!("8 December")));
    assert_eq!(undated.created, None);
    assert_eq!(
        undated.purge,
        Some("2021-12-09T21:39:00.349475Z".parse().unwrap())
    );
    let endless = found(changed("trigger_date", json!("+262142-12-31T00:00:00Z")));
    assert_eq!(endless.purge, undated.purge);
}

#[test]
fn a_call_without_an_id_of_its_own_has_no_such_fact() {
    for id in [json!("4012000000000016"), json!({}), Value::Null] {
        assert!(found(changed("id", id)).facts.is_empty());
    }
}

#[test]
fn another_trigger_announces_nothing() {
    let other = |trigger| {
        format!(
            "the webhook call is for trigger {trigger}, and trigger 23 alone announces updates of \
             American Express cards"
        )
    };
    let complete = receive(data!("v2_webhook_batch_complete.json.raw"));
    assert_eq!(garbled(complete), other(20));
    let error = receive(data!("v2_webhook_batch_error.json"));
    assert_eq!(garbled(error), other(22));

    let none = "the webhook call has no `trigger_id`";
    assert_eq!(garbled(receive(data!("v2_webhook_enrollment.json"))), none);
    for trigger in [
        json!("Amex"),
        json!(-23),
        json!(23.5),
        json!([23]),
        Value::Null,
    ] {
        assert_eq!(garbled(changed("trigger_id", trigger)), none);
    }
    for body in ["{}", "[]", "null", "23", "\"\""] {
        assert_eq!(garbled(receive(body)), none);
    }
}

#[test]
fn what_is_no_event_announces_nothing() {
    let none = "the webhook call has no `event_id` that is a UUID";
    for id in [
        json!(""),
        json!("../merchant"),
        json!("46d91344-cc41-4922-b00f-c40226b548a4/x"),
        json!("46d91344-cc41-4922-b00f-c40226b548a"),
        json!(46),
        json!([EVENT]),
        Value::Null,
    ] {
        assert_eq!(garbled(changed("event_id", id)), none);
    }
    let nested = "[".repeat(100_000);
    for body in ["", "<html>", "{\"trigger_id\":23", nested.as_str()] {
        assert_eq!(garbled(receive(body)), "the webhook call is not JSON");
    }
}
