//! A connector that calls the daemon when nothing is lent to it: after its call, or on a thread of
//! its own. It is refused, and no call that is under way notices.

use std::cell::Cell;
use std::ffi::c_void;

use reissue_connector_api::abi::table::{
    ConnectorTable, FAULT, Given, Lent, OK, RunTable, Sized32, UpdateRow,
};
use reissue_connector_api::*;

use crate::by_hand;
use crate::lender::Lender;
use crate::said;

const REFUSED: &str = "the connector called the daemon after its call had returned, or on another \
                       thread than the call's";

thread_local! {
    /// What the connector kept of its last call: the table, and a copy of it.
    static KEPT: Cell<Option<(*const RunTable, RunTable)>> = const { Cell::new(None) };
}

/// Keeps what was lent, and does what the settings say meanwhile.
fn keeper() -> ConnectorTable {
    unsafe extern "C" fn call(
        instance: *mut c_void,
        _: Lent,
        _: Lent,
        run: *const RunTable,
        reply: *mut Given,
    ) -> i32 {
        // SAFETY: the instance is the settings' text, the table is lent for this call.
        let (what, table) = unsafe { (&*instance.cast::<String>(), *run) };
        let refusal = match what.as_str() {
            "keep" => {
                KEPT.set(Some((run, table)));
                String::new()
            }
            "use the older one" => emit(&KEPT.get().unwrap().1).unwrap_err(),
            "use a thread" => {
                let table = Elsewhere(table);
                let thread = std::thread::spawn(move || emit(&{ table }.0));
                thread.join().unwrap().unwrap_err()
            }
            other => panic!("{other}"),
        };
        let found = [Found::new(refusal, FoundState::Running)];
        // SAFETY: the daemon gives a place for the reply.
        unsafe { by_hand::give(&serde_json::to_vec(&found).unwrap(), reply) };
        OK
    }

    ConnectorTable {
        call: Some(call),
        ..by_hand::table()
    }
}

/// A table on another thread, which is just what is not allowed.
struct Elsewhere(RunTable);

// SAFETY: the table's functions answer on every thread.
unsafe impl Send for Elsewhere {}

/// Reports an update, or returns the message of the fault.
fn emit(table: &RunTable) -> Result<(), String> {
    let mut out = Lent::NONE;
    // SAFETY: a function of the table with its context.
    let (status, bytes) = unsafe {
        let row = UpdateRow::EMPTY;
        let status = table.emit.unwrap()(table.context, &raw const row, &raw mut out);
        (status, out.bytes())
    };
    match status {
        OK => Ok(()),
        status => {
            assert_eq!(status, FAULT);
            let fault: Fault = serde_json::from_slice(bytes).unwrap();
            Err(fault.message)
        }
    }
}

/// Calls a connector with these settings; the id of the batch that it found.
fn call(settings: &str, lender: &mut Lender) -> String {
    let instance = by_hand::open_with(&keeper(), settings);
    let mut found = instance.discover(lender, "any", said::window()).unwrap();
    found.remove(0).id
}

#[test]
fn after_the_call_nothing_is_lent() {
    let mut lender = Lender::default();
    call("keep", &mut lender);
    let (table, copy) = KEPT.get().unwrap();
    // SAFETY: tables are never freed.
    let table = unsafe { &*table };
    for table in [table, &copy] {
        assert_eq!(emit(table), Err(REFUSED.to_owned()));
        let context = table.context;
        let mut place = [0_u8; 4];
        // SAFETY: functions of the table with its context.
        unsafe {
            assert_eq!(table.now.unwrap()(context), 0);
            assert_eq!(table.cancelled.unwrap()(context), 1);
            table.random.unwrap()(context, place.as_mut_ptr(), place.len());
            table.log.unwrap()(context, 1, Lent::of(b"late"));
        }
        assert_eq!(place, [0; 4]);
    }
    assert_eq!((lender.updates.len(), lender.log.len()), (0, 0));
}

#[test]
fn a_later_call_is_not_confused_with_an_older_one() {
    call("keep", &mut Lender::default());
    let mut lender = Lender::default();
    assert_eq!(call("use the older one", &mut lender), REFUSED);
    assert_eq!(lender.updates.len(), 0);
}

#[test]
fn another_thread_than_the_calls_is_refused() {
    let mut lender = Lender::default();
    assert_eq!(call("use a thread", &mut lender), REFUSED);
    assert_eq!(lender.updates.len(), 0);
}
