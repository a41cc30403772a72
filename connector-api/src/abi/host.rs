//! The daemon's side of the boundary: a safe face on a connector's table, and the daemon's loan as
//! a trait. The test kit plays the daemon through the same face.

use std::ffi::c_void;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use super::message::Description;
use super::message::{self, verb};
use super::table::{
    AskRow, CardRow, ConnectorTable, END, FAULT, Given, Lent, NO_TIME, OK, PANICKED, PANICS_ABORT,
    RelatedRow, RunTable, Sized32, UpdateRow,
};
use crate::account::Account;
use crate::batch::{Batch, Collected, Found, Window};
use crate::card::{Brand, Expiry, Pan};
use crate::enrolment::{EnrolStep, Progress};
use crate::fault::Fault;
use crate::notification::Notification;
use crate::run::{Head, Level, Request};
use crate::submission::{CardToAsk, Receipt, Reconciled, Refused, Submission};
use crate::update::{Card, Outcome, Related, Update};

/// What the daemon lends for one call. It is used on the thread of the call only.
pub trait Host {
    /// Sends a request and returns the head of the answer.
    ///
    /// # Errors
    /// What became of the request instead.
    fn http(&mut self, request: Request) -> Result<Head, Fault>;
    /// Reads on in the body of that response; empty at the end.
    ///
    /// # Errors
    /// What broke the body off.
    fn read(&mut self, response: u64) -> Result<&[u8], Fault>;
    /// Takes one update.
    ///
    /// # Errors
    /// Why it could not be taken.
    fn emit(&mut self, update: &Update<'_>) -> Result<(), Fault>;
    /// The next card of the submission, or none.
    ///
    /// # Errors
    /// Why it could not be read.
    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault>;
    /// The clock.
    fn now(&self) -> DateTime<Utc>;
    /// Fills the place from a cryptographic generator.
    fn random(&self, into: &mut [u8]);
    /// Whether the call should end.
    fn cancelled(&self) -> bool;
    /// A line for the log.
    fn log(&mut self, level: Level, text: &str);
}

/// Why a table is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Null, or shorter than its own size field.
    NoTable,
    /// Built with `panic = "abort"`.
    PanicsAbort,
    /// One of the four functions is missing.
    Lacks(&'static str),
    /// `describe` failed or its answer is not a manifest.
    Manifest(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTable => f.write_str("its table is null or too short to hold a connector"),
            Self::PanicsAbort => f.write_str(
                "it was built with panic = \"abort\", so a panic in it would end the daemon: \
                 rebuild it with panic = \"unwind\"",
            ),
            Self::Lacks(function) => write!(f, "its table lacks the function `{function}`"),
            Self::Manifest(why) => write!(f, "its manifest cannot be read: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A connector whose table was accepted.
pub struct Loaded {
    table: ConnectorTable,
    description: Description,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("manifest", &self.description.manifest)
            .finish_non_exhaustive()
    }
}

impl Loaded {
    /// Accepts a table and asks the connector to describe itself.
    ///
    /// # Errors
    /// Why it is not accepted.
    ///
    /// # Safety
    /// `table` is null or a connector's table that says its own size, and the code behind its
    /// functions stays mapped for the rest of the process.
    pub unsafe fn accept(table: *const ConnectorTable) -> Result<Self, Refusal> {
        // SAFETY: the caller's promise.
        let table = unsafe { ConnectorTable::read(table) }.ok_or(Refusal::NoTable)?;
        if table.flags & PANICS_ABORT != 0 {
            return Err(Refusal::PanicsAbort);
        }
        let describe = table.describe.ok_or(Refusal::Lacks("describe"))?;
        table.open.ok_or(Refusal::Lacks("open"))?;
        table.call.ok_or(Refusal::Lacks("call"))?;
        table.close.ok_or(Refusal::Lacks("close"))?;
        let mut reply = Given::NONE;
        // SAFETY: a function of the table, with a place for its reply.
        let status = unsafe { describe(&raw mut reply) };
        // SAFETY: the connector filled the reply.
        let bytes = unsafe { reply.take() };
        if status != OK {
            return Err(Refusal::Manifest(fault_in(&bytes).message));
        }
        let description =
            serde_json::from_slice(&bytes).map_err(|error| Refusal::Manifest(error.to_string()))?;
        Ok(Self { table, description })
    }

    /// The manifest and the schema of the settings.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Which kit and compiler built it.
    pub fn built_with(&self) -> String {
        // SAFETY: constant text of the connector, which stays mapped.
        String::from_utf8_lossy(unsafe { self.table.built_with.bytes() }).into_owned()
    }

    /// Makes an instance for one account. No IO.
    ///
    /// # Errors
    /// `settings`, naming the key.
    pub fn open(&self, settings: Value, account: &Account) -> Result<Instance, Fault> {
        let Some(open) = self.table.open else {
            return Err(Fault::unsupported("open"));
        };
        let request = zeroize::Zeroizing::new(to_json(&message::Open { settings, account })?);
        let mut pointer = std::ptr::null_mut();
        let mut reply = Given::NONE;
        // SAFETY: a function of the table; what is lent lives until it returns.
        let status = unsafe { open(Lent::of(&request), &raw mut pointer, &raw mut reply) };
        // SAFETY: the connector filled the reply.
        let bytes = unsafe { reply.take() };
        if status != OK {
            return Err(fault_in(&bytes));
        }
        Ok(Instance {
            table: self.table,
            pointer,
            poisoned: AtomicBool::new(false),
        })
    }
}

/// A connector opened for one account.
pub struct Instance {
    table: ConnectorTable,
    pointer: *mut c_void,
    poisoned: AtomicBool,
}

// SAFETY: `Connector: Send + Sync`; a connector in another language promises it in ABI.md.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(close) = self.table.close {
            // SAFETY: `pointer` comes from `open`, and nobody can use it any more.
            unsafe { close(self.pointer) };
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instance")
    }
}

impl Instance {
    /// Whether a call panicked; then the instance serves no more and must be opened anew.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Relaxed)
    }

    /// Finds batches that the provider made by itself.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn discover(
        &self,
        host: &mut dyn Host,
        job: &str,
        window: Window,
    ) -> Result<Vec<Found>, Fault> {
        let job = job.to_owned();
        self.call(host, verb::DISCOVER, &message::Discover { job, window })
    }

    /// Sends a submission.
    ///
    /// # Errors
    /// The connector's fault; `sent` says whether the provider may have it.
    pub fn submit(
        &self,
        host: &mut dyn Host,
        job: &str,
        submission: &Submission,
    ) -> Result<Receipt, Fault> {
        let (job, submission) = (job.to_owned(), submission.clone());
        self.call(host, verb::SUBMIT, &message::Submit { job, submission })
    }

    /// Asks what the provider knows of a submission.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn reconcile(
        &self,
        host: &mut dyn Host,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        self.of_submission(host, verb::RECONCILE, submission)
    }

    /// Adds standing orders.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn subscribe(&self, host: &mut dyn Host, add: &Submission) -> Result<Vec<Refused>, Fault> {
        self.of_submission(host, verb::SUBSCRIBE, add)
    }

    /// Removes standing orders.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn unsubscribe(
        &self,
        host: &mut dyn Host,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        self.of_submission(host, verb::UNSUBSCRIBE, remove)
    }

    /// Reads a webhook's body.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn receive(
        &self,
        host: &mut dyn Host,
        notification: Notification,
    ) -> Result<Vec<Found>, Fault> {
        self.call(host, verb::RECEIVE, &message::Receive { notification })
    }

    /// Collects a batch; the updates go to `host`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn collect(&self, host: &mut dyn Host, batch: &Batch) -> Result<Collected, Fault> {
        let batch = batch.clone();
        self.call(host, verb::COLLECT, &message::Collect { batch })
    }

    /// Takes the next step of enrolment.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn enrol(&self, host: &mut dyn Host, so_far: Progress) -> Result<EnrolStep, Fault> {
        self.call(host, verb::ENROL, &message::Enrol { so_far })
    }

    fn of_submission<T: DeserializeOwned>(
        &self,
        host: &mut dyn Host,
        verb: &str,
        submission: &Submission,
    ) -> Result<T, Fault> {
        let submission = submission.clone();
        self.call(host, verb, &message::OfSubmission { submission })
    }

    fn call<T: DeserializeOwned>(
        &self,
        host: &mut dyn Host,
        verb: &str,
        request: &impl Serialize,
    ) -> Result<T, Fault> {
        let Some(call) = self.table.call else {
            return Err(Fault::unsupported(verb));
        };
        if self.is_poisoned() {
            return Err(Fault::garbled(
                "the connector panicked before and was not opened anew",
            ));
        }
        let request = zeroize::Zeroizing::new(to_json(request)?);
        let mut lending = Lending {
            host,
            out: Vec::new(),
        };
        let table = RunTable {
            context: (&raw mut lending).cast(),
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
        let mut reply = Given::NONE;
        // SAFETY: the instance is open; the request and the table live until the call returns, and
        // the table's context is used by the table's functions only.
        let status = unsafe {
            call(
                self.pointer,
                Lent::of(verb.as_bytes()),
                Lent::of(&request),
                &raw const table,
                &raw mut reply,
            )
        };
        // SAFETY: the connector filled the reply.
        let bytes = zeroize::Zeroizing::new(unsafe { reply.take() });
        match status {
            OK => serde_json::from_slice(&bytes).map_err(|error| {
                Fault::garbled(format!(
                    "the connector's answer to `{verb}` was not understood: {error}"
                ))
            }),
            FAULT => Err(fault_in(&bytes)),
            _ => {
                self.poisoned.store(true, Ordering::Relaxed);
                Err(fault_in(&bytes))
            }
        }
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value)
        .map_err(|error| Fault::garbled(format!("the message cannot be written: {error}")))
}

fn fault_in(bytes: &[u8]) -> Fault {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Fault::garbled("the connector failed without saying why"))
}

/// What a run table's context points at: the host of one call, and the last fault or head lent.
struct Lending<'h> {
    host: &'h mut dyn Host,
    out: Vec<u8>,
}

/// Runs one callback. A panic of ours must not unwind through the connector's frames.
unsafe fn lend(
    context: *mut c_void,
    out: *mut Lent,
    callback: impl FnOnce(&mut dyn Host) -> Result<Loan, Fault>,
) -> i32 {
    // SAFETY: `context` is the `Lending` of the call under way, on its thread, and no other
    // callback runs meanwhile.
    let lending = unsafe { &mut *context.cast::<Lending<'_>>() };
    let outcome = catch_unwind(AssertUnwindSafe(|| callback(&mut *lending.host)));
    let (status, lent) = match outcome {
        Ok(Ok(Loan::Nothing)) => (OK, Lent::NONE),
        Ok(Ok(Loan::End)) => (END, Lent::NONE),
        Ok(Ok(Loan::Slice(lent))) => (OK, lent),
        Ok(Ok(Loan::Document(bytes))) => {
            lending.out = bytes;
            (OK, Lent::of(&lending.out))
        }
        Ok(Err(fault)) => {
            lending.out = serde_json::to_vec(&fault).unwrap_or_default();
            (FAULT, Lent::of(&lending.out))
        }
        Err(_) => (PANICKED, Lent::NONE),
    };
    if !out.is_null() {
        // SAFETY: the connector gives a place.
        unsafe { out.write(lent) };
    }
    status
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
            request.body = (!body.is_empty()).then(|| body.to_vec());
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
            let related = related_rows(&row)?;
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
    // SAFETY: as in `lend`.
    let lending = unsafe { &*context.cast::<Lending<'_>>() };
    catch_unwind(AssertUnwindSafe(|| lending.host.now().timestamp_micros())).unwrap_or(0)
}

unsafe extern "C" fn random(context: *mut c_void, ptr: *mut u8, len: usize) {
    if ptr.is_null() || len == 0 {
        return;
    }
    // SAFETY: as in `lend`; the connector gives a place of `len` bytes.
    let (lending, place) = unsafe {
        (
            &*context.cast::<Lending<'_>>(),
            std::slice::from_raw_parts_mut(ptr, len),
        )
    };
    // A panic leaves the place as it was; the host's generator aborts rather than be predictable.
    let _ = catch_unwind(AssertUnwindSafe(|| lending.host.random(place)));
}

unsafe extern "C" fn cancelled(context: *mut c_void) -> i32 {
    // SAFETY: as in `lend`.
    let lending = unsafe { &*context.cast::<Lending<'_>>() };
    catch_unwind(AssertUnwindSafe(|| i32::from(lending.host.cancelled()))).unwrap_or(1)
}

unsafe extern "C" fn log(context: *mut c_void, level: i32, text: Lent) {
    // SAFETY: as in `lend`; the text is lent for this call.
    let (lending, text) = unsafe { (&mut *context.cast::<Lending<'_>>(), text.bytes()) };
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

fn bad_row() -> Fault {
    Fault::garbled("the connector gave a row without a true size")
}

/// # Safety
/// The row's texts are lent for `'a`.
unsafe fn text<'a>(text: Lent) -> Result<&'a str, Fault> {
    // SAFETY: the caller's promise.
    std::str::from_utf8(unsafe { text.bytes() })
        .map_err(|_| Fault::garbled("the connector reported a text that is not UTF-8"))
}

/// # Safety
/// The row is lent for `'a` with all it points at.
unsafe fn related_rows<'a>(row: &UpdateRow) -> Result<Vec<Related<'a>>, Fault> {
    let mut related = Vec::new();
    let mut at = row.related;
    for _ in 0..row.related_len {
        // SAFETY: the caller's promise: `related_len` rows, each as long as it says.
        unsafe {
            let one = RelatedRow::read(at).ok_or_else(bad_row)?;
            related.push(Related {
                customer: text(one.customer)?,
                payment_instrument: text(one.payment_instrument)?,
                creator: text(one.creator)?,
                state: text(one.state)?,
                message: text(one.message)?,
            });
            at = at.byte_add(one.size as usize);
        }
    }
    Ok(related)
}

/// # Safety
/// The row is lent for `'a` with all it points at.
unsafe fn update_of<'a>(row: &UpdateRow, related: &'a [Related<'a>]) -> Result<Update<'a>, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let new = card_at(row.new)?;
        let old = card_at(row.old)?.unwrap_or_default();
        Ok(Update {
            record: text(row.record)?,
            reference: text(row.reference)?,
            outcome: Outcome::from_word(text(row.outcome)?, new),
            provider_code: text(row.provider_code)?,
            provider_reason: text(row.provider_reason)?,
            provider_message: text(row.provider_message)?,
            billable: tri_state(row.billable),
            se_number: text(row.se_number)?,
            old,
            related,
            reported_at: match row.reported_at {
                NO_TIME => None,
                micros => DateTime::from_timestamp_micros(micros),
            },
        })
    }
}

/// # Safety
/// `row` is null, or lent for `'a` with all it points at.
unsafe fn card_at<'a>(row: *const CardRow) -> Result<Option<Card<'a>>, Fault> {
    if row.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let row = CardRow::read(row).ok_or_else(bad_row)?;
        card_of(&row).map(Some)
    }
}

/// # Safety
/// The row's texts are lent for `'a`.
unsafe fn card_of<'a>(row: &CardRow) -> Result<Card<'a>, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        Ok(Card {
            token: text(row.token)?,
            pan: match text(row.pan)? {
                "" => None,
                digits => {
                    Some(Pan::received(digits).map_err(|why| Fault::garbled(why.to_string()))?)
                }
            },
            pan_masked: text(row.pan_masked)?,
            expiry: match row.expiry_month {
                0 => None,
                month => Expiry::new(row.expiry_year, month).ok(),
            },
            brand: match text(row.brand)? {
                "" => None,
                word => Some(Brand::from_word(word)),
            },
            funding: text(row.funding)?,
            customer: text(row.customer)?,
            payment_instrument: text(row.payment_instrument)?,
            instrument_identifier: text(row.instrument_identifier)?,
            instrument_identifier_created: tri_state(row.instrument_identifier_created),
        })
    }
}

fn tri_state(value: i8) -> Option<bool> {
    match value {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}
