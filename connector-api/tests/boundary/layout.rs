//! The layout of everything that crosses, pinned: `layout.txt` is what connectors in the field were
//! built for. The Rust types and the C header must both agree with it, byte for byte.

use std::fmt::Write;
use std::mem::{align_of, offset_of, size_of};
use std::path::Path;
use std::process::Command;

use reissue_connector_api::Level;
use reissue_connector_api::abi::table::{
    AskRow, CardRow, ConnectorTable, END, FAULT, Given, Lent, NO_TIME, NOT_KNOWN, OK, PANICKED,
    PANICS_ABORT, RelatedRow, RunTable, SYMBOL, UpdateRow,
};

const PINNED: &str = include_str!("../layout.txt");

/// A type with all its fields; one that is forgotten does not compile.
macro_rules! layout {
    ($text:ident: $($type:ident { $($field:ident),* })*) => {$(
        writeln!(
            $text,
            "{} is {} bytes, aligned to {}",
            stringify!($type), size_of::<$type>(), align_of::<$type>()
        ).unwrap();
        $(writeln!(
            $text,
            "{}.{} at {}, {} bytes",
            stringify!($type), stringify!($field), offset_of!($type, $field),
            size_of_field(|it: &$type| &raw const it.$field)
        ).unwrap();)*
        const _: fn($type) = |$type { $($field: _),* }| {};
    )*};
}

macro_rules! constants {
    ($text:ident: $($name:ident $value:expr;)*) => {
        $(writeln!($text, "{} is {}", stringify!($name), $value).unwrap();)*
    };
}

#[test]
fn the_types_have_the_pinned_layout() {
    let mut text = String::new();
    layout! { text:
        Lent { ptr, len }
        Given { ptr, len, release }
        CardRow { size, expiry_year, expiry_month, instrument_identifier_created, token, pan, pan_masked, brand, funding, customer, payment_instrument, instrument_identifier }
        RelatedRow { size, reserved, customer, payment_instrument, creator, state, message }
        UpdateRow { size, billable, reserved, reported_at, record, reference, outcome, provider_code, provider_reason, provider_message, se_number, old, new, related, related_len }
        AskRow { size, expiry_year, expiry_month, reserved, key, pan, token, token_kind, se_number }
        RunTable { size, reserved, context, http, read, emit, next_card, now, random, cancelled, log }
        ConnectorTable { size, flags, built_with, describe, open, call, close }
    }
    constants! { text:
        OK OK;
        END END;
        FAULT FAULT;
        PANICKED PANICKED;
        PANICS_ABORT PANICS_ABORT;
        NOT_KNOWN NOT_KNOWN;
        NO_TIME NO_TIME;
        ERROR Level::Error as i32;
        WARN Level::Warn as i32;
        INFO Level::Info as i32;
        DEBUG Level::Debug as i32;
    }
    same(&text);
    assert_eq!(SYMBOL, "reissue_connector_v0");
}

fn size_of_field<T, F>(_: impl Fn(&T) -> *const F) -> usize {
    size_of::<F>()
}

#[test]
fn the_c_header_has_the_pinned_layout() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layout");
    let compiled = Command::new("cc")
        .args([
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-I",
        ])
        .arg(here.join("include"))
        .arg(here.join("tests/layout.c"))
        .arg("-o")
        .arg(&program)
        .status();
    assert!(compiled.unwrap().success(), "layout.c does not compile");
    let ran = Command::new(program).output().unwrap();
    same(&String::from_utf8(ran.stdout).unwrap());
}

fn same(text: &str) {
    let ended = "(the end)";
    let lines = |text| str::lines(text).chain([ended]);
    for (line, pinned) in lines(text).zip(lines(PINNED)) {
        assert_eq!(
            line, pinned,
            "connectors in the field were built for the other"
        );
    }
}
