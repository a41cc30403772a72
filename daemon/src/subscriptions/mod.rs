//! Standing orders: the pairs of card and merchant number (SE number) that an account keeps at its
//! provider.
//!
//! A provider cannot be asked which pairs it has, and charges for each until it is removed, so what we
//! know of them is all there is. One sealed file an account (`subscriptions/ACCOUNT/…`) holds every pair
//! that is wanted or may be at the provider, with the card's number, without which none can be removed. It
//! is written anew by the slots of the account's schedule alone, and named by an event. Between two slots
//! the ledger's batches say what became of the pairs that the last one put into submissions.
//!
//! - [`subscription`](Subscription): what the file says of a pair, and our key of it.
//! - [`Pairs`]: the file, by that key.
//! - [`difference`]: what to add and what to remove, as a pure function.

mod difference;
mod pairs;
mod subscription;
#[cfg(test)]
mod tests;

pub use difference::{Difference, Given, Missing, Row, Step, difference};
pub use pairs::{Pair, Pairs};
pub use subscription::{Standing, Subscription, number, write_key};
