//! Every verb's request and reply cross unchanged.

use std::time::Duration;

use reissue_connector_api::abi::host::Loaded;
use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::*;
use serde_json::json;

use crate::by_hand;
use crate::everything::{Everything, MANIFEST};
use crate::said;

fn daemon() -> FakeDaemon {
    let settings = json!({ "token_kind": "customer" });
    FakeDaemon::open::<Everything>(settings, &[("partner_key", "s3cret \"ü\"")]).unwrap()
}

fn loaded() -> Loaded {
    by_hand::accept(&abi::author::table_of::<Everything>()).unwrap()
}

#[test]
fn a_connector_describes_itself() {
    let loaded = loaded();
    let description = loaded.description();
    assert_eq!(
        serde_json::to_value(description.manifest).unwrap(),
        serde_json::to_value(MANIFEST).unwrap()
    );
    let job = description.manifest.job("listing").unwrap();
    assert_eq!(
        (job.verb, job.timing),
        (Verb::Discover, MANIFEST.jobs[0].timing)
    );
    assert_eq!(
        description.settings["properties"]["token_kind"]["description"],
        "What the tokens are."
    );
    assert_eq!(
        loaded.built_with(),
        concat!("reissue-connector-api ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn opening_names_the_key_that_is_wrong_and_the_secret_that_is_missing() {
    let fault = FakeDaemon::open::<Everything>(json!({ "token_knid": "customer" }), &[])
        .err()
        .unwrap();
    assert_eq!(fault.kind, Kind::Settings);
    assert!(fault.message.contains("`token_knid`"), "{fault}");

    let fault = FakeDaemon::open::<Everything>(json!({ "token_kind": "customer" }), &[])
        .err()
        .unwrap();
    assert_eq!(
        fault,
        Fault::settings(
            "the secret `partner_key` is missing: give it under `secrets` of account `test-account`"
        )
    );
}

#[test]
fn enrol() {
    let step = daemon().enrol(said::progress()).unwrap();
    assert_eq!(step.state, EnrolState::Refused("no such business".into()));
    assert_eq!(step.remember["merchant"], "42");
    assert_eq!(step.secrets.0["merchant_key"].expose_secret(), "new secret");
    assert!(!format!("{step:?}").contains("new secret"));
}

#[test]
fn discover() {
    let found = daemon().discover("listing", said::window());
    assert_eq!(found, Ok(said::listing()));
}

#[test]
fn submit() {
    let mut daemon = daemon();
    daemon.set_cards(said::cards());
    let receipt = daemon.submit("inquiry", &said::submission("sub-1"));
    assert_eq!(receipt, Ok(said::receipt()));
}

#[test]
fn reconcile() {
    let mut daemon = daemon();
    let mut reconcile = |id| daemon.reconcile("inquiry", &said::submission(id));
    assert_eq!(
        reconcile("accepted"),
        Ok(Reconciled::Accepted(said::receipt()))
    );
    assert_eq!(reconcile("not-seen"), Ok(Reconciled::NotSeen));
    assert_eq!(reconcile("else"), Ok(Reconciled::Unknowable));
}

#[test]
fn subscribe_and_unsubscribe() {
    let mut daemon = daemon();
    daemon.set_cards(said::cards());
    let refused = daemon.subscribe("standing", &said::submission("add"));
    assert_eq!(refused, Ok(said::refused()));
    daemon.set_cards(said::cards());
    let refused = daemon.unsubscribe("standing", &said::submission("remove"));
    assert_eq!(refused, Ok(said::refused()));
}

#[test]
fn receive() {
    let announced = daemon().receive(said::notification());
    assert_eq!(announced, Ok(said::announced()));
}

#[test]
fn collect() {
    let mut daemon = daemon();
    let mut collect = |job| daemon.collect(&said::batch(job));
    assert_eq!(collect("not-ready"), Ok(Collected::not_ready()));
    assert_eq!(
        collect("later"),
        Ok(Collected::NotReady {
            retry_after: Some(Duration::from_secs(90))
        })
    );
    assert_eq!(
        collect("failed"),
        Ok(Collected::Failed("purged by hand".into()))
    );
    assert_eq!(
        collect("complete"),
        Ok(Collected::Complete {
            totals: said::totals()
        })
    );
}

/// The example of the crate's documentation: a connector that implements nothing.
struct Nothing;

impl Connector for Nothing {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = serde_json::Value;

    fn open(_: serde_json::Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }
}

#[test]
fn a_verb_that_a_connector_does_not_implement_says_so() {
    let mut daemon = FakeDaemon::open::<Nothing>(json!({}), &[]).unwrap();
    let submission = said::submission("sub-1");
    let unsupported = |what: &str| Fault::unsupported(what);
    assert_eq!(
        daemon.discover("listing", said::window()),
        Err(unsupported("discover `listing`"))
    );
    assert_eq!(
        daemon.submit("inquiry", &submission),
        Err(unsupported("submit `inquiry`"))
    );
    assert_eq!(
        daemon.subscribe("standing", &submission),
        Err(unsupported("subscribe `standing`"))
    );
    assert_eq!(
        daemon.unsubscribe("standing", &submission),
        Err(unsupported("unsubscribe `standing`"))
    );
    assert_eq!(
        daemon.receive(said::notification()),
        Err(unsupported("receive webhooks"))
    );
    assert_eq!(
        daemon.collect(&said::batch("any")),
        Err(unsupported("collect"))
    );
    assert_eq!(
        daemon.reconcile("inquiry", &submission),
        Ok(Reconciled::Unknowable)
    );
    let step = daemon.enrol(said::progress()).unwrap();
    assert_eq!(step.state, EnrolState::Active);
}
