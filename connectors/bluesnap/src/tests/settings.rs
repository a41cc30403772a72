//! Opening an account: every wrong setting is named, no secret is shown.

use std::time::Duration;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Connector, Kind, days};
use serde_json::{Value, json};

use super::{PASSWORD, batch, data, retrieve, xml};
use crate::BlueSnap;

fn refused(settings: Value, secrets: &[(&str, &str)]) -> String {
    let opened = FakeDaemon::open::<BlueSnap>(settings, secrets);
    let fault = opened.err().expect("these settings are wrong");
    assert_eq!(fault.kind, Kind::Settings);
    fault.message
}

#[test]
fn a_wrong_setting_is_named() {
    for (settings, expected) in [
        (json!({}), "missing field `username`"),
        (
            json!({ "username": "u", "user": "u" }),
            "unknown field `user`",
        ),
        (
            json!({ "username": "" }),
            "`username` is empty or holds a colon",
        ),
        (
            json!({ "username": "a:b" }),
            "`username` is empty or holds a colon",
        ),
        (
            json!({ "username": "a\n" }),
            "`username` is empty or holds a colon",
        ),
    ] {
        let message = refused(settings, &[PASSWORD]);
        assert!(message.contains(expected), "{message}");
    }
    let settings = || json!({ "username": "u" });
    assert!(refused(settings(), &[]).contains("`password` is missing"));
    assert_eq!(
        refused(settings(), &[("password", "\n")]),
        "the secret `password` is empty"
    );
}

#[test]
fn a_secret_from_a_file_may_end_in_a_line_feed() {
    let settings = json!({ "username": "API_17" });
    let mut daemon = FakeDaemon::open::<BlueSnap>(settings, &[("password", "p:w \n")]).unwrap();
    daemon.expect(&retrieve("b"), xml(data!("retrieve_not_ready_200.xml")));
    daemon.collect(&batch("b")).unwrap();
    let sent = &daemon.requests()[0].headers;
    let expected = ("Authorization".into(), "Basic QVBJXzE3OnA6dyA=".to_owned());
    assert!(sent.contains(&expected), "{sent:?}");
}

/// BlueSnap keeps results for 45 days from the submission.
#[test]
fn results_are_looked_for_in_time() {
    let timing = BlueSnap::MANIFEST.jobs[0].timing;
    assert_eq!(
        timing.first_poll + timing.kept_for.unwrap_or(Duration::ZERO),
        days(45)
    );
}
