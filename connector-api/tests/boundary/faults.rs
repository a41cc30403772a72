//! Faults cross with all they say, in both directions.

use std::ffi::c_void;
use std::time::Duration;

use reissue_connector_api::abi::author::table_of;
use reissue_connector_api::abi::table::{ConnectorTable, FAULT, Given, Lent, RunTable, Sized32};
use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::*;
use serde_json::{Value, json};

use crate::by_hand;
use crate::everything::MANIFEST;
use crate::lender::Lender;
use crate::said;

/// Fails with the fault that the batch's job spells, or does with the daemon's what it says.
struct Failing;

impl Connector for Failing {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let emit = || run.emit(&Update::new(Outcome::Valid));
        match batch.job.as_str() {
            "emit" => emit()?,
            "wrap" => emit().map_err(|why| Fault::garbled(format!("record 7: {}", why.message)))?,
            "swallow" => _ = (emit(), emit()),
            fault => return Err(serde_json::from_str(fault).unwrap()),
        }
        Ok(Collected::not_ready())
    }
}

#[test]
fn a_fault_of_every_kind_arrives_as_it_was_given() {
    let mut daemon = FakeDaemon::open::<Failing>(json!({}), &[]).unwrap();
    let kinds = [
        Kind::Settings,
        Kind::Credentials,
        Kind::Refused,
        Kind::Busy,
        Kind::Unreachable,
        Kind::Garbled,
        Kind::Gone,
        Kind::Cancelled,
        Kind::Unsupported,
    ];
    for kind in kinds {
        for sent in [false, true] {
            for retry_after in [None, Some(Duration::from_secs(90))] {
                let fault = Fault {
                    kind,
                    sent,
                    message: format!("{} – \"ü\"", kind.as_str()),
                    retry_after,
                };
                let batch = said::batch(&serde_json::to_string(&fault).unwrap());
                assert_eq!(daemon.collect(&batch), Err(fault));
            }
        }
    }
}

#[test]
fn a_fault_of_the_daemons_reaches_the_connector_whole() {
    let fault = Fault::new(Kind::Unreachable, "the disk is full")
        .sent()
        .retry_after(Some(Duration::from_secs(60)));
    let mut lender = Lender {
        no_update: Some(fault.clone()),
        ..Lender::default()
    };
    let instance = by_hand::open_with(&table_of::<Failing>(), "");
    let outcome = instance.collect(&mut lender, &said::batch("emit"));
    assert_eq!(outcome, Err(fault));
}

#[test]
fn a_fault_of_the_daemons_fails_the_call_whatever_the_connector_makes_of_it() {
    let fault = Fault::new(Kind::Unreachable, "the disk is full");
    for (job, message) in [
        ("swallow", "the disk is full"),
        ("wrap", "record 7: the disk is full"),
    ] {
        let mut lender = Lender {
            no_update: Some(fault.clone()),
            ..Lender::default()
        };
        let instance = by_hand::open_with(&table_of::<Failing>(), "");
        let outcome = instance.collect(&mut lender, &said::batch(job));
        assert_eq!(outcome, Err(Fault::new(Kind::Unreachable, message)));
        assert_eq!(lender.updates, [], "nothing more is lent");
    }
}

#[test]
fn a_panic_of_the_daemons_ends_the_call_and_not_the_connector() {
    let mut lender = Lender {
        panics: true,
        ..Lender::default()
    };
    let instance = by_hand::open_with(&table_of::<Failing>(), "");
    let outcome = instance.collect(&mut lender, &said::batch("emit"));
    let expected = Fault::new(
        Kind::Busy,
        "the daemon panicked in what it lends; please report it",
    );
    assert_eq!(outcome, Err(expected.sent()));
    assert!(!instance.is_poisoned());
}

#[test]
fn a_verb_that_no_version_knows_is_unsupported() {
    let called = call_by_hand(b"teleport", b"{}");
    assert_eq!(called, (FAULT, Fault::unsupported("teleport")));
    let called = call_by_hand(b"\xff", b"{}");
    assert_eq!(called, (FAULT, Fault::unsupported("")));
}

#[test]
fn a_request_that_cannot_be_read_is_garbled() {
    for request in [&b""[..], b"{", b"{\"batch\":7}", b"\xff"] {
        let (status, fault) = call_by_hand(b"collect", request);
        assert_eq!((status, fault.kind), (FAULT, Kind::Garbled));
        assert!(
            fault
                .message
                .starts_with("the daemon's message was not understood: "),
            "{fault}"
        );
    }
}

/// Calls a verb as a daemon of another version might, and reads the fault.
fn call_by_hand(verb: &[u8], request: &[u8]) -> (i32, Fault) {
    let table = table_of::<Failing>();
    let open_request = json!({
        "settings": {},
        "account": { "name": "a", "authority": "h", "secrets": {} },
    })
    .to_string();
    let mut instance = std::ptr::null_mut();
    let (mut opened, mut reply) = (Given::NONE, Given::NONE);
    let run = RunTable::EMPTY;
    // SAFETY: the table's own functions, in their order, with places for all they write.
    unsafe {
        let open = table.open.unwrap();
        open(
            Lent::of(open_request.as_bytes()),
            &raw mut instance,
            &raw mut opened,
        );
        let status = table.call.unwrap()(
            instance,
            Lent::of(verb),
            Lent::of(request),
            &raw const run,
            &raw mut reply,
        );
        table.close.unwrap()(instance);
        opened.take();
        let fault = serde_json::from_slice(&reply.take()).unwrap();
        (status, fault)
    }
}

#[test]
fn a_failure_without_a_readable_reason_is_still_a_fault() {
    unsafe extern "C" fn call(
        _: *mut c_void,
        _: Lent,
        _: Lent,
        _: *const RunTable,
        _: *mut Given,
    ) -> i32 {
        FAULT
    }

    let table = ConnectorTable {
        call: Some(call),
        ..by_hand::table()
    };
    let outcome =
        by_hand::open_with(&table, "").collect(&mut Lender::default(), &said::batch("any"));
    let expected = Fault::garbled("the connector failed without saying why");
    assert_eq!(outcome, Err(expected));
}
