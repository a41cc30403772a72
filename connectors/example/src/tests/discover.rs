//! From the list of reports to batches.

use reissue_connector_api::testkit::Answer;
use reissue_connector_api::{Found, FoundState, Kind, Totals};
use serde_json::json;

use super::{API_KEY, daemon, list, report, window};

#[test]
fn every_page_is_listed() {
    let mut daemon = daemon();
    for (number, id, more) in [(1, "r-7", true), (2, "r-8", false)] {
        let page = json!({ "reports": [report(id, "ready")], "more": more });
        daemon.expect(&list(number), Answer::ok(page.to_string()));
    }
    let found = daemon.discover("daily", window()).unwrap();

    let mut expected = Found::new("r-7", FoundState::Ready);
    expected.created = Some("2026-11-21T04:00:00Z".parse().unwrap());
    expected.purge = Some("2026-12-21T04:00:00Z".parse().unwrap());
    expected.totals = Totals {
        records: Some(3),
        ..Totals::default()
    };
    assert_eq!(found[0], expected);
    assert_eq!(found[1].id, "r-8");
}

#[test]
fn every_state_has_its_meaning() {
    let failed = json!({ "id": "r-9", "state": "failed", "reason": "no cards" });
    let page = json!({ "reports": [report("r-7", "preparing"), failed], "more": false });
    let mut daemon = daemon();
    daemon.expect(&list(1), Answer::ok(page.to_string()));
    let found = daemon.discover("daily", window()).unwrap();
    assert_eq!(found[0].state, FoundState::Running);
    assert_eq!(found[1].state, FoundState::Failed("no cards".into()));
}

#[test]
fn the_key_goes_into_its_header() {
    let mut daemon = daemon();
    daemon.expect(&list(1), Answer::ok(r#"{"reports":[],"more":false}"#));
    daemon.discover("daily", window()).unwrap();
    let expected = [("X-Api-Key".into(), API_KEY.1.to_owned())];
    assert_eq!(daemon.requests()[0].headers, expected);
}

#[test]
fn a_refusal_is_told_in_the_providers_words() {
    let mut daemon = daemon();
    daemon.expect(
        &list(1),
        Answer::new(403, r#"{"error":"no such merchant"}"#),
    );
    let fault = daemon.discover("daily", window()).unwrap_err();
    assert_eq!(fault.kind, Kind::Refused);
    assert_eq!(
        fault.message,
        "listing the reports: HTTP 403: no such merchant"
    );
}
