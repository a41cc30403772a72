//! Connectors: staged, loaded, opened for an account, called.
//!
//! - [`stage`]: copies under names that carry their content's hash; only copies are loaded.
//! - `load`: a library becomes a connector, or a sentence that says why not. The only unsafe code
//!   of the daemon.
//! - [`catalogue`]: every connector that was found, by name.
//! - `lend`: what the daemon lends a connector for one call.

pub mod catalogue;
mod lend;
mod load;
pub mod stage;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Connector};
pub use lend::Loan;
