//! Sources: where cards to ask about come from.
//!
//! ```text
//! directory ─ look ─► files that are ready ─ read ─► cards      (a survey of the whole file first)
//!                                              └───► reject file
//!                         … the ledger commits what was Taken …
//!                                          Taken::done ─► the file is deleted, or kept elsewhere
//! ```
//!
//! A file is read twice. The survey judges it as a whole, so that a file that cannot be used is refused
//! before a single card of it counts; and it finds references that are not unique in 8 bytes a row,
//! which are given back before the first card goes out. Then the cards are streamed.
//!
//! Nothing here remembers anything: until the ledger has committed a [`Taken`] the file was not read,
//! and afterwards its identity tells that very file from a later one of the same name, so a crash in
//! between neither loses nor doubles a card.
//!
//! Full card numbers pass through two buffers of fixed size, which are wiped, and through [`Card`];
//! they are in no error and in no reject file. Why `csv-core` and not `csv`: the reader of the latter
//! grows its buffer with a record, without limit (one stray quotation mark makes the rest of a file
//! one record) and without wiping what it leaves behind.
//!
//! All functions block on the disk: call them on a worker thread.

mod card;
mod csv;
mod done;
mod error;
mod file;
mod given;
mod jsonl;
mod left_out;
mod look;
mod mask;
mod rejects;
mod rows;
mod survey;
mod window;

#[cfg(test)]
mod tests;

pub use card::{Card, Identifier};
pub use done::{Done, Taken};
pub use error::{SourceError, Why};
pub use file::{CardFile, FileIdentity};
pub use given::for_each_given;
pub use left_out::LeftOut;
pub use look::{Look, Settling, Source};
pub use rejects::{Previewed, Reject};
