//! Connectors: staged, loaded, opened for an account, called.
//!
//! - [`stage`]: copies under names that carry their content's hash; only copies are loaded.
//! - `load`: a library becomes a connector, or a sentence that says why not.
//! - [`catalogue`]: every connector that was found, by name.
//! - [`strikes`]: crashes, and when they quarantine a connector; `crash` notes them.
//! - [`memory`]: the allocator that all of them share with us. It, `crash` and `load` hold the only
//!   unsafe code of the daemon.
//! - `opened`: a connector opened for an account: every way into its code.
//! - `lend`: what the daemon lends a connector for one call; `reading`: for a webhook call, which may
//!   cause no request; `said`: what a connector says in either.
//! - [`under_way`]: which calls there are, and which of them hang.

pub mod catalogue;
mod crash;
mod lend;
mod load;
pub mod memory;
mod opened;
mod reading;
mod said;
pub mod stage;
pub mod strikes;
#[cfg(test)]
mod tests;
pub mod under_way;

pub use catalogue::{Catalogue, Connector};
pub use lend::{Loan, Updates};
pub use opened::Opened;
