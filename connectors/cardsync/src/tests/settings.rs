//! Opening an account: every wrong setting is named, no secret is shown.

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Connector, Kind, Pans, Verb, days};
use serde_json::{Value, json};

use super::{MERCHANT_KEY, PARTNER_KEY, settings};
use crate::Cardsync;

fn refused(settings: Value, secrets: &[(&str, &str)]) -> String {
    let opened = FakeDaemon::open::<Cardsync>(settings, secrets);
    let fault = opened.err().expect("these settings are wrong");
    assert_eq!(fault.kind, Kind::Settings);
    fault.message
}

#[test]
fn a_wrong_setting_is_named() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 10] = [
        (
            |it| it["merchant"] = Value::Null,
            "the table `merchant` is missing",
        ),
        (
            |it| it["enrolment"] = Value::Null,
            "the table `enrolment` is missing",
        ),
        (
            |it| it["merchant"]["name"] = "".into(),
            "`merchant.name` is empty",
        ),
        (
            |it| it["merchant"]["primary_contact"]["city"] = " ".into(),
            "`merchant.primary_contact.city` is empty",
        ),
        (
            |it| it["merchant"]["user"]["rolle"] = "admin".into(),
            "`merchant.user.rolle`: unknown field `rolle`",
        ),
        (
            |it| it["merchant"]["primary_contact"] = json!({ "first_name": "Camille" }),
            "`merchant.primary_contact`: missing field `last_name`",
        ),
        (
            |it| it["enrolment"]["mcc"] = "59a8".into(),
            "`enrolment.mcc` is not",
        ),
        (
            |it| it["enrolment"]["mcc"] = 5968.into(),
            "`enrolment.mcc`: invalid type",
        ),
        (
            |it| it["enrolment"]["number_of_visa"] = (-1).into(),
            "`enrolment.number_of_visa`: invalid value",
        ),
        (|it| it["merchant_id"] = "".into(), "`merchant_id` is empty"),
    ];
    for (change, expected) in cases {
        let mut settings = settings();
        change(&mut settings);
        let message = refused(settings, &[PARTNER_KEY]);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn one_of_the_keys_is_needed_and_neither_is_shown() {
    let message = refused(settings(), &[]);
    assert!(
        message.starts_with("the secret `partner_key` is missing"),
        "{message}"
    );
    for secret in ["", "Bearer key", "kéy", "a\nb"] {
        for name in ["partner_key", "merchant_key"] {
            let message = refused(settings(), &[(name, secret)]);
            let expected = format!("the secret `{name}` is empty or holds something other");
            assert!(message.starts_with(&expected), "{message}");
            assert!(secret.is_empty() || !message.contains(secret), "{message}");
        }
    }
}

#[test]
fn a_merchant_that_exists_needs_no_tables() {
    assert!(FakeDaemon::open::<Cardsync>(json!({}), &[MERCHANT_KEY]).is_ok());
}

#[test]
fn what_may_be_empty_may_be_left_out() {
    let mut settings = settings();
    settings["merchant"]["phone_ext"] = "".into();
    assert!(FakeDaemon::open::<Cardsync>(settings, &[PARTNER_KEY]).is_ok());
}

#[test]
fn the_jobs_keep_the_documented_limits() {
    let [inquiry, subscription] = Cardsync::MANIFEST.jobs else {
        panic!("two jobs")
    };
    assert_eq!((inquiry.name, inquiry.verb), ("inquiry", Verb::Submit));
    let name = (subscription.name, subscription.verb);
    assert_eq!(name, ("amex-subscription", Verb::Subscribe));
    assert!(subscription.needs_webhook && !inquiry.needs_webhook);
    for job in [inquiry, subscription] {
        assert_eq!(job.largest_submission, 10_000);
        assert_eq!(job.timing.kept_for, Some(days(10)));
        assert!(job.needs_enrolment);
    }
    assert_eq!(Cardsync::MANIFEST.pans, Pans::Both);
}
