//! Proves BlueSnap's simulator as a client meets it: over HTTP, in XML, on a free port.

#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod client;
mod control;
mod faults;
mod refused;
mod results;
