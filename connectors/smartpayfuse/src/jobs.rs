//! What the provider can be asked for, and when its answers come.
//!
//! It states neither how long it keeps a report nor how soon it must be ready: 24 to 48 hours are usual.

use std::time::Duration;

use reissue_connector_api::{Job, Timing, Verb, days, hours, minutes};

/// The daily batch of American Express.
pub(crate) const AMEX_DAILY: &str = "amex-daily";
/// The monthly batch of the others.
pub(crate) const HARVEST: &str = "harvest";
/// Registrations that others submitted.
pub(crate) const REGISTRY_REPORTS: &str = "registry-reports";
/// Inquiries that others submitted.
pub(crate) const ONE_OFF_REPORTS: &str = "one-off-reports";
/// An inquiry of ours.
pub(crate) const ONE_OFF: &str = "one-off";
/// A registration of ours.
pub(crate) const AMEX_REGISTRATION: &str = "amex-registration";

/// The provider takes a hundred times as many in one batch. A submission that is in doubt concerns all of
/// its cards, and it is held in memory while it is signed and sent.
const LARGEST_SUBMISSION: u32 = 100_000;

/// All of them.
pub(crate) const ALL: [Job; 6] = [
    listing(
        AMEX_DAILY,
        "The daily report of changed American Express cards",
        "30 6 * * *",
        days(7),
    ),
    listing(
        HARVEST,
        "The monthly sweep of all stored Visa and Mastercard tokens",
        "0 7 * * *",
        days(45),
    ),
    listing(
        REGISTRY_REPORTS,
        "What was refused when American Express tokens were registered",
        "15 7 * * *",
        days(7),
    ),
    listing(
        ONE_OFF_REPORTS,
        "Answers to inquiries that other systems of the merchant submitted",
        "30 7 * * *",
        days(7),
    ),
    question(
        ONE_OFF,
        "What became of given Visa and Mastercard tokens",
        "0 2 * * MON",
    ),
    question(
        AMEX_REGISTRATION,
        "Registers American Express tokens for the daily report",
        "0 3 * * *",
    ),
];

/// A discover job. Its batches are mostly complete when they are first seen.
const fn listing(
    name: &'static str,
    summary: &'static str,
    suggested_cron: &'static str,
    first_lookback: Duration,
) -> Job {
    Job {
        name,
        verb: Verb::Discover,
        summary,
        suggested_cron,
        first_lookback,
        largest_submission: 0,
        needs_enrolment: false,
        needs_webhook: false,
        timing: TIMING,
    }
}

/// A submit job. The provider wants its status looked at soon, because what is refused is refused early.
const fn question(name: &'static str, summary: &'static str, suggested_cron: &'static str) -> Job {
    Job {
        name,
        verb: Verb::Submit,
        summary,
        suggested_cron,
        first_lookback: days(0),
        largest_submission: LARGEST_SUBMISSION,
        needs_enrolment: false,
        needs_webhook: false,
        timing: TIMING,
    }
}

const TIMING: Timing = Timing {
    first_poll: minutes(1),
    poll_every: hours(1),
    kept_for: None,
    overdue_after: hours(96),
};
