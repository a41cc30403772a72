//! A connector made by hand, as one in C would be: it answers every verb with the document that its
//! settings give it, and a test puts its own functions in place of these.

use std::ffi::c_void;

use reissue_connector_api::abi::host::{Instance, Loaded, Refusal};
use reissue_connector_api::abi::table::{ConnectorTable, Given, Lent, OK, RunTable, Sized32};
use reissue_connector_api::{Account, Secrets};
use serde_json::{Value, json};

use crate::everything::MANIFEST;

/// A whole table. `open` keeps the settings' `reply` for `call` to answer with.
pub(crate) fn table() -> ConnectorTable {
    ConnectorTable {
        describe: Some(describe),
        open: Some(open),
        call: Some(call),
        close: Some(close),
        ..ConnectorTable::EMPTY
    }
}

pub(crate) fn accept(table: &ConnectorTable) -> Result<Loaded, Refusal> {
    // SAFETY: the table says a size that it has, and its functions are part of this program.
    unsafe { Loaded::accept(&raw const *table) }
}

/// An instance of the table that answers every verb with `reply`.
pub(crate) fn open_with(table: &ConnectorTable, reply: &str) -> Instance {
    let account = Account {
        name: "test-account".into(),
        authority: "provider.test".into(),
        secrets: Secrets::default(),
    };
    let loaded = accept(table).unwrap();
    loaded.open(json!({ "reply": reply }), &account).unwrap()
}

/// Gives a document away.
pub(crate) unsafe fn give(document: &[u8], reply: *mut Given) {
    // SAFETY: the daemon gives a place for the reply.
    unsafe { reply.write(Given::of(document.to_vec())) };
}

unsafe extern "C" fn describe(reply: *mut Given) -> i32 {
    let description = json!({ "manifest": MANIFEST, "settings": {} }).to_string();
    // SAFETY: as in `give`.
    unsafe { give(description.as_bytes(), reply) };
    OK
}

unsafe extern "C" fn open(request: Lent, instance: *mut *mut c_void, _: *mut Given) -> i32 {
    // SAFETY: the request is lent for this call.
    let request: Value = serde_json::from_slice(unsafe { request.bytes() }).unwrap();
    let reply = request["settings"]["reply"].as_str().unwrap().to_owned();
    // SAFETY: the daemon gives a place for the pointer.
    unsafe { instance.write(Box::into_raw(Box::new(reply)).cast()) };
    OK
}

unsafe extern "C" fn call(
    instance: *mut c_void,
    _: Lent,
    _: Lent,
    _: *const RunTable,
    reply: *mut Given,
) -> i32 {
    // SAFETY: the instance is what `open` made.
    let document = unsafe { &*instance.cast::<String>() };
    // SAFETY: as in `give`.
    unsafe { give(document.as_bytes(), reply) };
    OK
}

unsafe extern "C" fn close(instance: *mut c_void) {
    // SAFETY: the instance is what `open` made, and nobody uses it any more.
    drop(unsafe { Box::from_raw(instance.cast::<String>()) });
}
