//! `[schedules.NAME]`: an account's job, and when.

use std::time::Duration;

use chrono_tz::Tz;
use croner::Cron;
use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{cron, duration, zone};

/// `[schedules.NAME]`
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The account, one of `[accounts.NAME]`. Required.
    pub account: String,
    /// The job, one that the account's connector names in its manifest. Required.
    pub job: String,
    /// When it falls due: minute, hour, day of month, month, day of week, with seconds before them
    /// if six are given. Required.
    #[serde(deserialize_with = "cron::read")]
    #[schemars(with = "String", example = "30 6 * * *")]
    pub cron: Cron,
    /// The zone in which `cron` is meant, by its IANA name. Default `UTC`, which knows no daylight
    /// saving time and so no hour that is skipped or comes twice.
    #[serde(default = "zone::utc", deserialize_with = "zone::read")]
    #[schemars(with = "String", example = "Europe/London")]
    pub timezone: Tz,
    /// What happens to slots that fell due while the daemon was down. Default `run_once`.
    #[serde(default)]
    pub missed: Missed,
    /// Spreads the starts over this long, so that many installations do not call a provider in the
    /// same second; a slot's share of it is always the same. Default none.
    #[serde(default, deserialize_with = "duration::read")]
    #[schemars(with = "String", regex(pattern = duration::PATTERN))]
    pub jitter: Duration,
    /// Raises an alarm when this long has passed without a new batch, for a report that should
    /// always come. Default: no alarm.
    #[serde(default, deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub expect_every: Option<Duration>,
    /// How far back the very first run looks. Default: what the job's manifest says.
    #[serde(default, deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub first_lookback: Option<Duration>,
    /// The cards to ask about, one of `[sources.NAME]`, for a job that asks about cards. Default: none.
    #[serde(default)]
    pub source: Option<String>,
    /// Asks only about cards whose `next_billing` is at most this far away. Default: about all.
    #[serde(default, deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub due_within: Option<Duration>,
    /// Leaves out cards that were asked about less than this long ago. Default: leaves out none.
    #[serde(default, deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub not_asked_within: Option<Duration>,
    /// Asks about a card that was not asked about for this long, whether it is due or not: card
    /// networks want that. Default: only what is due is asked about.
    #[serde(default, deserialize_with = "duration::above_zero")]
    #[schemars(with = "Option<String>", regex(pattern = duration::PATTERN))]
    pub ask_at_least_every: Option<Duration>,
    /// Whether the new number of a subscribed card takes the place of the old one, for a job that keeps
    /// subscriptions: the old pair is removed and the new one added. Default `true`; `false` for a provider
    /// whose subscriptions follow a card by themselves.
    #[serde(default)]
    pub follow_updates: Option<bool>,
}

/// What happens to slots that fell due while the daemon was down; never a flood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One run makes up for all of them.
    #[default]
    RunOnce,
    /// They are passed over; the next slot runs.
    Skip,
}
