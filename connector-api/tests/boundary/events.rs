//! What a connector says through `tracing` reaches the daemon's log, and no later than its call.

use std::sync::Mutex;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::*;
use serde_json::{Value, json};
use tracing::Span;

use crate::everything::MANIFEST;
use crate::said;

/// Says what the batch's job asks for.
struct Talker {
    kept: Mutex<Option<Span>>,
}

impl Connector for Talker {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        let kept = Mutex::new(None);
        Ok(Self { kept })
    }

    fn collect(&self, _: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        match batch.job.as_str() {
            "levels" => {
                tracing::error!("one");
                tracing::warn!("two");
                tracing::info!("three");
                tracing::debug!("four");
                tracing::trace!("five");
            }
            "fields" => {
                let code = "NAN \"x\"";
                tracing::info!(code, records = 7, ok = true, kind = ?Kind::Busy, "read {}", 1);
                tracing::info!(only = 1);
            }
            "spans" => {
                let page = tracing::info_span!("page", offset = 3, rows = tracing::field::Empty);
                page.record("rows", 500);
                page.in_scope(|| {
                    tracing::info!("inside");
                    tracing::debug_span!("row").in_scope(|| tracing::info!("deeper"));
                });
                tracing::info!("outside");
            }
            "libraries" => {
                tracing::info!(target: "hyper::client", "GET /?key=1");
                tracing::warn!(target: "hyper::client", "odd");
                tracing::info!(target: "boundary_of_another", "no prefix of ours");
            }
            "keep" => *self.kept.lock().unwrap() = Some(tracing::info_span!("kept")),
            "panic" => {
                tracing::info!("before");
                panic!("in a call");
            }
            _ => {
                let kept = self.kept.lock().unwrap().take();
                kept.unwrap().in_scope(|| tracing::info!("later"));
            }
        }
        Ok(Collected::not_ready())
    }
}

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Talker>(json!({}), &[]).unwrap()
}

fn log(job: &str) -> Vec<(Level, String)> {
    let mut daemon = daemon();
    daemon.collect(&said::batch(job)).unwrap();
    daemon.log().to_vec()
}

fn lines(job: &str) -> Vec<String> {
    log(job).into_iter().map(|(_, line)| line).collect()
}

#[test]
fn events_keep_their_level() {
    let expected = [
        (Level::Error, "one".to_owned()),
        (Level::Warn, "two".into()),
        (Level::Info, "three".into()),
        (Level::Debug, "four".into()),
    ];
    assert_eq!(log("levels"), expected);
}

#[test]
fn events_keep_their_fields() {
    let expected = [
        "read 1 code=NAN \"x\" records=7 ok=true kind=Busy",
        "only=1",
    ];
    assert_eq!(lines("fields"), expected);
}

#[test]
fn spans_stand_before_what_is_said_inside() {
    let expected = [
        "page offset=3 rows=500: inside",
        "page offset=3 rows=500: row: deeper",
        "outside",
    ];
    assert_eq!(lines("spans"), expected);
}

#[test]
fn libraries_are_heard_when_they_warn() {
    assert_eq!(lines("libraries"), ["odd"]);
}

#[test]
fn a_span_that_outlives_its_call_says_nothing_of_it() {
    let mut daemon = daemon();
    daemon.collect(&said::batch("keep")).unwrap();
    daemon.collect(&said::batch("use")).unwrap();
    assert_eq!(daemon.log(), [(Level::Info, "later".to_owned())]);
}

#[test]
fn nothing_is_heard_after_a_call_even_one_that_panicked() {
    let mut daemon = daemon();
    daemon.collect(&said::batch("panic")).unwrap_err();
    tracing::error!(target: "boundary", "to nobody");
    assert_eq!(daemon.log(), [(Level::Info, "before".to_owned())]);
}
