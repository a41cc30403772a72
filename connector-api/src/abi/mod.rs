//! The boundary between a connector and the daemon: a plain C function table each way.
//!
//! Third parties build connectors with another rustc than the daemon's, so nothing of Rust crosses:
//! no trait object, no enum, no `String`, no unwinding. Control messages are JSON documents, which
//! any language can write and which grow without breaking; the bulk (updates out, cards in) crosses
//! as C structs of borrowed slices, because JSON would cost ten times as much (1 µs a record against
//! 0.1 µs, measured).
//!
//! - [`table`]: the layout of everything that crosses (the bulk in `rows`), and the rules of
//!   ownership.
//! - [`author`]: the connector's side: a table made from a `Connector`, panics caught; `borrow` is
//!   its safe face on what the daemon lends, `events` what a connector says through `tracing`.
//! - [`host`]: the daemon's side: a safe face on a connector's table; `lend` is the loan as C
//!   functions, `current` knows whose it is, `received` reads the rows that come through it.
//!
//! `ABI.md` says the same for whoever writes a connector in another language, beside the header
//! `include/reissue_connector.h`; tests hold both to these types.
//!
//! This module and the daemon's loader are the only places with unsafe code.
#![allow(unsafe_code)]

pub mod author;
pub(crate) mod borrow;
mod current;
#[cfg(feature = "tracing")]
mod events;
pub mod host;
mod lend;
pub(crate) mod message;
mod received;
mod rows;
pub mod table;
