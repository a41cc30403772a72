//! The connector's side of the boundary: a table made from a `Connector`, and the daemon's loan as
//! safe calls.

use std::any::Any;
use std::cell::Cell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::message::{self, Description, verb};
use super::table::{
    AskRow, CardRow, ConnectorTable, END, FAULT, Given, Lent, NO_TIME, NOT_KNOWN, OK, PANICKED,
    PANICS_ABORT, RelatedRow, RunTable, Sized32, UpdateRow,
};
use crate::Connector;
use crate::card::{Expiry, Pan};
use crate::fault::{Fault, Kind};
use crate::run::{Head, Level, Request, Run};
use crate::submission::CardToAsk;
use crate::update::{Card, Update};

/// The table of a connector. [`export_connector!`](crate::export_connector) exports it.
pub const fn table_of<C: Connector>() -> ConnectorTable {
    ConnectorTable {
        flags: if cfg!(panic = "abort") {
            PANICS_ABORT
        } else {
            0
        },
        built_with: Lent::of(
            concat!("reissue-connector-api ", env!("CARGO_PKG_VERSION")).as_bytes(),
        ),
        describe: Some(describe::<C>),
        open: Some(open::<C>),
        call: Some(call::<C>),
        close: Some(close::<C>),
        ..ConnectorTable::EMPTY
    }
}

unsafe extern "C" fn describe<C: Connector>(reply: *mut Given) -> i32 {
    guard(reply, PANICKED, || {
        let description = Description {
            manifest: C::MANIFEST,
            settings: schemars::schema_for!(C::Settings).into(),
        };
        write_json(&description)
    })
}

unsafe extern "C" fn open<C: Connector>(
    request: Lent,
    instance: *mut *mut c_void,
    reply: *mut Given,
) -> i32 {
    guard(reply, PANICKED, || {
        // SAFETY: the daemon lends the request for this call.
        let request: message::OpenOwned = read_json(unsafe { request.bytes() })?;
        let settings = serde_json::from_value(request.settings)
            .map_err(|error| Fault::settings(error.to_string()))?;
        let connector = Box::new(C::open(settings, &request.account)?);
        // SAFETY: the daemon gives a place for the pointer.
        unsafe { instance.write(Box::into_raw(connector).cast()) };
        Ok(Vec::new())
    })
}

unsafe extern "C" fn call<C: Connector>(
    instance: *mut c_void,
    verb: Lent,
    request: Lent,
    run: *const RunTable,
    reply: *mut Given,
) -> i32 {
    guard(reply, PANICKED, || {
        // SAFETY: `instance` comes from `open` and is not closed while a call is under way; the
        // others are lent for this call, and the daemon's table says its own size.
        let (connector, verb, request, table) = unsafe {
            (
                &*instance.cast::<C>(),
                verb.bytes(),
                request.bytes(),
                RunTable::read(run).unwrap_or(RunTable::EMPTY),
            )
        };
        let run = Run {
            handle: RunHandle {
                table: &table,
                _one_thread: std::marker::PhantomData,
            },
        };
        serve(
            connector,
            std::str::from_utf8(verb).unwrap_or_default(),
            request,
            &run,
        )
    })
}

unsafe extern "C" fn close<C: Connector>(instance: *mut c_void) {
    guard(std::ptr::null_mut(), PANICKED, || {
        // SAFETY: `instance` comes from `open`, is closed once and used by nobody else.
        drop(unsafe { Box::from_raw(instance.cast::<C>()) });
        Ok(Vec::new())
    });
}

/// Which verb is which method.
fn serve<C: Connector>(
    connector: &C,
    verb: &str,
    request: &[u8],
    run: &Run<'_>,
) -> Result<Vec<u8>, Fault> {
    match verb {
        verb::ENROL => {
            let request: message::Enrol = read_json(request)?;
            write_json(&connector.enrol(run, &request.so_far)?)
        }
        verb::DISCOVER => {
            let request: message::Discover = read_json(request)?;
            write_json(&connector.discover(run, &request.job, request.window)?)
        }
        verb::SUBMIT => {
            let request: message::Submit = read_json(request)?;
            write_json(&connector.submit(run, &request.job, &request.submission)?)
        }
        verb::RECONCILE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.reconcile(run, &request.submission)?)
        }
        verb::SUBSCRIBE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.subscribe(run, &request.submission)?)
        }
        verb::UNSUBSCRIBE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.unsubscribe(run, &request.submission)?)
        }
        verb::RECEIVE => {
            let request: message::Receive = read_json(request)?;
            write_json(&connector.receive(&request.notification)?)
        }
        verb::COLLECT => {
            let request: message::Collect = read_json(request)?;
            write_json(&connector.collect(run, &request.batch)?)
        }
        unknown => Err(Fault::unsupported(unknown)),
    }
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| {
        Fault::garbled(format!("the daemon's message was not understood: {error}"))
    })
}

fn write_json<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value)
        .map_err(|error| Fault::garbled(format!("the answer cannot be written: {error}")))
}

/// Runs one entry point: its answer or its fault goes into `reply`, a panic becomes a fault with
/// message and place. `panicked` is what to return then; it is an argument so that nobody forgets
/// to decide.
fn guard(reply: *mut Given, panicked: i32, entry: impl FnOnce() -> Result<Vec<u8>, Fault>) -> i32 {
    note_panics();
    INSIDE.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(entry));
    INSIDE.set(false);
    let (status, bytes) = match outcome {
        Ok(Ok(bytes)) => (OK, bytes),
        Ok(Err(fault)) => (FAULT, serde_json::to_vec(&fault).unwrap_or_default()),
        Err(payload) => {
            let fault = Fault::garbled(describe_panic(payload.as_ref()));
            // Dropping a payload may panic in its turn, and this frame must not unwind.
            std::mem::forget(payload);
            (panicked, serde_json::to_vec(&fault).unwrap_or_default())
        }
    };
    if !reply.is_null() {
        // SAFETY: the daemon gives a place for the reply.
        unsafe { reply.write(Given::of(bytes)) };
    }
    status
}

thread_local! {
    /// Whether this thread is inside an entry point of the connector.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static PANIC_PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// A connector has its own copy of std, so the daemon's panic hook does not see its panics. This one
/// keeps the place of a panic inside an entry point instead of printing it beside the daemon's log.
fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                PANIC_PLACE.set(info.location().map(ToString::to_string));
            } else {
                before(info);
            }
        }));
    });
}

fn describe_panic(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    match PANIC_PLACE.take() {
        Some(place) => format!("the connector panicked at {place}: {message}"),
        None => format!("the connector panicked: {message}"),
    }
}

/// The daemon's loan. A function that the daemon's table lacks is a fault, never a crash.
pub(crate) struct RunHandle<'a> {
    table: &'a RunTable,
    /// A loan stays on its thread.
    _one_thread: std::marker::PhantomData<*const ()>,
}

impl RunHandle<'_> {
    pub(crate) fn http(&self, request: &Request) -> Result<Head, Fault> {
        let http = self.table.http.ok_or_else(|| lacks("http"))?;
        let document = write_json(request)?;
        let body = Lent::of(request.body.as_deref().unwrap_or_default());
        let mut out = Lent::NONE;
        // SAFETY: the table's functions are called with its context, on the call's thread; what is
        // lent lives until the function returns.
        let status = unsafe { http(self.table.context, Lent::of(&document), body, &raw mut out) };
        // SAFETY: `out` is lent until the next `http`.
        read_json(answer(status, unsafe { out.bytes() })?)
    }

    pub(crate) fn read(&self, response: u64) -> Result<&[u8], Fault> {
        let read = self.table.read.ok_or_else(|| lacks("read"))?;
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; `Response::chunk` borrows the response mutably, so the piece is not
        // used past the next `read`.
        unsafe {
            let status = read(self.table.context, response, &raw mut out);
            answer(status, out.bytes())
        }
    }

    pub(crate) fn emit(&self, update: &Update<'_>) -> Result<(), Fault> {
        let emit = self.table.emit.ok_or_else(|| lacks("emit"))?;
        let old = card_row(&update.old);
        let new = update.outcome.new_card().map(card_row);
        let related: Vec<RelatedRow> = update
            .related
            .iter()
            .map(|related| RelatedRow {
                customer: text(related.customer),
                payment_instrument: text(related.payment_instrument),
                creator: text(related.creator),
                state: text(related.state),
                message: text(related.message),
                ..RelatedRow::EMPTY
            })
            .collect();
        let row = UpdateRow {
            billable: tri_state(update.billable),
            reported_at: update
                .reported_at
                .map_or(NO_TIME, |time| time.timestamp_micros()),
            record: text(update.record),
            reference: text(update.reference),
            outcome: text(update.outcome.as_str()),
            provider_code: text(update.provider_code),
            provider_reason: text(update.provider_reason),
            provider_message: text(update.provider_message),
            se_number: text(update.se_number),
            old: &raw const old,
            new: new.as_ref().map_or(std::ptr::null(), |new| &raw const *new),
            related: related.as_ptr(),
            related_len: related.len(),
            ..UpdateRow::EMPTY
        };
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; the row and all it points at live until `emit` returns.
        unsafe {
            let status = emit(self.table.context, &raw const row, &raw mut out);
            answer(status, out.bytes()).map(drop)
        }
    }

    pub(crate) fn next_card(
        &self,
        with: &mut dyn FnMut(CardToAsk<'_>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        let next_card = self.table.next_card.ok_or_else(|| lacks("next_card"))?;
        let mut row = AskRow::EMPTY;
        let mut out = Lent::NONE;
        // SAFETY: as in `http`; the row says its own size.
        let status = unsafe { next_card(self.table.context, &raw mut row, &raw mut out) };
        if status == END {
            return Ok(false);
        }
        // SAFETY: the texts are lent until the next `next_card`, and `with` returns before.
        let (key, pan, token, token_kind, se_number) = unsafe {
            answer(status, out.bytes())?;
            (
                utf8(row.key.bytes())?,
                utf8(row.pan.bytes())?,
                utf8(row.token.bytes())?,
                utf8(row.token_kind.bytes())?,
                utf8(row.se_number.bytes())?,
            )
        };
        let pan = match pan {
            "" => None,
            digits => Some(Pan::parse(digits).map_err(|why| {
                Fault::garbled(format!("the daemon lent card `{key}` wrongly: {why}"))
            })?),
        };
        with(CardToAsk {
            key,
            pan: pan.as_ref(),
            token,
            token_kind,
            expiry: match row.expiry_month {
                0 => None,
                month => Expiry::new(row.expiry_year, month).ok(),
            },
            se_number,
        })?;
        Ok(true)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        // SAFETY: as in `http`.
        let micros = self.table.now.map(|now| unsafe { now(self.table.context) });
        micros
            .and_then(DateTime::from_timestamp_micros)
            .unwrap_or_default()
    }

    pub(crate) fn random(&self, into: &mut [u8]) {
        if let Some(random) = self.table.random {
            // SAFETY: as in `http`; the place is as long as we say.
            unsafe { random(self.table.context, into.as_mut_ptr(), into.len()) };
        }
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.table
            .cancelled
            // SAFETY: as in `http`.
            .is_some_and(|cancelled| unsafe { cancelled(self.table.context) } != 0)
    }

    pub(crate) fn log(&self, level: Level, line: &str) {
        if let Some(log) = self.table.log {
            // SAFETY: as in `http`.
            unsafe { log(self.table.context, level as i32, text(line)) };
        }
    }
}

fn lacks(function: &str) -> Fault {
    Fault::new(
        Kind::Unsupported,
        format!("this daemon is too old for the connector: it does not lend `{function}`"),
    )
}

/// The bytes of a successful callback, or the fault in them.
fn answer(status: i32, bytes: &[u8]) -> Result<&[u8], Fault> {
    match status {
        OK => Ok(bytes),
        _ => Err(serde_json::from_slice(bytes).unwrap_or_else(|_| {
            Fault::new(
                Kind::Cancelled,
                "the daemon ended the call without a reason",
            )
        })),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|_| Fault::garbled("the daemon lent a text that is not UTF-8"))
}

fn text(text: &str) -> Lent {
    Lent::of(text.as_bytes())
}

fn tri_state(value: Option<bool>) -> i8 {
    value.map_or(NOT_KNOWN, i8::from)
}

fn card_row(card: &Card<'_>) -> CardRow {
    CardRow {
        expiry_year: card.expiry.map_or(0, Expiry::year),
        expiry_month: card.expiry.map_or(0, Expiry::month),
        instrument_identifier_created: tri_state(card.instrument_identifier_created),
        token: text(card.token),
        pan: text(card.pan.as_ref().map_or("", Pan::expose)),
        pan_masked: text(card.pan_masked),
        brand: text(card.brand.map_or("", |brand| brand.as_str())),
        funding: text(card.funding),
        customer: text(card.customer),
        payment_instrument: text(card.payment_instrument),
        instrument_identifier: text(card.instrument_identifier),
        ..CardRow::EMPTY
    }
}
