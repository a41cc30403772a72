//! Webhooks in: a provider tells us that it has something.
//!
//! - [`listener`]: the socket, and how long anybody may take.
//! - `gate`: who is let in; `rates`: how often; `crowd`: how many at a time.
//! - [`hooks`]: the accounts' secrets, and the URLs that hold them.
//! - [`inbox`]: what was sent, sealed and durable before it is answered, until a run has read it
//!   (`ledger/announced.rs`).
//!
//! Nothing in here believes a notification. Whatever it says, what counts is what the provider answers when
//! it is asked with our own credentials.

mod crowd;
mod gate;
pub mod hooks;
pub mod inbox;
pub mod listener;
mod rates;
#[cfg(test)]
mod tests;

pub use hooks::Hooks;
pub use inbox::{Inbox, Waiting};
