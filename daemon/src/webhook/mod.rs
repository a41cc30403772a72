//! Webhooks in: a provider tells us that it has something.
//!
//! - [`hooks`]: the accounts' secrets, and the URLs that hold them.
pub mod hooks;

pub use hooks::Hooks;
