//! CardSync's American Express product (`/v2/…`): cards are subscribed in pairs with an SE number, and the provider
//! calls a webhook when something has become of one. Nothing can be listed: neither pairs, nor webhooks, nor events.
//!
//! Much of it is documented nowhere. Where it is not, an [option](Options) decides, and without the option the
//! sandbox does what hurts a careless client most: a pair that is subscribed again is charged again, a webhook is
//! called once whatever comes of it, and a further webhook replaces the one before.

mod calls;
mod control;
mod event;
mod subscription;
mod webhook;

use std::time::Duration;

use clap::{Args, ValueEnum};

pub(super) use calls::client;
pub(super) use control::control;
pub(super) use event::Event;
pub(super) use subscription::Pairs;

/// What the documents leave open.
#[derive(Debug, Clone, Args)]
#[group(id = "cardsync_amex")]
#[command(next_help_heading = "CardSync, American Express")]
pub struct Options {
    /// A further webhook is called beside the former ones instead of replacing them
    #[arg(long = "cardsync-keep-webhooks")]
    pub keep_webhooks: bool,

    /// How often a webhook is called that does not answer with 2xx
    #[arg(long = "cardsync-webhook-attempts", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub webhook_attempts: u32,

    /// How long it waits before it calls a webhook again
    #[arg(long = "cardsync-webhook-pause", value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub webhook_pause: Duration,

    /// What becomes of a pair that is subscribed again
    #[arg(
        long = "cardsync-subscribed-again",
        value_enum,
        default_value = "charged"
    )]
    pub subscribed_again: Again,

    /// A request to unsubscribe is refused if one of its pairs is not subscribed
    #[arg(long = "cardsync-refuse-unknown-pairs")]
    pub refuse_unknown_pairs: bool,

    /// A subscription follows its card to the new number
    #[arg(long = "cardsync-follow-numbers")]
    pub follow_numbers: bool,

    /// Results are purged when the webhook's `expires` has come, and not ten days after it was called
    #[arg(long = "cardsync-purge-at-expiry")]
    pub purge_at_expiry: bool,

    /// Results hold what one page of the documents shows: SE numbers of 11 digits, and new cards that fail Luhn
    #[arg(long = "cardsync-odd-results")]
    pub odd_results: bool,
}

/// What the provider does with a pair that is subscribed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Again {
    /// Charges for it once more
    Charged,
    /// Leaves it as it is
    Ignored,
    /// Refuses the request, and the other pairs with it
    Refused,
}
