//! What becomes of the rows of the list.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Fault, Found, FoundState, Kind, Level, Totals};
use serde_json::{Value, json};

use super::{daemon, data, list, window};

/// A page without paging numbers.
fn page(rows: Value) -> String {
    json!({ "object": "collection", "_embedded": { "batches": rows } }).to_string()
}

fn discover(job: &str, body: &str) -> Result<Vec<Found>, Fault> {
    let mut daemon = daemon();
    daemon.expect(&list(0), Answer::ok(body));
    daemon.discover(job, window())
}

/// The list of the documents promises a next page (quirk 8: its paging numbers contradict each
/// other), so one more is asked for and brings nothing.
fn documented(job: &str) -> Vec<Found> {
    let mut daemon = daemon();
    daemon.expect(&list(0), Answer::ok(data!("list_batches_200.json")));
    daemon.expect(&list(1), Answer::ok(r#"{"count":0}"#));
    daemon.discover(job, window()).unwrap()
}

/// Quirks 1, 2, 3 and 10: endpoints and links are lists here, and the reference may be there.
#[test]
fn a_harvest_is_found_with_all_that_the_list_says() {
    let mut expected = Found::new("15416031479410002099212314", FoundState::Ready)
        .fact("source", "SCHEDULER")
        .fact("endpoints", "VISA, MASTERCARD")
        .fact("reference", "Merchant Name");
    expected.created = Some("2018-11-07T07:05:48Z".parse().unwrap());
    expected.totals = Totals {
        accepted: Some(1),
        rejected: Some(0),
        updated: Some(1),
        records: Some(1),
        billed: None,
    };
    assert_eq!(documented("harvest"), [expected]);
}

/// Quirks 9 and 10: totals and reference are missing, or only one counter is there.
#[test]
fn what_a_row_lacks_is_absent() {
    let registration = documented("registry-reports");
    assert_eq!(registration.len(), 1);
    assert_eq!(registration[0].id, "15416025010730001655343827");
    assert_eq!(registration[0].totals, Totals::default());
    assert!(!registration[0].facts.contains_key("reference"));

    let daily = documented("amex-daily");
    assert_eq!(daily.len(), 1);
    assert_eq!(daily[0].id, "15402221273070001683984545");
    let accepted = Some(0);
    assert_eq!(
        daily[0].totals,
        Totals {
            accepted,
            ..Totals::default()
        }
    );
    assert_eq!(documented("one-off-reports"), []);
}

/// Quirk 21: one name is misspelt, and another has a variant.
#[test]
fn every_source_has_its_job() {
    for (source, job) in [
        ("AMEX_MAINTENANCE", "amex-daily"),
        ("SCHEDULER", "harvest"),
        ("AMEX_REGISTRY_API", "registry-reports"),
        ("AMEX_REGISTRY_API_SYNC", "registry-reports"),
        ("AMEX_REGSITRY", "registry-reports"),
        ("Token_Api", "one-off-reports"),
    ] {
        let body = page(json!([{ "batchId": "7", "batchSource": source, "status": "COMPLETE" }]));
        assert_eq!(discover(job, &body).unwrap().len(), 1, "{source}");
        let other = if job == "harvest" {
            "amex-daily"
        } else {
            "harvest"
        };
        assert_eq!(discover(other, &body).unwrap(), [], "{source}");
    }
}

/// Quirk 21, and the words of the provider's prose.
#[test]
fn every_status_has_its_state() {
    let failed = |text: &str| FoundState::Failed(text.into());
    for (word, expected) in [
        ("COMPLETE", FoundState::Ready),
        ("COMPLETED", FoundState::Ready),
        ("Completed", FoundState::Ready),
        ("REJECTED", failed("REJECTED")),
        ("DECLINED", failed("DECLINED")),
        ("Failed", failed("Failed")),
        ("RECEIVED", FoundState::Running),
        ("VALIDATED", FoundState::Running),
        ("PROCESSING", FoundState::Running),
        ("Updating", FoundState::Running),
        ("PAUSED_BY_MOON", FoundState::Running),
        ("", FoundState::Running),
    ] {
        let body = page(json!([{ "batchId": "7", "batchSource": "SCHEDULER", "status": word }]));
        assert_eq!(
            discover("harvest", &body).unwrap()[0].state,
            expected,
            "{word}"
        );
    }
}

/// Quirk 6: three spellings of a time; one that is none costs nothing but itself.
#[test]
fn a_time_is_read_in_every_spelling() {
    let created = Some("2020-02-13T13:59:13Z".parse().unwrap());
    for (text, expected) in [
        ("2020-02-13T13:59:13Z", created),
        ("2020-02-13T13.59.13Z", created),
        ("20200213T135913Z", created),
        ("Thursday", None),
    ] {
        let row = json!({ "batchId": "7", "batchSource": "SCHEDULER", "batchCreatedDate": text });
        let found = discover("harvest", &page(json!([row]))).unwrap();
        assert_eq!(found[0].created, expected, "{text}");
    }
}

/// A batch that somebody submitted carries that system's reference; ours is the submission's id. What
/// the provider makes by itself carries the merchant's name.
#[test]
fn a_submission_is_echoed() {
    for (source, job, submission) in [
        ("TOKEN_API", "one-off-reports", Some("sub-1")),
        ("AMEX_REGISTRY_API", "registry-reports", Some("sub-1")),
        ("SCHEDULER", "harvest", None),
        ("AMEX_MAINTENANCE", "amex-daily", None),
    ] {
        let row = json!({ "batchId": "7", "batchSource": source, "merchantReference": "sub-1" });
        let found = discover(job, &page(json!([row]))).unwrap();
        assert_eq!(found[0].submission.as_deref(), submission, "{source}");
    }
}

#[test]
fn a_row_that_cannot_be_used_is_left_out_and_the_rest_is_kept() {
    let rows = json!([
        "not a row",
        { "batchSource": "SCHEDULER", "status": "COMPLETE" },
        { "batchId": "1", "batchSource": "LUNAR", "status": "COMPLETE" },
        { "batchId": "2", "batchSource": "CREDIT_CARD_FILE_UPLOAD", "status": "COMPLETE" },
        { "batchId": "3", "batchSource": "SCHEDULER", "status": "COMPLETE", "totals": "many",
          "batchCaEndpoints": null, "merchantReference": null },
    ]);
    let mut daemon: FakeDaemon = daemon();
    daemon.expect(&list(0), Answer::ok(page(rows)));
    let found = daemon.discover("harvest", window()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "3");

    let lines: Vec<&str> = daemon.log().iter().map(|(_, line)| line.as_str()).collect();
    let without_id = "a row of the list of batches has no `batchId` and was left out";
    assert_eq!(
        lines,
        [
            without_id,
            without_id,
            "batch 1 has the source `LUNAR`, which no job lists: it was left out",
        ]
    );
    assert!(daemon.log().iter().all(|(level, _)| *level == Level::Warn));
}

#[test]
fn an_empty_list_must_say_that_it_is_empty() {
    for body in [
        r#"{"object":"collection","total":0}"#,
        r#"{"count":"0,"}"#,
        r#"{"_embedded":{"batches":[]}}"#,
    ] {
        assert_eq!(discover("harvest", body), Ok(Vec::new()), "{body}");
    }
    let fault = discover("harvest", r#"{"message":"hello"}"#).unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    assert_eq!(
        fault.message,
        "listing the batches: the answer has no `_embedded.batches`"
    );
}

#[test]
fn what_is_not_json_is_garbled() {
    for (body, expected) in [
        (
            "<html>Bad gateway</html>",
            "listing the batches: the answer is not the JSON that is documented: expected value at \
             line 1 column 1 (24 bytes, content type application/json)",
        ),
        (
            "",
            "listing the batches: the answer is not the JSON that is documented: EOF while parsing \
             a value at line 1 column 0 (0 bytes, content type application/json)",
        ),
    ] {
        let fault = discover("harvest", body).unwrap_err();
        assert_eq!(fault.kind, Kind::Garbled);
        assert_eq!(fault.message, expected);
    }
}
