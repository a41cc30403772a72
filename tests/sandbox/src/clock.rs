//! The sandbox's time: the wall clock plus what was advanced, so that a day passes in a request.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The wall clock. Credentials are checked against it: a client signs with its own clock, which nobody advanced.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        now() + *self.ahead.lock().expect("nothing panics while holding it")
    }

    /// Moves time forward; `None` if the calendar ends before that.
    pub(crate) fn advance(&self, by: Duration) -> Option<DateTime<Utc>> {
        let mut ahead = self.ahead.lock().expect("nothing panics while holding it");
        let further = ahead.checked_add(&TimeDelta::from_std(by).ok()?)?;
        let now = now().checked_add_signed(further)?;
        *ahead = further;
        Some(now)
    }
}
