//! Whether the provider has a submission whose answer was lost: it is looked for by its reference.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Fault, FoundState, Kind, Reconciled};
use serde_json::{Value, json};

use super::{daemon, recent, status, submission};

fn reconcile(daemon: &mut FakeDaemon) -> Result<Reconciled, Fault> {
    let reconciled = daemon.reconcile("one-off", &submission("sub-1"));
    assert!(daemon.requests().iter().all(|one| one.method == "GET"));
    reconciled
}

fn listed(rows: Value) -> FakeDaemon {
    let mut daemon = daemon();
    let page = json!({ "_embedded": { "batches": rows } });
    daemon.expect(&recent(0), Answer::ok(page.to_string()));
    daemon
}

fn row(id: &str, source: &str, reference: &str) -> Value {
    json!({
        "batchId": id, "batchSource": source, "merchantReference": reference, "status": "PROCESSING",
        "totals": { "acceptedRecords": 2 },
    })
}

#[test]
fn the_batch_that_carries_our_reference_is_the_submission() {
    let mut daemon = listed(json!([
        row("1", "SCHEDULER", "sub-1"),
        row("2", "TOKEN_API", "sub-10"),
        row("3", "TOKEN_API", "sub-1"),
        row("4", "TOKEN_API", "SUB-1"),
    ]));
    let Ok(Reconciled::Accepted(receipt)) = reconcile(&mut daemon) else {
        panic!("it is there");
    };
    assert_eq!(receipt.found.id, "3");
    assert_eq!(receipt.found.submission.as_deref(), Some("sub-1"));
    assert_eq!(receipt.found.state, FoundState::Running);
    assert_eq!(receipt.accepted, Some(2));
}

/// Quirk 10: in the list a registration may be without its reference. The status has it.
#[test]
fn a_row_without_a_reference_is_asked_for_it() {
    let mut daemon = listed(json!([
        { "batchId": "1", "batchSource": "AMEX_MAINTENANCE", "status": "COMPLETE" },
        { "batchId": "2", "batchSource": "AMEX_REGISTRY_API", "status": "COMPLETE" },
        { "batchId": "3", "batchSource": "AMEX_REGISTRY_API", "status": "RECEIVED" },
    ]));
    let foreign = row("2", "AMEX_REGISTRY_API", "Merchant Name").to_string();
    daemon.expect(&status("2"), Answer::ok(foreign));
    let ours = row("3", "AMEX_REGISTRY_API", "sub-1").to_string();
    daemon.expect(&status("3"), Answer::ok(ours));
    let Ok(Reconciled::Accepted(receipt)) = reconcile(&mut daemon) else {
        panic!("it is there");
    };
    assert_eq!(receipt.found.id, "3");
    assert_eq!(receipt.found.submission.as_deref(), Some("sub-1"));
}

#[test]
fn what_is_not_listed_was_not_seen() {
    let mut daemon = listed(json!([row("2", "TOKEN_API", "Merchant Name")]));
    assert_eq!(reconcile(&mut daemon), Ok(Reconciled::NotSeen));
    assert_eq!(reconcile(&mut listed(json!([]))), Ok(Reconciled::NotSeen));
}

#[test]
fn every_page_is_looked_at() {
    let mut daemon = daemon();
    let first: Vec<Value> = (0..500)
        .map(|n| row(&n.to_string(), "TOKEN_API", "other"))
        .collect();
    let second: Vec<Value> = vec![
        row("500", "TOKEN_API", "other"),
        row("501", "TOKEN_API", "sub-1"),
    ];
    for (offset, rows) in [(0, first), (1, second)] {
        let page = json!({ "total": 502, "_embedded": { "batches": rows } });
        daemon.expect(&recent(offset), Answer::ok(page.to_string()));
    }
    assert!(matches!(
        reconcile(&mut daemon),
        Ok(Reconciled::Accepted(_))
    ));
}

#[test]
fn a_list_that_cannot_be_had_leaves_it_open() {
    let mut daemon = daemon();
    daemon.expect(&recent(0), Answer::new(503, ""));
    assert_eq!(reconcile(&mut daemon).unwrap_err().kind, Kind::Busy);
}
