//! The daemon's face to people on its own host: what it shows and what it can be asked.
//!
//! - [`view`]: what is shown, as data; the command line renders it.
//! - [`observe`]: makes the views from the state, with or without a running daemon.
//! - [`request`]: what it can be asked, as data.
//! - `run`, `plan`, `decide`, `uncertain`, `enrol`: what a person asks for: a slot now; what it would
//!   ask; what becomes of a batch; whether the provider has a submission; an account admitted at its
//!   provider.
//! - `suppressions`: which cards are not asked about again, and which may be.
//! - [`updates`]: updates with their card numbers masked.
//! - [`server`]: HTTP over the admin socket, and the health of the daemon over TCP; `named` finds what a
//!   person names, and `refusal` says why something is not done.
//! - [`client`]: the command line's end of the socket.

pub mod client;
mod concerns;
mod decide;
mod enrol;
mod named;
pub mod observe;
mod plan;
mod refusal;
pub mod request;
mod run;
pub mod server;
mod subscriptions;
mod suppressions;
mod uncertain;
pub mod updates;
pub mod view;
