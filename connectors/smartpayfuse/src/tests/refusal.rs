//! Refusals as a person and the ledger see them (quirk 20: not by the HTTP status alone).

use std::time::Duration;

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{Fault, Kind};

use super::{batch, daemon, data, list, report, status, window};

fn of_list(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.expect(&list(0), answer);
    daemon.discover("harvest", window()).unwrap_err()
}

fn of_status(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.expect(&status("7"), answer);
    daemon.collect(&batch("harvest", "7")).unwrap_err()
}

fn of_report(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.expect(&status("7"), Answer::ok(r#"{"status":"Completed"}"#));
    daemon.expect(&report("7"), answer);
    daemon.collect(&batch("harvest", "7")).unwrap_err()
}

#[test]
fn what_was_asked_decides_what_a_refusal_means() {
    for (http, list, status, report) in [
        (400, Kind::Refused, Kind::Refused, Kind::Refused),
        (401, Kind::Credentials, Kind::Credentials, Kind::Refused),
        (403, Kind::Credentials, Kind::Refused, Kind::Refused),
        (404, Kind::Refused, Kind::Refused, Kind::Refused),
        (410, Kind::Refused, Kind::Gone, Kind::Gone),
        (415, Kind::Refused, Kind::Refused, Kind::Refused),
        (422, Kind::Refused, Kind::Refused, Kind::Refused),
        (429, Kind::Busy, Kind::Busy, Kind::Busy),
        (500, Kind::Busy, Kind::Busy, Kind::Busy),
        (503, Kind::Busy, Kind::Busy, Kind::Busy),
    ] {
        let answer = || Answer::new(http, "");
        assert_eq!(of_list(answer()).kind, list, "list, {http}");
        assert_eq!(of_status(answer()).kind, status, "status, {http}");
        assert_eq!(of_report(answer()).kind, report, "report, {http}");
    }
}

#[test]
fn a_fault_of_the_providers_own_is_busy_whatever_its_status() {
    let fault = of_report(Answer::new(400, r#"{"code":"SERVER_ERROR"}"#));
    assert_eq!(fault.kind, Kind::Busy);
    assert_eq!(
        fault.message,
        "reading the report of batch 7: HTTP 400: SERVER_ERROR"
    );
}

#[test]
fn a_refusal_is_told_in_one_sentence() {
    assert_eq!(
        of_list(Answer::new(404, "")).message,
        "listing the batches: HTTP 404; check the account's `environment`; if it is right, ask the \
         provider"
    );
    assert_eq!(
        of_list(Answer::new(401, data!("error_401.json"))).message,
        "listing the batches: HTTP 401: FORBIDDEN_RESPONSE; You are not authorized to access this \
         resource; correlation id c7b74452a7314f9ca28197d1084447a5; check `merchant_id`, `key_id`, \
         `shared_secret`, the clock, and that Account Updater is enabled for the merchant"
    );
    assert_eq!(
        of_list(Answer::new(422, data!("error_422.json"))).message,
        "listing the batches: HTTP 422: VALIDATION_ERROR; One or more fields failed validation; \
         notificationEmail: Email address provided should not be 'null'; correlation id \
         c7b74452a7314f9ca28197d1084447a5; ask the provider"
    );
    // Quirk 19: the link in this one is malformed, and nobody looks at it.
    assert_eq!(
        of_report(Answer::new(403, data!("error_forbidden.json"))).message,
        "reading the report of batch 7: HTTP 403: FORBIDDEN_RESPONSE; You are not authorized to \
         access this resource; correlation id 0386623ab0eb47dfae61d273032f8202; ask the provider about \
         this batch"
    );
}

/// Quirks 18 and 21: as printed the body lacks its last brace; a code may be a number; the gateway
/// in front of the API has a shape of its own.
#[test]
fn a_body_that_explains_nothing_is_no_further_fault() {
    for (body, expected) in [
        (data!("error_forbidden.json.raw"), "HTTP 403"),
        ("<html>Forbidden</html>", "HTTP 403"),
        ("", "HTTP 403"),
        ("[]", "HTTP 403"),
        (r#"{"code":403,"fields":"none"}"#, "HTTP 403: 403"),
        (
            r#"{"id":"1","reason":"AUTHENTICATION_FAILED","message":"Signature is wrong"}"#,
            "HTTP 403: AUTHENTICATION_FAILED; Signature is wrong",
        ),
    ] {
        let fault = of_status(Answer::new(403, body));
        assert_eq!(fault.kind, Kind::Refused);
        let expected =
            format!("reading the status of batch 7: {expected}; ask the provider about this batch");
        assert_eq!(fault.message, expected);
    }
    let broken = of_status(Answer::new(502, "{\"co").broken_off());
    assert_eq!(broken.kind, Kind::Busy);
}

#[test]
fn the_providers_wish_for_when_to_come_back_is_kept() {
    let fault = of_list(Answer::new(429, "").header("retry-after", "120"));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(120)));
}
