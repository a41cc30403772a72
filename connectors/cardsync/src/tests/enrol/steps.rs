//! Enrolment step by step, each answered.

use std::collections::BTreeMap;

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{EnrolState, ExposeSecret, Kind, Level, Progress};
use serde_json::json;

use super::*;

#[test]
fn nothing_is_created_before_somebody_accepted_the_terms() {
    let mut daemon = daemon();
    let step = daemon.enrol(Progress::default()).unwrap();
    assert_eq!(daemon.requests(), []);
    assert_eq!(
        action(step),
        "somebody who may sign for the business must accept CardSync's terms of service: ask the \
         partner for them, then `reissue enrol test-account --accept-terms --name NAME --title TITLE`"
    );
}

#[test]
fn the_merchant_is_created_with_the_partners_key_and_its_own_is_remembered() {
    let mut daemon = daemon();
    daemon.expect(MERCHANT, Answer::ok(data!("v1_merchant_create_200.json")));
    let step = daemon.enrol(signed()).unwrap();
    assert_eq!(step.state, EnrolState::NotEnrolled);
    let remembered = BTreeMap::from([("merchant_id".to_owned(), MERCHANT_ID.to_owned())]);
    assert_eq!(step.remember, remembered);
    assert_eq!(
        step.secrets.0["merchant_key"].expose_secret(),
        MERCHANT_KEY.1
    );

    let mut expected = settings()["merchant"].clone();
    expected["accept_tos"] = false.into();
    expected["user"]["create_api_key"] = true.into();
    expected["phone_ext"] = "".into();
    expected["primary_contact"]["address_line_2"] = "".into();
    assert_eq!(body(&daemon), expected);
    assert_eq!(key_used(&daemon), PARTNER_KEY.1);
}

#[test]
fn the_terms_are_accepted_by_a_person_for_the_merchant() {
    let mut daemon = daemon();
    daemon.expect(TERMS, Answer::ok(data!("v1_accept_tos_200.json")));
    let step = daemon.enrol(created()).unwrap();
    assert_eq!(step.state, EnrolState::NotEnrolled);
    assert_eq!(step.remember["terms_accepted_by"], "Signor Name1, Title1");
    let expected = json!({
        "name": "Signor Name1", "title": "Title1", "account_type": "merchant",
        "account_type_id": MERCHANT_ID, "type": "cardsync", "version": 2,
    });
    assert_eq!(body(&daemon), expected);
    assert_eq!(key_used(&daemon), MERCHANT_KEY.1);
    let accept = ("Accept".into(), "application/json; charset=utf-8".into());
    assert!(daemon.requests()[0].headers.contains(&accept));
}

#[test]
fn the_enrolment_is_asked_for_once_and_then_looked_at() {
    let mut daemon = daemon();
    daemon
        .expect(ENROL, Answer::ok(data!("v1_enrollment_pending_200.json")))
        .expect(
            ENROLMENT,
            Answer::ok(data!("v1_enrollment_pending_200.json")),
        )
        .expect(
            ENROLMENT,
            Answer::ok(data!("v1_enrollment_status_200.json")),
        );
    let step = daemon.enrol(accepted()).unwrap();
    assert_eq!(step.state, EnrolState::Pending);
    assert_eq!(step.remember["enrolment_id"], "bqgbm86g10l2fm2bv7n1");
    assert_eq!(body(&daemon), settings()["enrolment"]);

    assert_eq!(
        daemon.enrol(requested()).unwrap().state,
        EnrolState::Pending
    );
    assert_eq!(daemon.enrol(requested()).unwrap().state, EnrolState::Active);
}

/// Interim Activation: the answer is active although its time of activation is null.
#[test]
fn an_enrolment_may_be_active_at_once() {
    let mut daemon = daemon();
    daemon.expect(ENROL, Answer::ok(data!("v1_enrollment_request_200.json")));
    assert_eq!(daemon.enrol(accepted()).unwrap().state, EnrolState::Active);
}

#[test]
fn a_state_that_is_not_documented_is_pending_and_told() {
    let mut daemon = daemon();
    let body = json!({ "status": "success", "data": { "status": "in_review" } });
    daemon.expect(ENROLMENT, Answer::ok(body.to_string()));
    assert_eq!(
        daemon.enrol(requested()).unwrap().state,
        EnrolState::Pending
    );
    let line = "CardSync calls the enrolment `in_review`, which is taken as pending";
    assert_eq!(daemon.log(), [(Level::Warn, line.to_owned())]);
}

#[test]
fn a_merchant_that_exists_is_looked_at_before_anything_is_asked() {
    let active = data!("v1_enrollment_status_200.json");
    let mut daemon = existing(json!({}), None);
    daemon.expect(ENROLMENT, Answer::ok(active));
    assert_eq!(
        daemon.enrol(Progress::default()).unwrap().state,
        EnrolState::Active
    );

    // Without its id nobody can accept the terms for it, and they may have been accepted.
    let mut daemon = existing(settings(), None);
    daemon
        .expect(ENROLMENT, Answer::new(404, NONE))
        .expect(ENROL, Answer::ok(data!("v1_enrollment_pending_200.json")));
    assert_eq!(
        daemon.enrol(Progress::default()).unwrap().state,
        EnrolState::Pending
    );

    let mut daemon = existing(settings(), Some("m-1"));
    daemon
        .expect(ENROLMENT, Answer::ok(NONE))
        .expect(ENROLMENT, Answer::ok(NONE))
        .expect(TERMS, Answer::ok(data!("v1_accept_tos_200.json")));
    let text = action(daemon.enrol(Progress::default()).unwrap());
    assert!(text.contains("--accept-terms"), "{text}");
    assert_eq!(
        daemon.enrol(signed()).unwrap().state,
        EnrolState::NotEnrolled
    );
    assert_eq!(body(&daemon)["account_type_id"], "m-1");

    let mut daemon = existing(json!({}), None);
    daemon.expect(ENROLMENT, Answer::ok(NONE));
    let fault = daemon.enrol(Progress::default()).unwrap_err();
    assert_eq!(fault.kind, Kind::Settings);
    assert!(
        fault
            .message
            .starts_with("the table `enrolment` is missing")
    );
}
