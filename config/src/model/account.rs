//! `[accounts.NAME]`: one set of credentials with one provider.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::origin::Origin;
use super::value::proxy::Proxy;
use super::value::{duration, json, path, percent, size};
use crate::secret::SecretRef;

/// `[accounts.NAME]`
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The connector that speaks to the provider, by the name in its manifest. Required.
    pub connector: String,
    /// Which of the connector's environments to talk to. Either this or `base_url`; there is no
    /// default, because production costs money and a test environment finds nothing.
    #[serde(default)]
    pub environment: Option<String>,
    /// Another host in place of an environment, for a sandbox or a gateway: an origin without a path.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = "^https?://"))]
    pub base_url: Option<Origin>,
    /// The connector's own settings, a JSON object; `reissue connectors inspect` lists them.
    /// Default: none.
    #[serde(default = "json::empty", deserialize_with = "json::object")]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub settings: serde_json::Value,
    /// The secrets that the connector's manifest names, each by reference. Default: none.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretRef>,
    /// The sinks that get this account's updates, at least one. Required: updates that go nowhere
    /// would be paid for and lost.
    #[schemars(length(min = 1))]
    pub sinks: Vec<String>,
    /// Whether its schedules run. Default `true`; with `false` nothing new is looked for, and what is
    /// open is still collected and delivered, after which the account can be removed.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether its batches are delivered. Default `true`; with `false` they are collected and kept, to
    /// try the account beside what it replaces, and are delivered once this is `true`.
    #[serde(default = "yes")]
    pub deliver: bool,
    /// A batch with more updates than this waits for a person before it is delivered. Default: none
    /// does.
    #[serde(default)]
    pub brake_updates: Option<NonZeroU64>,
    /// The answers to a submission of 100 cards or more that close or change a larger share of them wait
    /// for a person before they are delivered.
    #[serde(default)]
    pub brake: Brake,
    /// Whether a card without an answer is delivered as `no_change`. Default `false`: such cards are
    /// counted. Providers leave a card out that did not change, so most of a file would be lines that
    /// change nothing.
    #[serde(default)]
    pub no_change: bool,
    /// How many cards may be asked about in a day (UTC), at most; those that are billed soonest go
    /// first, and the rest waits, sealed, for the schedule's next slot. Default: none may.
    /// A job that asks about cards requires it, because questions cost money.
    #[serde(default)]
    pub cards_per_day: Option<NonZeroU64>,
    /// The proxy that everything to this provider goes through: its URL, or a table of `url`, `user`
    /// and `password` (a reference) for one that asks who we are. The proxy resolves the provider's
    /// name, so it also decides which addresses are reached. Default: none; the environment's proxy
    /// variables are ignored.
    #[serde(default)]
    pub proxy: Option<Proxy>,
    /// A PEM file of certificate authorities that this account trusts besides the host's own: that of
    /// a proxy which inspects what passes, or a provider's private one. Default: the host's alone.
    #[serde(default, deserialize_with = "path::absolute")]
    #[schemars(with = "Option<String>", regex(pattern = path::PATTERN))]
    pub ca: Option<PathBuf>,
    /// How hard the provider may be called.
    #[serde(default)]
    pub limits: Limits,
    /// Other times than the connector's manifest gives its jobs.
    #[serde(default)]
    pub timings: Timings,
}

fn yes() -> bool {
    true
}

/// `brake` of an account: shares of the cards of a submission, in percent; with 100 there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Brake {
    /// The share that may turn out to be closed. Default 20.
    #[serde(deserialize_with = "percent::read")]
    #[schemars(range(max = 100))]
    pub closed: u8,
    /// The share that may have a new number or expiry. Default 60.
    #[serde(deserialize_with = "percent::read")]
    #[schemars(range(max = 100))]
    pub changed: u8,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            closed: 20,
            changed: 60,
        }
    }
}

/// `limits` of an account, which protect the provider from us and us from the provider.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests in a second, at most. Default 5: a day's work is some hundred requests, so nothing
    /// is gained by more, and providers begin to refuse not far above.
    pub requests_per_second: NonZeroU32,
    /// Calls at the same time, at most. Default 2: a large report does not keep a small one waiting,
    /// and memory stays bounded.
    pub concurrent_calls: NonZeroU32,
    /// The largest body of one response, in bytes; written as `"16GiB"`. Default 16 GiB: reports
    /// reach one, and a body without end must not fill the disk.
    #[serde(deserialize_with = "size::read")]
    #[schemars(with = "String", regex(pattern = size::PATTERN))]
    pub response_bytes: u64,
    /// The longest silence, from a request to its answer or between two pieces of it. Default one
    /// minute; more for a provider that makes a report only when it is asked for.
    #[serde(deserialize_with = "duration::above_zero")]
    #[schemars(with = "String", regex(pattern = duration::PATTERN))]
    pub idle_timeout: Duration,
    /// The longest that one call may take, body included. Default one hour, enough for the largest
    /// report over a slow line.
    #[serde(deserialize_with = "duration::above_zero")]
    #[schemars(with = "String", regex(pattern = duration::PATTERN))]
    pub call_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: const { NonZeroU32::new(5).expect("5 is not zero") },
            concurrent_calls: const { NonZeroU32::new(2).expect("2 is not zero") },
            response_bytes: 16 << 30,
            idle_timeout: Duration::from_secs(60),
            call_timeout: Duration::from_secs(3600),
        }
    }
}

/// `timings` of an account, in place of those in the manifest; a sandbox runs fast by them.
/// Default for each: what the manifest says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Timings {
    /// From a batch's creation to the first look at it.
    #[serde(deserialize_with = "duration::read")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub first_poll: Option<Duration>,
    /// From one look at a batch to the next.
    #[serde(deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub poll_every: Option<Duration>,
    /// How long the provider keeps a result after the first poll.
    #[serde(deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub kept_for: Option<Duration>,
    /// After how long a batch without a result raises an alarm.
    #[serde(deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub overdue_after: Option<Duration>,
}
