//! What end-to-end tests stand on: a [`World`] with a sandbox that plays the provider, a
//! configuration, and the daemon as an operator starts it.
//!
//! Everything here is the real thing, started from the binaries that the build left: a test sees what
//! an operator and a billing system would see. Nothing waits by sleeping. A test waits for a line of
//! the daemon's log ([`Daemon::until`]) or for a command to end (`reissue run SCHEDULE --wait`), and
//! a wait that lasts too long fails with the log's last lines.
//!
//! A panic here is the report of a failed test.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a panic is how a test reports"
)]

mod asks;
mod cards;
mod clock;
mod collector;
mod config;
mod daemon;
mod delivered;
mod front;
mod full_disk;
mod killpoint;
mod log;
mod memory;
mod operator;
mod pinned;
mod preload;
mod programs;
mod receiver;
mod rounds;
mod said;
mod sandbox;
mod schema;
mod world;
mod zoo;

pub use asks::Asks;
pub use cards::{amex, pan};
pub use clock::Clock;
pub use collector::Collector;
pub use config::{ACCOUNT, Config, ZOO};
pub use daemon::Daemon;
pub use delivered::Delivered;
pub use front::{Authority, Proxy};
pub use full_disk::FullDisk;
pub use killpoint::{Call, KillPoint, Moment};
pub use memory::Memory;
pub use pinned::Pinned;
pub use receiver::Receiver;
pub use rounds::{goes_wrong, rounds};
pub use said::Said;
pub use sandbox::Sandbox;
pub use world::World;

use std::time::Duration;

/// How long anything may take before a test gives up. Far above what is needed, so that only a
/// daemon that hangs reaches it.
pub const PATIENCE: Duration = Duration::from_secs(120);
