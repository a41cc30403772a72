//! Reissue keeps cards on file current: the daemon and its command line.
//!
//! A folder per noun; each can be read alone. In the order of the data: [`schedule`] says when,
//! [`source`] reads cards, [`cards`] decides whom to ask about, [`ledger`] knows every batch and starts
//! the runs, [`connector`] lends a provider's connector what it needs for a call, [`egress`] is the
//! network, [`spool`] keeps the updates sealed ([`seal`]) until a [`sink`] has them. [`store`] makes all
//! of it durable. [`webhook`] is where providers call us. [`admin`] and [`cli`] are the face, [`alarms`] tells
//! whoever does not look, [`telemetry`] says what happens.

pub mod account;
pub mod admin;
pub mod alarms;
pub mod cards;
pub mod cli;
pub mod clock;
pub mod connector;
pub mod egress;
pub mod failure;
pub mod generation;
pub mod ledger;
pub mod schedule;
pub mod seal;
pub mod service;
pub mod sink;
pub mod source;
pub mod space;
pub mod spool;
pub mod store;
pub mod subscriptions;
pub mod telemetry;
pub mod webhook;
pub mod wording;
