//! A table that cannot be trusted is refused, in words that an operator can act on.

use reissue_connector_api::abi::host::{Loaded, Refusal};
use reissue_connector_api::abi::table::{ConnectorTable, FAULT, Given, Lent, OK, PANICS_ABORT};

use crate::by_hand;

fn refusal(table: &ConnectorTable) -> String {
    by_hand::accept(table).unwrap_err().to_string()
}

#[test]
fn no_table() {
    // SAFETY: null is allowed.
    let refusal = unsafe { Loaded::accept(std::ptr::null()) }.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "its table is null or says a size that no table has"
    );
}

#[test]
fn a_size_that_cannot_be_true() {
    for size in [0, 4, 7, 12, 57] {
        let table = ConnectorTable {
            size,
            ..by_hand::table()
        };
        assert_eq!(by_hand::accept(&table).unwrap_err(), Refusal::NoTable);
    }
}

#[test]
fn built_so_that_a_panic_would_end_the_daemon() {
    let table = ConnectorTable {
        flags: PANICS_ABORT | 1 << 31,
        ..by_hand::table()
    };
    assert_eq!(
        refusal(&table),
        "it was built with panic = \"abort\", so a panic in it would end the daemon: rebuild it \
         with panic = \"unwind\""
    );
}

#[test]
fn flags_that_nobody_knows_are_ignored() {
    let table = ConnectorTable {
        flags: !PANICS_ABORT,
        ..by_hand::table()
    };
    assert!(by_hand::accept(&table).is_ok());
}

#[test]
fn a_function_is_missing() {
    let whole = by_hand::table();
    let without = [
        (
            "describe",
            ConnectorTable {
                describe: None,
                ..whole
            },
        ),
        (
            "open",
            ConnectorTable {
                open: None,
                ..whole
            },
        ),
        (
            "call",
            ConnectorTable {
                call: None,
                ..whole
            },
        ),
        (
            "close",
            ConnectorTable {
                close: None,
                ..whole
            },
        ),
    ];
    for (function, table) in without {
        assert_eq!(
            refusal(&table),
            format!("its table lacks the function `{function}`")
        );
    }
}

#[test]
fn a_function_that_lies_behind_the_tables_end_is_missing() {
    for (size, function) in [(8, "describe"), (32, "open"), (40, "call"), (48, "close")] {
        let table = ConnectorTable {
            size,
            ..by_hand::table()
        };
        assert_eq!(
            refusal(&table),
            format!("its table lacks the function `{function}`")
        );
    }
}

#[test]
fn a_manifest_that_cannot_be_read() {
    unsafe extern "C" fn garbage(reply: *mut Given) -> i32 {
        // SAFETY: the daemon gives a place for the reply.
        unsafe { by_hand::give(b"{\"manifest\": {\"name\": 7}}", reply) };
        OK
    }
    unsafe extern "C" fn nothing(_: *mut Given) -> i32 {
        OK
    }
    unsafe extern "C" fn unwilling(reply: *mut Given) -> i32 {
        let fault = br#"{"kind":"unsupported","message":"no licence"}"#;
        // SAFETY: as above.
        unsafe { by_hand::give(fault, reply) };
        FAULT
    }
    unsafe extern "C" fn silent(_: *mut Given) -> i32 {
        FAULT
    }

    let described_by = |describe| ConnectorTable {
        describe: Some(describe),
        ..by_hand::table()
    };
    assert_eq!(
        refusal(&described_by(garbage)),
        "its manifest cannot be read: invalid type: integer `7`, expected a string at line 1 \
         column 23"
    );
    assert_eq!(
        refusal(&described_by(nothing)),
        "its manifest cannot be read: EOF while parsing a value at line 1 column 0"
    );
    assert_eq!(
        refusal(&described_by(unwilling)),
        "its manifest cannot be read: no licence"
    );
    assert_eq!(
        refusal(&described_by(silent)),
        "its manifest cannot be read: the connector failed without saying why"
    );
}

#[test]
fn who_built_it_is_shown_whatever_the_bytes() {
    let table = ConnectorTable {
        built_with: Lent::of(b"gcc \xff"),
        ..by_hand::table()
    };
    let loaded = by_hand::accept(&table).unwrap();
    assert_eq!(loaded.built_with(), "gcc \u{fffd}");
}
