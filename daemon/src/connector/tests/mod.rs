//! Connectors before and while they are used: which files are taken, and what a loan comes to.

mod lend;
mod reading;
mod stage;
