//! Opening an account: every wrong setting is named, no secret is shown.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Connector, Fault, Kind, Verb};
use serde_json::{Value, json};

use super::{SECRET, list, window};
use crate::SmartpayFuse;

fn refused(settings: Value, secrets: &[(&str, &str)]) -> Fault {
    let opened = FakeDaemon::open::<SmartpayFuse>(settings, secrets);
    let fault = opened.err().expect("these settings are wrong");
    assert_eq!(fault.kind, Kind::Settings);
    fault
}

#[test]
fn a_wrong_setting_is_named() {
    for (settings, expected) in [
        (json!({ "key_id": "k" }), "missing field `merchant_id`"),
        (json!({ "merchant_id": "m" }), "missing field `key_id`"),
        (
            json!({ "merchant_id": "m", "key_id": "k", "authn": "jwt" }),
            "unknown field `authn`",
        ),
        (
            json!({ "merchant_id": "m", "key_id": "k", "auth": "mtls" }),
            "unknown variant `mtls`, expected `jwt` or `http-signature`",
        ),
        (
            json!({ "merchant_id": "", "key_id": "k" }),
            "`merchant_id` is empty or holds",
        ),
        (
            json!({ "merchant_id": "m", "key_id": "k\r\nHost: elsewhere" }),
            "`key_id` is empty or holds",
        ),
        (
            json!({ "merchant_id": "m", "key_id": "k", "notification_email": "ops" }),
            "`notification_email` is not a mail address",
        ),
    ] {
        let message = refused(settings, &[SECRET]).message;
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_wrong_secret_is_named_and_not_shown() {
    let settings = || json!({ "merchant_id": "m", "key_id": "k" });
    for secret in ["not*base64", "", "QUJD="] {
        let message = refused(settings(), &[("shared_secret", secret)]).message;
        assert_eq!(
            message,
            "the secret `shared_secret` is not base64: copy it as the provider's portal shows it, \
             with the `=` at its end"
        );
    }
    let message = refused(settings(), &[]).message;
    assert!(message.contains("`shared_secret` is missing"), "{message}");
}

#[test]
fn a_secret_from_a_file_may_end_in_a_line_feed() {
    let settings = json!({ "merchant_id": "m", "key_id": "k" });
    let opened = FakeDaemon::open::<SmartpayFuse>(settings, &[("shared_secret", "QUJD\n")]);
    assert!(opened.is_ok());
}

#[test]
fn the_setting_chooses_the_signature_and_json_is_asked_for() {
    for (auth, expected) in [
        (json!("jwt"), vec!["Accept", "Authorization"]),
        (
            json!("http-signature"),
            vec!["Accept", "Date", "v-c-merchant-id", "Signature"],
        ),
    ] {
        let settings = json!({
            "merchant_id": "m", "key_id": "k", "auth": auth, "notification_email": "ops@example.com"
        });
        let mut daemon = FakeDaemon::open::<SmartpayFuse>(settings, &[SECRET]).unwrap();
        daemon.expect(&list(0), Answer::ok(r#"{"total":0}"#));
        daemon.discover("harvest", window()).unwrap();
        let headers = &daemon.requests()[0].headers;
        let names: Vec<&str> = headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, expected);
        // Quirk 22: an ordinary header, whatever `ACCEPT=application/json` looks like.
        assert_eq!(headers[0].1, "application/json");
    }
}

#[test]
fn six_jobs_and_no_deadline() {
    let jobs = SmartpayFuse::MANIFEST.jobs;
    let named: Vec<(&str, Verb)> = jobs.iter().map(|job| (job.name, job.verb)).collect();
    assert_eq!(
        named,
        [
            ("amex-daily", Verb::Discover),
            ("harvest", Verb::Discover),
            ("registry-reports", Verb::Discover),
            ("one-off-reports", Verb::Discover),
            ("one-off", Verb::Submit),
            ("amex-registration", Verb::Submit),
        ]
    );
    for job in jobs {
        assert_eq!(job.timing.kept_for, None);
    }
}
