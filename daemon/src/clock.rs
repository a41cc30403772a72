//! The one place that reads the wall clock.

use chrono::{DateTime, Utc};

/// Now, to the microsecond, which is what the journal keeps.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
