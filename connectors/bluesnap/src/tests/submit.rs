//! The question as it goes out, and what BlueSnap says of it at once.

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Fault, FoundState, Kind, Level, Receipt, Refused};

use super::{CREATE, answer, card, daemon, data, submission, xml};

/// Submits two cards as `my_unique_au_id_003`, which is answered by this.
fn submit(body: &str) -> (FakeDaemon, Result<Receipt, Fault>) {
    let mut daemon = daemon();
    daemon.set_cards([
        card("00001", "4012888888881881", "2015-03"),
        card("00002", "4111111111111111", "2016-04"),
    ]);
    daemon.expect(CREATE, xml(body));
    let receipt = daemon.submit("inquiry", &submission("my_unique_au_id_003", 2));
    (daemon, receipt)
}

#[test]
fn the_question_is_the_documented_one_without_the_card_type() {
    let mut daemon = daemon();
    daemon.set_cards([card("00001", "4012 8888 8888 1881", "03/15")]);
    daemon.expect(CREATE, xml(answer("<response-code>0</response-code>")));
    let asked = submission("my_unique_au_id_003", 1);
    daemon.submit("inquiry", &asked).unwrap();

    let request = &daemon.requests()[0];
    let body = std::str::from_utf8(request.body.as_ref().unwrap()).unwrap();
    let documented = data!("create_request.xml").replace("<card-type>VISA</card-type>", "");
    assert_eq!(
        body,
        documented.split_whitespace().fold(String::new(), joined)
    );

    let headers: Vec<(&str, &str)> = request.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    assert_eq!(
        headers,
        [
            ("Content-Type", "application/xml"),
            ("Idempotency-Key", "my_unique_au_id_003"),
            // One space: more make the call fail.
            (
                "Authorization",
                "Basic QVBJXzE3OmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="
            ),
            ("Accept", "application/xml"),
        ]
    );
}

/// A document without the white space between its elements.
fn joined(mut document: String, word: &str) -> String {
    if !document.is_empty() && !word.starts_with('<') {
        document.push(' ');
    }
    document.push_str(word);
    document
}

#[test]
fn a_card_without_an_expiry_is_asked_about_and_texts_are_escaped() {
    let mut daemon = daemon();
    daemon.set_cards([card("a&b<c>", "378282246310005", "none")]);
    daemon.expect(CREATE, xml(answer("<response-code>0</response-code>")));
    daemon.submit("inquiry", &submission("s", 1)).unwrap();
    let body = daemon.requests()[0].body.clone().unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        body.contains("<merchant-updater-id>a&amp;b&lt;c&gt;</merchant-updater-id>"),
        "{body}"
    );
    assert!(body.contains("<card-number>378282246310005</card-number></credit-card>"));
}

#[test]
fn the_receipt_names_the_batch_and_the_cards_that_were_refused_at_once() {
    let (_, receipt) = submit(data!("create_200.xml"));
    let receipt = receipt.unwrap();
    assert_eq!(receipt.found.id, "my_unique_au_id_003");
    assert_eq!(
        receipt.found.submission.as_deref(),
        Some("my_unique_au_id_003")
    );
    assert_eq!(receipt.found.state, FoundState::Running);
    assert_eq!(receipt.accepted, Some(1));
    assert_eq!(
        receipt.refused,
        [Refused {
            key: "00002".into(),
            code: "301".into(),
            text: "Invalid account number".into(),
        }]
    );
}

#[test]
fn every_refusal_of_a_card_is_one_and_an_unknown_word_is_none() {
    let record = |key: &str, code: &str| {
        format!(
            "<account-update><merchant-updater-id>{key}</merchant-updater-id>\
             <update-response-code>{code}</update-response-code></account-update>"
        )
    };
    let codes = ["301", "320", "330", "390", "399", "000"];
    let records: String = codes.iter().map(|code| record(code, code)).collect();
    let (daemon, receipt) = submit(&answer(&format!(
        "<response-code>0</response-code>{records}"
    )));
    let receipt = receipt.unwrap();
    let refused: Vec<&str> = receipt.refused.iter().map(|card| &*card.key).collect();
    assert_eq!(refused, ["301", "320", "330", "390"]);
    assert_eq!(receipt.accepted, Some(1));
    let warned = |(level, line): &(Level, String)| *level == Level::Warn && line.contains("399");
    assert!(daemon.log().iter().any(warned), "{:?}", daemon.log());
}

#[test]
fn an_acknowledgement_without_records_counts_nothing() {
    let (_, receipt) = submit(&answer("<response-code>0</response-code>"));
    assert_eq!(receipt.unwrap().accepted, None);
}

/// After each of these it must be asked whether BlueSnap has the batch, so `sent` is true.
#[test]
fn an_answer_that_does_not_say_yes_is_a_fault_after_sending() {
    for (body, expected) in [
        (
            answer("<response-code>20007</response-code><response-message>No</response-message>"),
            "submitting batch my_unique_au_id_003: BlueSnap answered 20007: No",
        ),
        (
            answer(
                "<account-update-batch-id>other</account-update-batch-id><response-code>0</response-code>",
            ),
            "submitting batch my_unique_au_id_003: the answer is about batch other",
        ),
        (
            answer(""),
            "submitting batch my_unique_au_id_003: the answer has no `response-code`",
        ),
    ] {
        let fault = submit(&body).1.unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Garbled, true));
        assert_eq!(fault.message, expected);
    }
}

#[test]
fn what_cannot_be_asked_is_not_sent() {
    let mut daemon = daemon();
    daemon.set_cards([card("k1", "", "2027-04")]);
    let fault = daemon.submit("inquiry", &submission("s", 1)).unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Settings, false));
    assert_eq!(
        fault.message,
        "card `k1` has no number, and BlueSnap is asked by numbers: give the source a `pan` column"
    );

    let fault = daemon
        .submit("inquiry", &submission(&"s".repeat(26), 1))
        .unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Refused, false));
    assert!(daemon.requests().is_empty());
}
