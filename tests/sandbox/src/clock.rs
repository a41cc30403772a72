//! The sandbox's time: the wall clock plus what was advanced, so that a day passes in a request.
//!
//! Credentials are checked against the wall clock instead, as the client signs with its own.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.ahead.lock().expect("nothing panics while holding it")
    }

    /// Moves time forward; `None` if the calendar ends before that.
    pub(crate) fn advance(&self, by: Duration) -> Option<DateTime<Utc>> {
        let mut ahead = self.ahead.lock().expect("nothing panics while holding it");
        let further = ahead.checked_add(&TimeDelta::from_std(by).ok()?)?;
        let now = Utc::now().checked_add_signed(further)?;
        *ahead = further;
        Some(now)
    }
}
