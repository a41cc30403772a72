//! From a report to updates.

use reissue_connector_api::testkit::{Answer, FakeDaemon, Reported, ReportedCard};
use reissue_connector_api::{Collected, Fault, Level, Totals};

use super::{RECORDS, batch, daemon, report};

fn collect(state: &str, records: Option<&str>) -> (FakeDaemon, Result<Collected, Fault>) {
    let mut daemon = daemon();
    let body = report("r-7", state).to_string();
    daemon.expect("GET /v1/reports/r-7", Answer::ok(body));
    if let Some(records) = records {
        daemon.expect("GET /v1/reports/r-7/records", Answer::ok(records));
    }
    let collected = daemon.collect(&batch("r-7"));
    (daemon, collected)
}

#[test]
fn a_report_that_is_prepared_is_not_ready() {
    assert_eq!(collect("preparing", None).1, Ok(Collected::not_ready()));
}

#[test]
fn a_ready_report_is_complete_with_all_its_records() {
    let (daemon, collected) = collect("ready", Some(RECORDS));
    let totals = Totals {
        records: Some(3),
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));

    let card = |token: &str, number: &str, expiry: &str, brand: &str| ReportedCard {
        token: token.into(),
        pan_masked: number.into(),
        expiry: expiry.into(),
        brand: brand.into(),
        ..ReportedCard::default()
    };
    let expected = Reported {
        record: "1".into(),
        reference: "tok-1".into(),
        outcome: "new_number".into(),
        provider: ("replaced".into(), String::new(), String::new()),
        old: card("tok-1", "411111XXXXXX1111", "2026-11", "visa"),
        new: Some(card("tok-1b", "555555XXXXXX4444", "2029-04", "mastercard")),
        ..Reported::default()
    };
    assert_eq!(daemon.updates()[0], expected);
    let outcomes: Vec<&str> = daemon
        .updates()
        .iter()
        .map(|it| it.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["new_number", "new_expiry", "closed"]);
}

#[test]
fn every_code_has_its_outcome() {
    for (code, outcome) in [
        ("replaced", "unknown"), // without the card that it promises
        ("extended", "unknown"),
        ("closed", "closed"),
        ("ask_cardholder", "contact_cardholder"),
        ("current", "valid"),
        ("not_found", "no_match"),
        ("", "unknown"),
    ] {
        let record = format!(r#"{{"id":"1","code":"{code}","card":{{"token":"t"}}}}"#) + "\n";
        let (daemon, _) = collect("ready", Some(&record));
        assert_eq!(daemon.updates()[0].outcome, outcome, "{code}");
    }
}

#[test]
fn a_record_that_is_not_as_documented_is_reported_as_unknown() {
    let (daemon, collected) = collect("ready", Some("{\"id\":\"1\"}\n"));
    assert!(collected.is_ok());
    assert_eq!(daemon.updates()[0].outcome, "unknown");
    let expected = "A record is not as documented. line=1";
    assert_eq!(daemon.log(), [(Level::Warn, expected.to_owned())]);
}
