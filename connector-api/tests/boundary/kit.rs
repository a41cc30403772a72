//! The test kit keeps its script: what was not asked for and what was not scripted both fail.

use std::panic::catch_unwind;

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::*;
use serde_json::{Value, json};

use crate::everything::MANIFEST;
use crate::said;

/// Sends one request and takes its answer as a batch that failed.
struct Polite;

impl Connector for Polite {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn collect(&self, run: &Run<'_>, _: &Batch) -> Result<Collected, Fault> {
        let text = run.http(&Request::get("/status"))?.text()?;
        Ok(Collected::Failed(text))
    }
}

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Polite>(json!({}), &[]).unwrap()
}

#[test]
fn an_answer_that_nobody_asked_for_fails_the_test() {
    let panicked = catch_unwind(|| {
        daemon().expect("GET /never", Answer::ok(""));
    })
    .unwrap_err();
    assert_eq!(
        panicked.downcast_ref::<String>().unwrap(),
        "never requested: GET /never"
    );
}

#[test]
fn a_request_that_was_not_scripted_is_a_fault() {
    let outcome = daemon().collect(&said::batch("any"));
    assert_eq!(outcome, Err(Fault::refused("not scripted: GET /status")));
}

#[test]
fn a_request_out_of_turn_is_a_fault() {
    let mut daemon = daemon();
    daemon.expect("GET /list", Answer::ok(""));
    let outcome = daemon.collect(&said::batch("any"));
    assert_eq!(
        outcome,
        Err(Fault::refused(
            "scripted `GET /list`, requested `GET /status`"
        ))
    );
}

#[test]
fn a_scripted_fault_comes_instead_of_an_answer() {
    let mut daemon = daemon();
    let fault = Fault::new(Kind::Unreachable, "no route").sent();
    daemon.expect("GET /status", Answer::fault(fault.clone()));
    assert_eq!(daemon.collect(&said::batch("any")), Err(fault));
}
