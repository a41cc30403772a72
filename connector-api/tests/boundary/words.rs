//! A newer side may say words that this one does not know. Each maps to its catch-all, alone and
//! with something that belongs to it; what is known but wrongly filled is an error.

use reissue_connector_api::abi::table::{ConnectorTable, FAULT, Given, Lent, RunTable};
use reissue_connector_api::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::by_hand;
use crate::lender::Lender;
use crate::said;

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn an_unknown_state_of_a_batch_is_running() {
    for unknown in [json!("paused"), json!({ "paused": { "until": "noon" } })] {
        assert_eq!(read(unknown), Ok(FoundState::Running));
    }
    assert!(read::<FoundState>(json!({ "failed": 7 })).is_err());
    assert!(read::<FoundState>(json!("failed")).is_err());
    assert!(read::<FoundState>(json!(["ready"])).is_err());
    assert!(read::<FoundState>(json!({ "ready": null, "failed": "x" })).is_err());
}

#[test]
fn an_unknown_answer_to_reconcile_is_unknowable() {
    for unknown in [json!("maybe"), json!({ "maybe": { "found": 1 } })] {
        assert_eq!(read(unknown), Ok(Reconciled::Unknowable));
    }
    assert!(read::<Reconciled>(json!({ "accepted": {} })).is_err());
}

#[test]
fn an_unknown_state_of_an_enrolment_is_pending() {
    for unknown in [json!("on-hold"), json!({ "on-hold": ["a", "b"] })] {
        assert_eq!(read(unknown), Ok(EnrolState::Pending));
    }
    let action = json!({ "action-needed": { "text": "sign", "since": "noon" } });
    assert_eq!(
        read(action),
        Ok(EnrolState::ActionNeeded {
            link: None,
            text: "sign".into()
        })
    );
    assert!(read::<EnrolState>(json!({ "action-needed": {} })).is_err());
}

#[test]
fn plain_words_have_their_catch_all() {
    assert_eq!(read(json!("throttled")), Ok(Kind::Garbled));
    assert_eq!(read(json!("imported")), Ok(Origin::Found));
    assert_eq!(read(json!("mirrored")), Ok(Pans::Both));
    assert_eq!(read(json!("predict")), Ok(Verb::Unknown));
}

#[test]
fn every_state_is_read_back_as_it_was_written() {
    let states = [
        EnrolState::Active,
        EnrolState::NotEnrolled,
        said::progress().state,
        EnrolState::Refused("no".into()),
        EnrolState::Pending,
    ];
    for state in states {
        assert_eq!(read(json!(state)), Ok(state));
    }
}

#[test]
fn an_unknown_word_for_what_collect_came_to_is_a_garbled_answer() {
    for unknown in ["\"abandoned\"", "{\"partial\":{\"totals\":{}}}"] {
        let fault = by_hand::open_with(&by_hand::table(), unknown)
            .collect(&mut Lender::default(), &said::batch("any"))
            .unwrap_err();
        assert_eq!(fault.kind, Kind::Garbled);
        assert!(
            fault
                .message
                .starts_with("the connector's answer to `collect` was not understood: "),
            "{fault}"
        );
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let reply = r#"[{"id":"7","state":{"frozen":1},"colour":"red","totals":{"seen":1}}]"#;
    let found = by_hand::open_with(&by_hand::table(), reply).discover(
        &mut Lender::default(),
        "listing",
        said::window(),
    );
    assert_eq!(found, Ok(vec![Found::new("7", FoundState::Running)]));
}

#[test]
fn a_fault_of_an_unknown_kind_keeps_its_message() {
    unsafe extern "C" fn call(
        _: *mut std::ffi::c_void,
        _: Lent,
        _: Lent,
        _: *const RunTable,
        reply: *mut Given,
    ) -> i32 {
        // SAFETY: the daemon gives a place for the reply.
        unsafe { by_hand::give(br#"{"kind":"throttled","message":"not now"}"#, reply) };
        FAULT
    }

    let table = ConnectorTable {
        call: Some(call),
        ..by_hand::table()
    };
    let outcome =
        by_hand::open_with(&table, "").collect(&mut Lender::default(), &said::batch("any"));
    assert_eq!(outcome, Err(Fault::new(Kind::Garbled, "not now")));
}
