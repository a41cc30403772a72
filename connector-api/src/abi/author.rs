//! The connector's side of the boundary: a table made from a `Connector`.

use std::any::Any;
use std::cell::Cell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::borrow::RunHandle;
use super::message::{self, Description, verb};
use super::table::{ConnectorTable, FAULT, Given, Lent, OK, PANICKED, RunTable, Sized32};
use crate::Connector;
use crate::fault::Fault;
use crate::run::Run;

/// The table of a connector. [`export_connector!`](crate::export_connector) exports it.
pub const fn table_of<C: Connector>() -> ConnectorTable {
    ConnectorTable {
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
        let settings = serde_path_to_error::deserialize(request.settings).map_err(misplaced)?;
        let connector = Box::new(C::open(settings, &request.account)?);
        // SAFETY: the daemon gives a place for the pointer.
        unsafe { instance.write(Box::into_raw(connector).cast()) };
        Ok(Vec::new())
    })
}

/// A complaint about settings begins with the key that it is about.
fn misplaced(error: serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let complaint = error.into_inner().to_string();
    // A key of the outermost table that is unknown or missing is named by the complaint itself.
    let named = path == "." || (complaint.starts_with("unknown field") && !path.contains('.'));
    Fault::settings(if named {
        complaint
    } else {
        format!("`{path}`: {complaint}")
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
            handle: RunHandle::of(&table),
        };
        #[cfg(feature = "tracing")]
        let _listening = super::events::listen(&table, std::any::type_name::<C>());
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
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.submit(run, &request.job, &request.submission)?)
        }
        verb::RECONCILE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.reconcile(run, &request.job, &request.submission)?)
        }
        verb::SUBSCRIBE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.subscribe(run, &request.job, &request.submission)?)
        }
        verb::UNSUBSCRIBE => {
            let request: message::OfSubmission = read_json(request)?;
            write_json(&connector.unsubscribe(run, &request.job, &request.submission)?)
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

pub(super) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| {
        Fault::garbled(format!("the daemon's message was not understood: {error}"))
    })
}

pub(super) fn write_json<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
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
