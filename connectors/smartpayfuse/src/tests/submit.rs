//! A submission as it goes out, and what the provider says of it at once.

use reissue_connector_api::testkit::{Answer, FakeCard, FakeDaemon};
use reissue_connector_api::{Fault, FoundState, Kind, Receipt};
use serde_json::{Value, json};

use super::{CREATE, SECRET, daemon, data, submission};
use crate::SmartpayFuse;

/// The batch of the documented answer.
const BATCH: &str = "15269996945240002139594385";

fn card(token: &str, kind: &str, expiry: &str) -> FakeCard {
    FakeCard {
        key: "k".into(),
        token: token.into(),
        token_kind: kind.into(),
        expiry: expiry.parse().ok(),
        ..FakeCard::default()
    }
}

/// Submits these cards for a job, and gives the body that was sent.
fn question(job: &str, cards: impl IntoIterator<Item = FakeCard>) -> Value {
    let mut daemon = daemon();
    daemon.set_cards(cards);
    daemon.expect(CREATE, Answer::new(202, data!("create_batch_202.json")));
    daemon.submit(job, &submission("TC50171_3")).unwrap();
    let request = &daemon.requests()[0];
    let kind = ("Content-Type".into(), "application/json".to_owned());
    assert!(request.headers.contains(&kind), "{:?}", request.headers);
    serde_json::from_slice(request.body.as_ref().unwrap()).unwrap()
}

fn submit(answer: Answer) -> Result<Receipt, Fault> {
    let mut daemon = daemon();
    daemon.set_cards([card("C06977C0EDC0E985E053AF598E0A3326", "customer", "")]);
    daemon.expect(CREATE, answer);
    daemon.submit("one-off", &submission("sub-1"))
}

#[test]
fn the_questions_are_the_documented_ones() {
    let customers = [
        card("C06977C0EDC0E985E053AF598E0A3326", "customer", "2027-04"),
        card("C069A534044F6140E053AF598E0AD492", "customer", "2027-04"),
    ];
    let documented = data!("create_batch_request_amex_customer.json");
    let documented: Value = serde_json::from_str(documented).unwrap();
    assert_eq!(question("amex-registration", customers), documented);

    // The vault knows no expiry of these, so it goes with them.
    let identifiers = [
        card("7030000000000116236", "instrument_identifier", "12/20"),
        card("7030000000000178855", "instrument_identifier", "12/20"),
    ];
    let documented = data!("create_batch_request_instrument_identifier.json");
    let documented: Value = serde_json::from_str(documented).unwrap();
    assert_eq!(question("one-off", identifiers), documented);
}

#[test]
fn texts_are_escaped() {
    let odd = question("one-off", [card("a\"b\\", "customer", "")]);
    assert_eq!(odd["included"]["tokens"], json!([{ "id": "a\"b\\" }]));
}

/// Quirk 4: the link to the status is an object in one document and a list in the other.
#[test]
fn the_receipt_names_the_batch() {
    for body in [
        data!("create_batch_202.json"),
        data!("create_batch_202_status_array.json"),
    ] {
        let receipt = submit(Answer::new(202, body)).unwrap();
        assert_eq!(receipt.found.id, BATCH);
        assert_eq!(receipt.found.state, FoundState::Running);
        assert_eq!(receipt.found.submission.as_deref(), Some("sub-1"));
        assert_eq!((receipt.accepted, receipt.refused.len()), (Some(2), 0));
    }
}

/// The published example is not even JSON. The batch may be there: it must be looked for.
#[test]
fn an_answer_without_a_batch_is_a_fault_after_sending() {
    for body in [
        data!("create_batch_202.json.raw"),
        "{}",
        r#"{"batchId":null}"#,
    ] {
        let fault = submit(Answer::new(202, body)).unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Garbled, true));
        assert!(
            fault.message.starts_with("submitting sub-1: "),
            "{}",
            fault.message
        );
    }
}

#[test]
fn a_refusal_of_the_submission_is_told_in_one_sentence() {
    let fault = submit(Answer::new(422, data!("error_422.json"))).unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Refused, true));
    assert_eq!(
        fault.message,
        "submitting sub-1: HTTP 422: VALIDATION_ERROR; One or more fields failed validation; \
         notificationEmail: Email address provided should not be 'null'; correlation id \
         c7b74452a7314f9ca28197d1084447a5"
    );
    for (status, kind) in [
        (401, Kind::Credentials),
        (403, Kind::Credentials),
        (404, Kind::Refused),
        (415, Kind::Refused),
        (429, Kind::Busy),
        (503, Kind::Busy),
    ] {
        let fault = submit(Answer::new(status, "")).unwrap_err();
        assert_eq!((fault.kind, fault.sent), (kind, true), "{status}");
    }
}

#[test]
fn what_cannot_be_asked_is_not_sent() {
    let refused = |cards: Vec<FakeCard>| {
        let mut daemon = daemon();
        daemon.set_cards(cards);
        let fault = daemon.submit("one-off", &submission("sub-1")).unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Settings, false));
        assert!(daemon.requests().is_empty());
        fault.message
    };
    assert_eq!(
        refused(vec![card("", "customer", "")]),
        "card `k` has no token, and the provider is asked by tokens: give the source a `token` column"
    );
    assert_eq!(
        refused(vec![
            card("1", "customer", ""),
            card("2", "payment_instrument", "")
        ]),
        "card `k` has a token of the kind `payment_instrument` among those of the kind `customer`: the \
         provider takes one kind in a batch"
    );
}

#[test]
fn a_submission_needs_an_address_to_notify() {
    let settings = json!({ "merchant_id": "m", "key_id": "k" });
    let mut daemon = FakeDaemon::open::<SmartpayFuse>(settings, &[SECRET]).unwrap();
    let fault = daemon.submit("one-off", &submission("sub-1")).unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Settings, false));
    assert!(
        fault.message.contains("needs `notification_email`"),
        "{}",
        fault.message
    );
}

/// The signature covers the body.
#[test]
fn the_body_is_signed() {
    for (auth, header) in [("jwt", "Authorization"), ("http-signature", "Digest")] {
        let settings = json!({
            "merchant_id": "m", "key_id": "k", "auth": auth, "notification_email": "ops@example.com"
        });
        let signed = |token: &str| {
            let mut daemon = FakeDaemon::open::<SmartpayFuse>(settings.clone(), &[SECRET]).unwrap();
            daemon.set_cards([card(token, "customer", "")]);
            daemon.expect(CREATE, Answer::new(202, data!("create_batch_202.json")));
            daemon.submit("one-off", &submission("sub-1")).unwrap();
            let headers = daemon.requests()[0].headers.clone();
            headers
                .into_iter()
                .find(|(name, _)| name == header)
                .unwrap()
                .1
        };
        assert_eq!(signed("1"), signed("1"));
        assert_ne!(signed("1"), signed("2"), "{auth}");
    }
}
