//! What a fault means for a batch, and how long to wait after one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{Fault, Kind};

use super::batch::Batch;

/// What happens after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again soon, later after each attempt, or when the provider says.
    BackOff,
    /// Waits for a person, and is tried once a day: the provider may mend it meanwhile.
    Held,
    /// The provider no longer has it.
    Expired,
    /// It was announced to us, and the provider does not know it: try again, it may be early.
    Unknown,
    /// The same, and it was given its time.
    Unfounded,
    /// The daemon is stopping: nothing happened.
    Nothing,
}

/// The verdict on a fault of `collect`. Nothing but `gone` ends a batch, unless the provider was to
/// purge it by now and still does not give it.
pub fn on_batch(fault: &Fault, purge: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Verdict {
    let is_purged = purge.is_some_and(|purge| purge < now);
    match fault.kind {
        Kind::Gone => Verdict::Expired,
        Kind::Refused | Kind::Garbled | Kind::Unsupported if is_purged => Verdict::Expired,
        Kind::Refused | Kind::Garbled | Kind::Unsupported => Verdict::Held,
        Kind::Busy | Kind::Unreachable | Kind::Credentials | Kind::Settings => Verdict::BackOff,
        Kind::Cancelled => Verdict::Nothing,
    }
}

/// The same for a batch that was announced to us, and that the provider has not answered for. What it
/// refuses it does not know: early, or because somebody made it up. That it has purged the batch meanwhile is
/// possible only if nobody got to ask before.
pub fn on_unconfirmed(batch: &Batch, fault: &Fault, now: DateTime<Utc>) -> Verdict {
    match fault.kind {
        Kind::Refused | Kind::Gone => {}
        _ => return on_batch(fault, batch.purge, now),
    }
    let is_purged = batch.purge.is_some_and(|purge| purge < now);
    if is_purged && !batch.is_unknown_there() {
        return Verdict::Expired;
    }
    match now - batch.known_since < UNFOUNDED {
        true => Verdict::Unknown,
        false => Verdict::Unfounded,
    }
}

/// How long a provider gets to know what was announced.
const UNFOUNDED: TimeDelta = TimeDelta::hours(24);

/// What a failed submission means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing of it reached the provider, or it answered that it took nothing: send it again, later.
    No,
    /// The provider declined it.
    Refused,
    /// It would not get any further the next time: a person decides.
    Held,
    /// Nobody knows: never send it again by itself.
    Unknown,
}

/// The verdict on a fault of `submit`. Only a provider's own refusal, or a request that cannot have
/// arrived, is certain.
pub fn on_submission(fault: &Fault) -> Sent {
    match (fault.kind, fault.sent) {
        (Kind::Refused | Kind::Gone, true) => Sent::Refused,
        // An answer of its own: the provider knows nobody of that name.
        (Kind::Credentials, _) => Sent::No,
        (_, true) => Sent::Unknown,
        (Kind::Busy | Kind::Unreachable | Kind::Settings | Kind::Cancelled, false) => Sent::No,
        (Kind::Refused | Kind::Gone | Kind::Garbled | Kind::Unsupported, false) => Sent::Held,
    }
}

/// The verdict on a fault of a removal, which may be repeated whatever became of it.
pub fn on_removal(fault: &Fault) -> Verdict {
    match fault.kind {
        Kind::Refused | Kind::Gone | Kind::Garbled | Kind::Unsupported => Verdict::Held,
        Kind::Busy | Kind::Unreachable | Kind::Credentials | Kind::Settings | Kind::Cancelled => {
            Verdict::BackOff
        }
    }
}

/// How long to wait before the provider is asked again whether it has a submission that became
/// unknown so long ago: at once, after 10 minutes, an hour, a day; then a person is asked.
pub fn reconcile_again(unknown_for: TimeDelta) -> Option<Duration> {
    let ladder = [
        TimeDelta::minutes(10),
        TimeDelta::hours(1),
        TimeDelta::days(1),
    ];
    // A clock that was set back must not make it wait for what that adds.
    let unknown_for = unknown_for.max(TimeDelta::zero());
    let next = ladder.into_iter().find(|step| unknown_for < *step)?;
    (next - unknown_for).to_std().ok()
}

/// How long a held batch waits between two tries.
pub const HELD: Duration = Duration::from_secs(24 * 60 * 60);

/// The same for a batch that the provider will purge: a day, or half the time that is left.
pub fn held_for(purge: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    const SOONEST: Duration = Duration::from_secs(600);
    let left = purge.and_then(|purge| (purge - now).to_std().ok());
    left.map_or(HELD, |left| (left / 2).clamp(SOONEST, HELD))
}

/// What is granted of a provider's wish to be asked later: one that asks for a day is believed, one that
/// asks for a year is not, and what it will purge is asked for in time.
pub fn granted(wish: Duration, purge: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    wish.min(held_for(purge, now))
}

/// How long to wait after the given number of failures in a row (1 or more): 10 s doubling to 1 h;
/// a credential or a setting does not mend itself, so those begin at 10 min.
pub fn back_off(fault: &Fault, failures: u32) -> Duration {
    const LONGEST: Duration = Duration::from_secs(60 * 60);
    let first = match fault.kind {
        Kind::Credentials | Kind::Settings => Duration::from_secs(600),
        _ => Duration::from_secs(10),
    };
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(10));
    // A provider that asks for a day is believed; one that asks for a year is not.
    let asked = fault.retry_after.unwrap_or_default().min(HELD);
    doubled.min(LONGEST).max(asked)
}
