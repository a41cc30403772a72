//! From a batch to its report: the status, and reports that are missing, broken or odd as a whole.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Collected, Fault, Kind, Level, Totals};
use serde_json::json;

use super::{batch, daemon, data, report, status};

const ONE_OFF: &str = "15269996945240002139594385";
const REGISTRATION: &str = "15816023535620001646854894";

/// Collects batch 7, which is complete and has this report.
fn collect(body: impl Into<Vec<u8>>) -> (FakeDaemon, Result<Collected, Fault>) {
    collect_answered(Answer::ok(body))
}

fn collect_answered(answer: Answer) -> (FakeDaemon, Result<Collected, Fault>) {
    let mut daemon = daemon();
    daemon.expect(&status("7"), Answer::ok(r#"{"status":"COMPLETE"}"#));
    daemon.expect(&report("7"), answer);
    let collected = daemon.collect(&batch("harvest", "7"));
    (daemon, collected)
}

fn garbled(body: impl Into<Vec<u8>>) -> String {
    let fault = collect(body).1.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    fault.message
}

#[test]
fn a_batch_that_runs_is_not_ready() {
    for word in ["RECEIVED", "processing", "Updating", "A_NEW_WORD"] {
        let mut daemon = daemon();
        let body = json!({ "status": word, "description": "A batch report is available." });
        daemon.expect(&status("7"), Answer::ok(body.to_string()));
        let collected = daemon.collect(&batch("harvest", "7"));
        assert_eq!(collected, Ok(Collected::not_ready()), "{word}");
    }
}

#[test]
fn a_batch_that_was_declined_has_failed_in_the_providers_words() {
    for (body, expected) in [
        (r#"{"status":"DECLINED"}"#, "DECLINED"),
        (
            r#"{"status":"Failed","description":"No valid records"}"#,
            "Failed: No valid records",
        ),
    ] {
        let mut daemon = daemon();
        daemon.expect(&status("7"), Answer::ok(body));
        let collected = daemon.collect(&batch("harvest", "7"));
        assert_eq!(collected, Ok(Collected::Failed(expected.into())));
    }
}

#[test]
fn a_status_without_a_status_is_garbled() {
    let mut daemon = daemon();
    daemon.expect(&status("7"), Answer::ok(r#"{"message":"hello"}"#));
    let fault = daemon.collect(&batch("harvest", "7")).unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    assert_eq!(
        fault.message,
        "reading the status of batch 7: the answer has no `status`"
    );
}

/// Quirks 5 and 7: the report's link leads to the status, and counters are texts with commas.
#[test]
fn the_reports_url_is_built_from_the_id() {
    let mut daemon = daemon();
    let body = data!("status_one_off_200_string_counts.json");
    daemon.expect(&status(ONE_OFF), Answer::ok(body));
    let body = json!({
        "batchId": ONE_OFF,
        "billing": { "nan": "0,", "ned": "9,", "acl": "5,", "cch": 0 },
        "totals": { "acceptedRecords": "8,", "rejectedRecords": "7,", "updatedRecords": "8,",
                    "caResponses": "14,", "caResponsesOmitted": 6 },
        "records": [],
    });
    daemon.expect(&report(ONE_OFF), Answer::ok(body.to_string()));
    let collected = daemon.collect(&batch("one-off-reports", ONE_OFF));
    let totals = Totals {
        accepted: Some(8),
        rejected: Some(7),
        updated: Some(8),
        records: Some(8),
        billed: Some(14),
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
}

/// Quirk 18: as printed, this status lacks a brace and a comma.
#[test]
fn a_status_that_is_no_json_is_garbled() {
    let mut daemon = daemon();
    let body = data!("status_one_off_200.json.raw");
    daemon.expect(&status(ONE_OFF), Answer::ok(body));
    let fault = daemon
        .collect(&batch("one-off-reports", ONE_OFF))
        .unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    let expected = "reading the status of batch 15269996945240002139594385: the answer is not the \
                    JSON that is documented: ";
    assert!(fault.message.starts_with(expected), "{}", fault.message);
}

/// Quirks 12 and 13: the description speaks of updates and of a report, and there is neither.
#[test]
fn a_registration_without_errors_has_no_report() {
    let body = data!("status_amex_registry_200.json").replace("123", "0");
    for (job, answer) in [
        (
            "registry-reports",
            Answer::new(403, data!("error_forbidden.json")),
        ),
        (
            "amex-registration",
            Answer::new(404, "<html>not found</html>"),
        ),
    ] {
        let mut daemon = daemon();
        // The job says that it was a registration; the status may leave out the source.
        let body = body.replace("batchSource", "source");
        daemon.expect(&status(REGISTRATION), Answer::ok(body));
        daemon.expect(&report(REGISTRATION), answer);
        let collected = daemon.collect(&batch(job, REGISTRATION));
        let totals = Totals {
            accepted: Some(999),
            rejected: Some(0),
            updated: Some(0),
            ..Totals::default()
        };
        assert_eq!(collected, Ok(Collected::Complete { totals }));
        assert_eq!(daemon.updates(), []);
    }
}

/// The status counts refusals, as the printed one does, and there is no report all the same.
#[test]
fn a_registration_whose_report_is_missing_is_complete_and_warns() {
    let mut daemon = daemon();
    let body = data!("status_amex_registry_200.json");
    daemon.expect(&status(REGISTRATION), Answer::ok(body));
    daemon.expect(&report(REGISTRATION), Answer::new(404, ""));
    let collected = daemon.collect(&batch("registry-reports", REGISTRATION));
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
    assert_eq!(daemon.updates(), []);
    let (level, line) = &daemon.log()[0];
    assert_eq!(*level, Level::Warn);
    assert_eq!(line, "123 tokens were refused, and no report says which");
}

#[test]
fn a_harvest_must_have_a_report() {
    let (_, collected) = collect_answered(Answer::new(403, ""));
    assert_eq!(collected.unwrap_err().kind, Kind::Refused);
}

/// Quirk 18: two reports are no JSON as printed. They are held with the position.
#[test]
fn broken_syntax_is_garbled_with_its_position() {
    let at = |position: usize, expected: &str| {
        format!(
            "reading the report of batch 7: at byte {position} of the answer: expected {expected}"
        )
    };
    let body = data!("report_amex_maintenance_200.json.raw");
    let second_record = body.find(r#""id": "562239711""#).unwrap();
    let brace = body[..second_record].rfind('{').unwrap();
    assert_eq!(garbled(body), at(brace, "a comma or the end of the array"));

    let body = data!("report_scheduler_200.json.raw");
    let version = body.find("version").unwrap();
    assert_eq!(garbled(body), at(version, "valid JSON"));

    assert_eq!(garbled(""), at(0, "an object"));
    assert_eq!(garbled("<html>Bad gateway</html>"), at(0, "an object"));
    assert_eq!(garbled("[]"), at(0, "an object"));
    assert_eq!(
        garbled(r#"{"records":[]}{"records":[]}"#),
        at(14, "the end of the document")
    );
}

#[test]
fn a_report_that_ends_early_completes_nothing() {
    let whole = data!("report_amex_maintenance_200.json").trim_end();
    for end in [1, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let message = garbled(&whole[..end]);
        assert!(message.contains("of the answer: expected"), "{message}");
    }
    let half = &whole[..whole.len() / 2];
    let (_, collected) = collect_answered(Answer::ok(half).broken_off());
    assert_eq!(collected.unwrap_err().kind, Kind::Unreachable);
}

#[test]
fn the_report_of_another_batch_is_garbled() {
    assert_eq!(
        garbled(r#"{"records":[],"batchId":"8"}"#),
        "reading the report of batch 7: the answer is about batch 8"
    );
}

#[test]
fn only_a_report_that_counts_nothing_may_lack_its_records() {
    let (_, collected) = collect(r#"{"batchId":"7","totals":{"acceptedRecords":0}}"#);
    let accepted = Some(0);
    let totals = Totals {
        accepted,
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    for body in [
        "{}",
        r#"{"batchId":"7"}"#,
        r#"{"totals":{"acceptedRecords":0,"rejectedRecords":3}}"#,
        r#"{"totals":null}"#,
    ] {
        assert_eq!(
            garbled(body),
            "reading the report of batch 7: the answer has no `records`",
            "{body}"
        );
    }
}

#[test]
fn counters_that_cannot_be_read_stop_nothing() {
    let body =
        r#"{"totals":{"caResponses":3,"caResponsesOmitted":4},"billing":"none","records":[]}"#;
    let (_, collected) = collect(body);
    let totals = Totals::default();
    assert_eq!(collected, Ok(Collected::Complete { totals }));
}

#[test]
fn a_collection_that_is_cancelled_ends() {
    let mut daemon = daemon();
    daemon.cancel();
    let fault = daemon.collect(&batch("harvest", "7")).unwrap_err();
    assert_eq!(fault.kind, Kind::Cancelled);
}
