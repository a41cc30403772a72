//! A panic of a connector's is a fault with message and place; it takes the instance with it and
//! nothing else.

use std::borrow::Cow;
use std::panic::panic_any;

use reissue_connector_api::abi::author::table_of;
use reissue_connector_api::abi::host::Refusal;
use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::*;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::by_hand;
use crate::everything::MANIFEST;
use crate::lender::Lender;
use crate::said;

struct Panicking;

impl Connector for Panicking {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(settings: Value, _: &Account) -> Result<Self, Fault> {
        assert!(settings["open"] != "panics", "no instance today");
        Ok(Self)
    }

    fn collect(&self, _: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        match batch.job.as_str() {
            "text" => panic!("a literal"),
            "string" => panic!("batch {}", batch.id()),
            "number" => panic_any(7),
            "bomb" => panic_any(Bomb),
            _ => Ok(Collected::not_ready()),
        }
    }
}

/// A payload that panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload was dropped");
    }
}

#[test]
fn a_panic_in_open_is_a_fault_with_message_and_place() {
    let fault = FakeDaemon::open::<Panicking>(json!({ "open": "panics" }), &[])
        .err()
        .unwrap();
    assert_eq!(fault.kind, Kind::Garbled);
    is_panic_here(&fault.message, "no instance today");
}

#[test]
fn a_panic_in_a_call_is_a_fault_with_message_and_place() {
    let id = said::batch("string").found.id;
    for (job, message) in [
        ("text", "a literal"),
        ("string", &format!("batch {id}")),
        ("number", "no message"),
        ("bomb", "no message"),
    ] {
        let mut daemon = FakeDaemon::open::<Panicking>(json!({}), &[]).unwrap();
        let fault = daemon.collect(&said::batch(job)).unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Garbled, true));
        is_panic_here(&fault.message, message);
    }
}

#[test]
fn a_panic_poisons_its_instance_alone() {
    let table = table_of::<Panicking>();
    let (first, second) = (
        by_hand::open_with(&table, ""),
        by_hand::open_with(&table, ""),
    );
    let mut lender = Lender::default();
    first
        .collect(&mut lender, &said::batch("text"))
        .unwrap_err();
    assert!(first.is_poisoned());
    let again = first.collect(&mut lender, &said::batch("fine"));
    assert_eq!(
        again,
        Err(Fault::garbled(
            "the connector panicked before and was not opened anew"
        ))
    );
    let other = second.collect(&mut lender, &said::batch("fine"));
    assert_eq!(other, Ok(Collected::not_ready()));
    assert!(!second.is_poisoned());
}

/// Settings whose schema cannot be made.
#[derive(Deserialize)]
struct NoSchema;

impl JsonSchema for NoSchema {
    fn schema_name() -> Cow<'static, str> {
        "NoSchema".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        panic!("no schema today")
    }
}

struct Undescribed;

impl Connector for Undescribed {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = NoSchema;

    fn open(_: NoSchema, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }
}

#[test]
fn a_panic_in_describe_refuses_the_connector() {
    match by_hand::accept(&table_of::<Undescribed>()) {
        Err(Refusal::Manifest(why)) => is_panic_here(&why, "no schema today"),
        other => panic!("{other:?}"),
    }
}

fn is_panic_here(message: &str, expected: &str) {
    let place = message
        .strip_prefix("the connector panicked at ")
        .and_then(|rest| rest.strip_suffix(&format!(": {expected}")))
        .unwrap_or_else(|| panic!("{message}"));
    assert!(
        place.contains("tests/boundary/panics.rs:"),
        "no place of this file: {place}"
    );
}
