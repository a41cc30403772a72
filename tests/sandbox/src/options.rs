//! The command line. Tests build a sandbox from the same words that a person types, so there is one set of
//! defaults and one way to say them.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;

use crate::{bluesnap, cardsync, receiver, smartpayfuse};

/// The largest report that a sandbox generates: what the providers accept in one submission.
pub(crate) const MAX_RECORDS: u64 = 10_000_000;

/// Plays the account updater providers on one address, so that nothing has to leave the machine.
#[derive(Debug, Clone, Parser)]
#[command(name = "reissue-sandbox", version)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9100")]
    pub listen: SocketAddr,

    /// How many records the harvest holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(..=MAX_RECORDS))]
    pub records: u64,

    /// What everything generated derives from: the same seed and batch give the same report
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// How long smartpayFuse processes what is submitted, and the one unfinished batch of the start
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = humantime::parse_duration)]
    pub processing_for: Duration,

    /// Start without any batch, and let none appear by itself
    #[arg(long)]
    pub empty: bool,

    /// Log every request to stderr
    #[arg(long)]
    pub log: bool,

    /// How Barclaycard smartpayFuse behaves
    #[command(flatten)]
    pub smartpayfuse: smartpayfuse::Options,

    /// How CardSync behaves
    #[command(flatten)]
    pub cardsync: cardsync::Options,

    /// How BlueSnap behaves
    #[command(flatten)]
    pub bluesnap: bluesnap::Options,

    /// Whom the receivers of updates believe
    #[command(flatten)]
    pub receiver: receiver::Options,
}
