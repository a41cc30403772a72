//! Enrolment where an answer was lost, or was no.

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{EnrolState, Fault, Kind, Progress};
use serde_json::json;

use super::*;

/// What is known before a step.
type Before = fn() -> Progress;

#[test]
fn a_merchant_whose_creation_was_not_answered_is_never_created_again() {
    let mut daemon = daemon();
    let text = action(daemon.enrol(unanswered(signed())).unwrap());
    assert_eq!(daemon.requests(), []);
    assert_eq!(
        text,
        "it is not known whether CardSync created the merchant `Acme`, and it shows a merchant's \
         key only once: ask it whether this merchant exists; if it does, for its id and a new API \
         key, and give them as `merchant_id` and the secret `merchant_key`; if it does not, going \
         on creates it"
    );
}

#[test]
fn a_merchant_that_was_created_without_a_key_waits_for_one() {
    let mut daemon = daemon();
    let body = json!({ "status": "success", "data": { "id": "m-1", "api_key": null } });
    daemon.expect(MERCHANT, Answer::ok(body.to_string()));
    let step = daemon.enrol(signed()).unwrap();
    assert_eq!(step.remember["merchant_id"], "m-1");
    assert!(step.secrets.0.is_empty());
    let progress = with(signed(), &[("merchant_id", "m-1")], false);
    let text = action(daemon.enrol(progress).unwrap());
    assert_eq!(
        text,
        "CardSync created the merchant m-1 and gave no key: ask it for the merchant's API key, and \
         give it as the secret `merchant_key`"
    );
}

#[test]
fn terms_whose_acceptance_was_not_answered_are_a_persons_matter() {
    let mut daemon = daemon();
    daemon.expect(ENROLMENT, Answer::ok(NONE));
    let text = action(daemon.enrol(unanswered(created())).unwrap());
    assert_eq!(
        text,
        "it is not known whether CardSync noted that Signor Name1 accepted its terms for the \
         merchant bqgbm86g10l2fm2bv7n0: ask it; going on tells it once more"
    );
}

#[test]
fn an_enrolment_that_was_not_answered_is_looked_for() {
    let mut daemon = daemon();
    daemon
        .expect(
            ENROLMENT,
            Answer::ok(data!("v1_enrollment_pending_200.json")),
        )
        .expect(ENROLMENT, Answer::ok(NONE));
    let step = daemon.enrol(unanswered(accepted())).unwrap();
    assert_eq!(step.state, EnrolState::Pending);
    let text = action(daemon.enrol(unanswered(accepted())).unwrap());
    assert!(text.contains("the request to enrol the merchant"), "{text}");
}

#[test]
fn an_enrolment_that_is_no_longer_shown_is_not_asked_for_again() {
    let mut daemon = daemon();
    daemon.expect(ENROLMENT, Answer::ok(NONE));
    let fault = daemon.enrol(requested()).unwrap_err();
    assert_eq!(fault.kind, Kind::Refused);
    assert_eq!(
        fault.message,
        "reading the state of the enrolment: HTTP 200: failure"
    );
    assert_eq!(daemon.requests().len(), 1);
}

#[test]
fn what_cardsync_declines_is_refused_in_its_words() {
    let taken = r#"{"status":"failure","msg":"name already exists"}"#;
    for (progress, line, expected) in [
        (
            signed(),
            MERCHANT,
            "creating the merchant: HTTP 200: name already exists; change what `merchant` says \
             (`name` and `user.username` must be CardSync's only ones) and enrol again",
        ),
        (
            created(),
            TERMS,
            "accepting the terms: HTTP 200: name already exists",
        ),
        (
            accepted(),
            ENROL,
            "asking to be enrolled: HTTP 200: name already exists",
        ),
    ] {
        let mut daemon = daemon();
        daemon.expect(line, Answer::ok(taken));
        let step = daemon.enrol(progress).unwrap();
        assert_eq!(step.state, EnrolState::Refused(expected.into()));
    }
}

/// Only CardSync itself can decline: a gateway's page says nothing about the merchant.
#[test]
fn whatever_else_is_answered_is_a_fault_that_says_that_the_request_left() {
    let steps: [(Before, &str); 3] = [(signed, MERCHANT), (created, TERMS), (accepted, ENROL)];
    for (progress, line) in steps {
        for (answer, kind) in [
            (Answer::new(401, data!("error_401.json")), Kind::Credentials),
            (Answer::new(403, "<html>"), Kind::Refused),
            (Answer::new(404, ""), Kind::Refused),
            (Answer::new(429, ""), Kind::Busy),
            (Answer::new(502, NONE), Kind::Busy),
            (Answer::ok("<html>"), Kind::Garbled),
            (Answer::ok(r#"{"sta"#).broken_off(), Kind::Unreachable),
            (
                Answer::fault(Fault::new(Kind::Unreachable, "the connection broke").sent()),
                Kind::Unreachable,
            ),
        ] {
            let mut daemon = daemon();
            daemon.expect(line, answer);
            let fault = daemon.enrol(progress()).unwrap_err();
            assert_eq!((fault.kind, fault.sent), (kind, true), "{line}");
        }
    }
    for (progress, line) in [(signed as Before, MERCHANT), (accepted, ENROL)] {
        let mut daemon = daemon();
        daemon.expect(line, Answer::ok(r#"{"status":"success","data":null}"#));
        assert_eq!(daemon.enrol(progress()).unwrap_err().kind, Kind::Garbled);
    }
}
