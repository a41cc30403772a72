//! Webhooks in: a provider tells us that it has something.
//!
//! - [`hooks`]: the accounts' secrets, and the URLs that hold them.
//! - [`inbox`]: what was sent, sealed and durable, until a run has read it.

pub mod hooks;
pub mod inbox;

pub use hooks::Hooks;
pub use inbox::{Inbox, Waiting};
