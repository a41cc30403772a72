//! The daemon's side of the boundary: a safe face on a connector's table, and the daemon's loan as
//! a trait. The test kit plays the daemon through the same face.

use std::ffi::c_void;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::author::table_of;
use super::lend::Lending;
pub use super::message::Description;
use super::message::{self, verb};
use super::table::{ConnectorTable, FAULT, Given, Lent, OK, PANICS_ABORT, Sized32};
use crate::Connector;
use crate::account::Account;
use crate::batch::{Batch, Collected, Found, Window};
use crate::enrolment::{EnrolStep, Progress};
use crate::fault::Fault;
use crate::notification::{Announced, Notification};
use crate::run::{Head, Level, Request};
use crate::submission::{CardToAsk, Receipt, Reconciled, Refused, Submission};
use crate::update::Update;

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
    /// Null, or of a size that no table has.
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
            Self::NoTable => f.write_str("its table is null or says a size that no table has"),
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

    /// A connector that is part of this program, as tests have it.
    ///
    /// # Panics
    /// If the connector's manifest cannot be written and read, which is a defect of the connector.
    pub fn of<C: Connector>() -> Self {
        let table = table_of::<C>();
        // SAFETY: a true table, made here, of functions that are part of this program.
        let loaded = unsafe { Self::accept(&raw const table) };
        loaded.expect("a table made by `table_of` is whole, so the manifest must be at fault")
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
        self.of_submission(host, verb::SUBMIT, job, submission)
    }

    /// Asks what the provider knows of a submission.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn reconcile(
        &self,
        host: &mut dyn Host,
        job: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        self.of_submission(host, verb::RECONCILE, job, submission)
    }

    /// Adds standing orders.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn subscribe(
        &self,
        host: &mut dyn Host,
        job: &str,
        add: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        self.of_submission(host, verb::SUBSCRIBE, job, add)
    }

    /// Removes standing orders.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn unsubscribe(
        &self,
        host: &mut dyn Host,
        job: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        self.of_submission(host, verb::UNSUBSCRIBE, job, remove)
    }

    /// Reads a webhook's body.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn receive(
        &self,
        host: &mut dyn Host,
        notification: Notification,
    ) -> Result<Vec<Announced>, Fault> {
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
        job: &str,
        submission: &Submission,
    ) -> Result<T, Fault> {
        let (job, submission) = (job.to_owned(), submission.clone());
        self.call(host, verb, &message::OfSubmission { job, submission })
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
        let mut lending = Lending::of(host);
        let mut reply = Given::NONE;
        let status = lending.during(|table| {
            // SAFETY: the instance is open; what is lent lives until the call returns.
            unsafe {
                call(
                    self.pointer,
                    Lent::of(verb.as_bytes()),
                    Lent::of(&request),
                    table,
                    &raw mut reply,
                )
            }
        });
        // SAFETY: the connector filled the reply.
        let bytes = zeroize::Zeroizing::new(unsafe { reply.take() });
        if status != OK && status != FAULT {
            self.poisoned.store(true, Ordering::Relaxed);
        }
        lending.settle(match status {
            OK => serde_json::from_slice(&bytes).map_err(|error| {
                Fault::garbled(format!(
                    "the connector's answer to `{verb}` was not understood: {error}"
                ))
            }),
            _ => Err(fault_in(&bytes)),
        })
    }
}

pub(super) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value)
        .map_err(|error| Fault::garbled(format!("the message cannot be written: {error}")))
}

fn fault_in(bytes: &[u8]) -> Fault {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Fault::garbled("the connector failed without saying why"))
}
