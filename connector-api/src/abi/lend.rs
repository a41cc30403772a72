//! What the daemon lends, as the C functions of a `RunTable`: each finds the host of the call, runs
//! it guarded, and lends what it returns.
//!
//! A connector may keep the table and call back when its call is over, or on a thread of its own. So
//! `context` is a number and no address: a callback is served only if it is the number of the call
//! that is under way on the very thread, and is refused otherwise without a look at any memory of
//! the call's.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::current::Current;
use super::host::{Host, to_json};
use super::received::{bad_row, related_of, update_of};
use super::table::{AskRow, END, FAULT, Lent, OK, RunTable, Sized32, UpdateRow};
use crate::card::{Expiry, Pan};
use crate::fault::{Fault, Kind};
use crate::run::{Level, Request};

/// A defect of ours. The message of the panic is in the daemon's log.
const PANICKED: &str = "the daemon panicked in what it lends; please report it";

/// The answer to a callback that belongs to no call of its thread.
const NOT_LENT: &[u8] = br#"{"kind":"unsupported","message":"the connector called the daemon after its call had returned, or on another thread than the call's"}"#;

/// What is lent for one call: its host, and the last fault or head lent.
pub(super) struct Lending<'h> {
    host: &'h mut dyn Host,
    out: Vec<u8>,
    /// The first failure of the loan. A connector's parser may wrap it and its code may ignore it,
    /// so it is remembered here, and nothing more is lent.
    failed: Option<Fault>,
}

impl<'h> Lending<'h> {
    pub(super) fn of(host: &'h mut dyn Host) -> Self {
        Self {
            host,
            out: Vec::new(),
            failed: None,
        }
    }

    /// What the call came to. One whose loan failed has failed, whatever the connector made of it:
    /// it may know better why (an error status whose body broke off), but not by calling the answer
    /// garbled, which is what a parser says of a broken connection.
    pub(super) fn settle<T>(self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        match (self.failed, outcome) {
            // What the connector was doing is worth knowing too.
            (Some(ours), Err(theirs)) if theirs.message.ends_with(&ours.message) => Err(Fault {
                message: theirs.message,
                ..ours
            }),
            (Some(ours), Err(theirs))
                if ours.kind != Kind::Cancelled && theirs.kind != Kind::Garbled =>
            {
                Err(theirs)
            }
            (Some(ours), _) => Err(ours),
            (None, outcome) => outcome,
        }
    }

    /// Runs a call with a table that lends from this host, on this thread and until it returns.
    pub(super) fn during<T>(&mut self, call: impl FnOnce(*const RunTable) -> T) -> T {
        let current = Current::begin((&raw mut *self).cast());
        call(current.table(TABLE))
    }
}

/// The functions of every call's table.
const TABLE: RunTable = RunTable {
    http: Some(http),
    read: Some(read),
    emit: Some(emit),
    next_card: Some(next_card),
    now: Some(now),
    random: Some(random),
    cancelled: Some(cancelled),
    log: Some(log),
    ..RunTable::EMPTY
};

/// The loan of the call under way, if `context` is that call's and this its thread.
///
/// # Safety
/// The reference must be gone when the callback returns.
unsafe fn lending<'l>(context: *mut c_void) -> Option<&'l mut Lending<'l>> {
    let lending = Current::lending(context)?;
    // SAFETY: `during` put it there and does not touch it before the call returns; a callback runs
    // no other callback.
    Some(unsafe { &mut *lending.cast::<Lending<'_>>() })
}

/// Runs one callback. A panic of ours must not unwind through the connector's frames.
unsafe fn lend(
    context: *mut c_void,
    out: *mut Lent,
    callback: impl FnOnce(&mut dyn Host) -> Result<Loan, Fault>,
) -> i32 {
    // SAFETY: used in this callback only.
    let (status, lent) = match unsafe { lending(context) } {
        None => (FAULT, Lent::of(NOT_LENT)),
        Some(lending) => lending.serve(callback),
    };
    if !out.is_null() {
        // SAFETY: the connector gives a place.
        unsafe { out.write(lent) };
    }
    status
}

impl Lending<'_> {
    fn serve(
        &mut self,
        callback: impl FnOnce(&mut dyn Host) -> Result<Loan, Fault>,
    ) -> (i32, Lent) {
        let outcome = match self.failed.clone() {
            Some(fault) => Err(fault),
            None => catch_unwind(AssertUnwindSafe(|| callback(&mut *self.host)))
                .unwrap_or_else(|_| Err(Fault::new(Kind::Busy, PANICKED).sent())),
        };
        match outcome {
            Ok(Loan::Nothing) => (OK, Lent::NONE),
            Ok(Loan::End) => (END, Lent::NONE),
            Ok(Loan::Slice(lent)) => (OK, lent),
            Ok(Loan::Document(bytes)) => {
                self.out = bytes;
                (OK, Lent::of(&self.out))
            }
            Err(fault) => {
                self.out = serde_json::to_vec(&fault).unwrap_or_default();
                self.failed = Some(fault);
                (FAULT, Lent::of(&self.out))
            }
        }
    }
}

/// What a callback lends to the connector.
enum Loan {
    Nothing,
    End,
    Slice(Lent),
    Document(Vec<u8>),
}

unsafe extern "C" fn http(context: *mut c_void, request: Lent, body: Lent, out: *mut Lent) -> i32 {
    // SAFETY: the connector lends both for this call.
    let (request, body) = unsafe { (request.bytes(), body.bytes()) };
    // SAFETY: called by the connector with the table's context.
    unsafe {
        lend(context, out, |host| {
            let mut request: Request = serde_json::from_slice(request).map_err(|error| {
                Fault::garbled(format!("the request was not understood: {error}"))
            })?;
            request.body = (!body.is_empty()).then(|| body.to_vec().into());
            to_json(&host.http(request)?).map(Loan::Document)
        })
    }
}

unsafe extern "C" fn read(context: *mut c_void, response: u64, out: *mut Lent) -> i32 {
    // SAFETY: called by the connector with the table's context.
    unsafe {
        lend(context, out, |host| {
            host.read(response)
                .map(|piece| Loan::Slice(Lent::of(piece)))
        })
    }
}

unsafe extern "C" fn emit(context: *mut c_void, row: *const UpdateRow, out: *mut Lent) -> i32 {
    // SAFETY: called by the connector with the table's context; the row and all it points at are
    // lent for this call.
    unsafe {
        lend(context, out, |host| {
            let row = UpdateRow::read(row).ok_or_else(bad_row)?;
            let related = related_of(&row)?;
            host.emit(&update_of(&row, &related)?)
                .map(|()| Loan::Nothing)
        })
    }
}

unsafe extern "C" fn next_card(context: *mut c_void, row: *mut AskRow, out: *mut Lent) -> i32 {
    // SAFETY: called by the connector with the table's context; the row says its own size, and what
    // the host lends stays until its next card.
    unsafe {
        lend(context, out, |host| {
            let Some(card) = host.next_card()? else {
                return Ok(Loan::End);
            };
            let mut filled = AskRow::read(row).ok_or_else(bad_row)?;
            let size = (filled.size as usize).min(size_of::<AskRow>());
            filled.expiry_year = card.expiry.map_or(0, Expiry::year);
            filled.expiry_month = card.expiry.map_or(0, Expiry::month);
            filled.key = Lent::of(card.key.as_bytes());
            filled.pan = Lent::of(card.pan.map_or("", Pan::expose).as_bytes());
            filled.token = Lent::of(card.token.as_bytes());
            filled.token_kind = Lent::of(card.token_kind.as_bytes());
            filled.se_number = Lent::of(card.se_number.as_bytes());
            std::ptr::copy_nonoverlapping((&raw const filled).cast::<u8>(), row.cast::<u8>(), size);
            Ok(Loan::Nothing)
        })
    }
}

unsafe extern "C" fn now(context: *mut c_void) -> i64 {
    // SAFETY: used in this callback only.
    let Some(lending) = (unsafe { lending(context) }) else {
        return 0;
    };
    catch_unwind(AssertUnwindSafe(|| lending.host.now().timestamp_micros())).unwrap_or(0)
}

unsafe extern "C" fn random(context: *mut c_void, ptr: *mut u8, len: usize) {
    // SAFETY: used in this callback only.
    let Some(lending) = (unsafe { lending(context) }) else {
        return;
    };
    if ptr.is_null() || len == 0 {
        return;
    }
    // SAFETY: the connector gives a place of `len` bytes.
    let place = unsafe { std::slice::from_raw_parts_mut(ptr, len) };
    // A panic leaves the place as it was; the host's generator aborts rather than be predictable.
    let _ = catch_unwind(AssertUnwindSafe(|| lending.host.random(place)));
}

unsafe extern "C" fn cancelled(context: *mut c_void) -> i32 {
    // SAFETY: used in this callback only.
    let Some(lending) = (unsafe { lending(context) }) else {
        return 1;
    };
    catch_unwind(AssertUnwindSafe(|| i32::from(lending.host.cancelled()))).unwrap_or(1)
}

unsafe extern "C" fn log(context: *mut c_void, level: i32, text: Lent) {
    // SAFETY: used in this callback only.
    let Some(lending) = (unsafe { lending(context) }) else {
        return;
    };
    // SAFETY: the text is lent for this call.
    let text = unsafe { text.bytes() };
    let level = match level {
        ..=1 => Level::Error,
        2 => Level::Warn,
        3 => Level::Info,
        4.. => Level::Debug,
    };
    let _ = catch_unwind(AssertUnwindSafe(|| {
        lending.host.log(level, &String::from_utf8_lossy(text));
    }));
}
