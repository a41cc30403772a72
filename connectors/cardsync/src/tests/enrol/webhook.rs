//! Telling CardSync where to call us.

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{EnrolState, ExposeSecret, Fault, Kind, Progress};
use serde_json::json;

use super::*;

const WEBHOOK: &str = "POST /v2/webhook";
const URL: &str = "https://billing.example/reissue/hooks/acme/b3BlbiBzZXNhbWU";
const DONE: &str = data!("amex_webhook_setup_200.json");
const ACTIVE: &str = data!("v1_enrollment_status_200.json");
const PENDING: &str = data!("v1_enrollment_pending_200.json");

fn called_at(url: &str, progress: Progress) -> Progress {
    Progress {
        webhook_url: Some(url.into()),
        ..progress
    }
}

/// CardSync was told to call there.
fn registered_at(url: &str, mut progress: Progress) -> Progress {
    let url = SecretString::from(url);
    progress.secrets.0.insert("webhook_url".into(), url);
    progress
}

fn pending(progress: Progress) -> Progress {
    let state = EnrolState::Pending;
    Progress { state, ..progress }
}

fn remembered(step: &EnrolStep) -> Option<&str> {
    let url = step.secrets.0.get("webhook_url");
    url.map(ExposeSecret::expose_secret)
}

#[test]
fn the_address_is_registered_in_a_step_of_its_own_and_remembered_as_a_secret() {
    let mut daemon = daemon();
    daemon
        .expect(ENROL, Answer::ok(data!("v1_enrollment_request_200.json")))
        .expect(ENROLMENT, Answer::ok(ACTIVE))
        .expect(WEBHOOK, Answer::ok(DONE))
        .expect(ENROLMENT, Answer::ok(ACTIVE));
    let step = daemon.enrol(called_at(URL, accepted())).unwrap();
    // Active already, but there is a step to take.
    assert_eq!(step.state, EnrolState::NotEnrolled);
    assert!(step.remember.contains_key("enrolment_id"));

    let step = daemon.enrol(called_at(URL, requested())).unwrap();
    assert_eq!(step.state, EnrolState::Active);
    assert_eq!(remembered(&step), Some(URL));
    assert!(!step.remember.values().any(|value| value.contains(URL)));
    let expected: Value = serde_json::from_str(data!("amex_webhook_setup_request.json")).unwrap();
    let expected = json!({ "trigger_id": expected["trigger_id"], "url": URL });
    assert_eq!(body(&daemon), expected);
    assert_eq!(key_used(&daemon), MERCHANT_KEY.1);

    let progress = registered_at(URL, called_at(URL, requested()));
    let step = daemon.enrol(progress).unwrap();
    assert_eq!(
        (step.state.clone(), remembered(&step)),
        (EnrolState::Active, None)
    );
}

/// Else it would wait for days, and then for a person.
#[test]
fn the_address_is_registered_before_the_enrolment_is_waited_for() {
    let mut daemon = daemon();
    daemon
        .expect(ENROL, Answer::ok(PENDING))
        .expect(ENROLMENT, Answer::ok(PENDING))
        .expect(WEBHOOK, Answer::ok(DONE))
        .expect(ENROLMENT, Answer::ok(ACTIVE));
    let step = daemon.enrol(called_at(URL, accepted())).unwrap();
    assert_eq!(step.state, EnrolState::NotEnrolled);
    let step = daemon.enrol(called_at(URL, requested())).unwrap();
    assert_eq!(step.state, EnrolState::Pending);
    assert_eq!(remembered(&step), Some(URL));
    let progress = registered_at(URL, called_at(URL, pending(requested())));
    assert_eq!(daemon.enrol(progress).unwrap().state, EnrolState::Active);
}

#[test]
fn another_address_is_registered_anew() {
    let mut daemon = daemon();
    daemon
        .expect(ENROLMENT, Answer::ok(ACTIVE))
        .expect(WEBHOOK, Answer::ok(DONE));
    let progress = called_at(
        URL,
        registered_at("https://billing.example/old", requested()),
    );
    let step = daemon.enrol(progress).unwrap();
    assert_eq!(step.state, EnrolState::Active);
    assert_eq!(remembered(&step), Some(URL));
}

#[test]
fn a_merchant_that_exists_registers_its_address_too() {
    let mut daemon = existing(json!({}), None);
    daemon
        .expect(ENROLMENT, Answer::ok(ACTIVE))
        .expect(ENROLMENT, Answer::ok(ACTIVE))
        .expect(WEBHOOK, Answer::ok(DONE));
    let step = daemon.enrol(called_at(URL, Progress::default())).unwrap();
    assert_eq!(step.state, EnrolState::NotEnrolled);
    let values: Vec<(&str, &str)> = step
        .remember
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let progress = with(Progress::default(), &values, false);
    let step = daemon.enrol(called_at(URL, progress)).unwrap();
    assert_eq!(step.state, EnrolState::Active);
    assert_eq!(remembered(&step), Some(URL));
}

/// A look sends nothing but `GET`.
#[test]
fn while_the_enrolment_is_waited_for_no_address_is_registered() {
    let mut daemon = daemon();
    daemon
        .expect(ENROLMENT, Answer::ok(PENDING))
        .expect(ENROLMENT, Answer::ok(ACTIVE));
    let mut look = || {
        daemon
            .enrol(called_at(URL, pending(requested())))
            .unwrap()
            .state
    };
    assert_eq!(look(), EnrolState::Pending);
    assert_eq!(look(), EnrolState::NotEnrolled);
}

#[test]
fn an_address_whose_registration_was_not_answered_is_a_persons_matter() {
    for state in [ACTIVE, PENDING] {
        let mut daemon = daemon();
        daemon.expect(ENROLMENT, Answer::ok(state));
        let progress = unanswered(called_at(URL, requested()));
        let text = action(daemon.enrol(progress).unwrap());
        assert_eq!(
            text,
            "it is not known whether CardSync noted the address of our webhook: ask it; going on \
             tells it once more"
        );
    }
}

/// The request to be enrolled was unanswered, and turns out to have arrived.
#[test]
fn an_enrolment_that_is_found_goes_on_to_the_address() {
    for state in [ACTIVE, PENDING] {
        let mut daemon = daemon();
        daemon.expect(ENROLMENT, Answer::ok(state));
        let progress = unanswered(called_at(URL, accepted()));
        let step = daemon.enrol(progress).unwrap();
        assert_eq!(step.state, EnrolState::NotEnrolled);
        assert!(step.remember.contains_key("enrolment_id"));
    }
}

#[test]
fn what_cardsync_declines_is_told_without_the_secret() {
    let mut daemon = daemon();
    let body = json!({ "status": "failed", "msg": format!("{URL} does not answer") });
    daemon
        .expect(ENROLMENT, Answer::ok(ACTIVE))
        .expect(WEBHOOK, Answer::new(400, body.to_string()));
    let fault = daemon.enrol(called_at(URL, requested())).unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Refused, true));
    assert_eq!(
        fault.message,
        "registering our webhook: HTTP 400: https://billing.example/reissue/hooks/acme/… does not \
         answer"
    );
}

#[test]
fn a_registration_whose_answer_was_lost_says_that_it_may_have_arrived() {
    let lost = Fault::new(Kind::Unreachable, "the connection broke").sent();
    for answer in [
        Answer::fault(lost),
        Answer::new(502, "<html>"),
        Answer::ok(""),
    ] {
        let mut daemon = daemon();
        daemon
            .expect(ENROLMENT, Answer::ok(ACTIVE))
            .expect(WEBHOOK, answer);
        let fault = daemon.enrol(called_at(URL, requested())).unwrap_err();
        assert!(fault.sent, "{fault}");
    }
}
