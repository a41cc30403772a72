//! Proves that the sandbox plays CardSync as a client meets it: over HTTP, with the merchant's key, on a free port.

#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod amex;
mod batches;
mod cards;
mod client;
mod control;
mod faults;
mod merchants;
mod refusals;
