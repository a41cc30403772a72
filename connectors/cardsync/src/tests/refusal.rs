//! Refusals as a person and the ledger see them.

use std::time::Duration;

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Fault, Kind};
use serde_json::json;

use super::{MERCHANT_KEY, PARTNER_KEY, STATUS, batch, daemon, data, settings};
use crate::Cardsync;

fn of_status(answer: Answer) -> Fault {
    let mut daemon = daemon();
    daemon.expect(STATUS, answer);
    daemon.collect(&batch()).unwrap_err()
}

#[test]
fn a_wrong_key_is_a_matter_of_credentials_under_any_status() {
    for status in [200, 401, 403] {
        let fault = of_status(Answer::new(status, data!("error_401.json")));
        assert_eq!(fault.kind, Kind::Credentials, "{status}");
        let expected = format!(
            "reading the status of batch bqgbm86g10l2fm2bv7n1: HTTP {status}: unauthorized; check the \
             merchant's key (`merchant_key`, where the configuration gives it)"
        );
        assert_eq!(fault.message, expected);
    }
}

#[test]
fn the_status_decides_where_cardsync_says_nothing() {
    for (status, kind) in [
        (400, Kind::Refused),
        (401, Kind::Credentials),
        (403, Kind::Refused),
        (404, Kind::Refused),
        (410, Kind::Gone),
        (429, Kind::Busy),
        (500, Kind::Busy),
        (503, Kind::Busy),
    ] {
        for body in [
            "",
            "<html>Attention Required! | Cloudflare</html>",
            "[]",
            "{}",
        ] {
            assert_eq!(of_status(Answer::new(status, body)).kind, kind, "{status}");
        }
    }
}

#[test]
fn a_failure_of_the_providers_own_is_busy_where_its_status_says_so() {
    let body = r#"{"status":"failure","message":"try later"}"#;
    let fault = of_status(Answer::new(503, body).header("retry-after", "120"));
    assert_eq!(fault.kind, Kind::Busy);
    assert_eq!(fault.retry_after, Some(Duration::from_secs(120)));
    assert!(fault.message.ends_with("HTTP 503: try later"));
}

#[test]
fn an_answer_without_the_word_of_success_is_none() {
    for body in ["{}", "[]", "null", r#"{"data":{"status":"completed"}}"#] {
        let fault = of_status(Answer::ok(body));
        assert_eq!(fault.kind, Kind::Garbled, "{body}");
        assert!(fault.message.ends_with("the answer has no `status`"));
    }
    for body in [
        r#"{"status":"success"}"#,
        r#"{"status":"success","data":[]}"#,
    ] {
        let fault = of_status(Answer::ok(body));
        assert_eq!(fault.kind, Kind::Garbled, "{body}");
        assert!(fault.message.ends_with("the answer has no `data.status`"));
    }
}

fn opened(settings: serde_json::Value, secrets: &[(&str, &str)]) -> FakeDaemon {
    FakeDaemon::open::<Cardsync>(settings, secrets).unwrap()
}

#[test]
fn without_the_merchants_key_it_is_said_where_it_comes_from() {
    let mut daemon = opened(settings(), &[PARTNER_KEY]);
    let fault = daemon.collect(&batch()).unwrap_err();
    assert_eq!(fault.kind, Kind::Settings);
    assert_eq!(
        fault.message,
        "the secret `merchant_key` is missing: `reissue enrol test-account` yields it, or give it \
         under `secrets`"
    );
}

#[test]
fn a_key_from_a_file_may_end_in_a_line_feed() {
    let key = format!("{}\n", MERCHANT_KEY.1);
    let mut daemon = opened(json!({}), &[("merchant_key", &key)]);
    daemon.expect(STATUS, Answer::new(503, ""));
    assert!(daemon.collect(&batch()).is_err());
    let headers = &daemon.requests()[0].headers;
    assert!(headers.contains(&("Authorization".into(), MERCHANT_KEY.1.into())));
}
