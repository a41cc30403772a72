//! Proves the sandbox as a client meets it: over HTTP, signed, on a free port.

#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod batches;
mod binary;
mod client;
mod control;
mod credentials;
mod faults;
mod paging;
mod reports;
mod submit;
