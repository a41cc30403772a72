//! Proves that the sandbox's receiver is as careful as a billing system should be: over HTTP, on a free port.

#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod faults;
mod kept;
mod refused;
mod sender;
