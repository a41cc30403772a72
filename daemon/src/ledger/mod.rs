//! The ledger: every batch at every provider, from the moment we know of it until its updates are
//! delivered.
//!
//! - [`event`]: what can happen; the journal is a list of these.
//! - [`batch`] with `fold`, and [`slots`]: what is so, as the fold of the events by pure functions.
//! - [`enrolment`]: where an account stands at its provider; `enrol` takes the steps, [`remembered`] keeps
//!   what they leave, and `registration` knows whether the provider has our webhook.
//! - [`suppressions`]: cards not to ask about again, and a person's word that one may be.
//! - [`sweep`]: files of cards that nothing needs any more.
//! - [`tally`]: running sums over an account's batches.
//! - [`fees`]: what answers cost, for people.
//! - [`verdict`]: what a fault means for a batch, and how long to wait after one.
//! - [`pace`]: when to look again; the only place that knows about waiting.
//! - [`parking`]: accounts whose credentials are refused are left alone.
//! - `run`: one attempt to serve a slot or a batch, on a thread of its own: `discover` or `plan` for
//!   a slot; `submit` (with `receipt`) or `change`, and `collect` (with `fetch`, `answers` and the [`brake`]) for a
//!   batch; `deliver` for a batch and a sink.
//! - `announced`: what came to an account's webhook becomes batches, `unconfirmed` of which there is room for
//!   so many until the provider answers for them; `lookups`: how often it is asked.
//! - `deadlines`: when a batch is looked at, and what becomes late when.
//! - [`context`]: what all of them share; `runs` is the part that knows what is under way, `deliveries`
//!   the part that says which delivery a sink gets next.
//! - [`alarm`]: what needs a person's eye; `watch` logs what time alone brings about.
//! - [`keeper`]: the loop that compares the ledger with the clock and starts the runs.
//!
//! Start, crash and an ordinary Tuesday are one code path: read the ledger, do what is due.

mod agenda;
pub mod alarm;
mod announced;
mod answers;
pub mod batch;
pub mod bellpull;
pub mod brake;
mod change;
mod collect;
pub mod context;
mod deadlines;
pub mod deliver;
mod deliveries;
mod discover;
mod ended;
pub mod enrol;
pub mod enrolment;
pub mod event;
pub mod fees;
mod fetch;
mod fold;
pub mod keeper;
mod key;
mod lookups;
pub mod pace;
pub mod parking;
pub mod plan;
mod receipt;
mod registration;
pub mod remembered;
mod run;
pub mod runs;
pub mod slots;
pub(crate) mod submit;
pub mod suppressions;
pub mod sweep;
pub mod tally;
#[cfg(test)]
mod tests;
mod unconfirmed;
pub mod verdict;
mod watch;

pub use batch::{Batch, State};
pub use event::Event;
pub use key::BatchKey;
