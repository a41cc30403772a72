//! The sandbox's time: the wall clock plus what was advanced, so that a day passes in a request.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: Mutex<TimeDelta>,
    /// The part of it that went by for clients too.
    clients_ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        now() + *self.ahead.lock().expect("nothing panics while holding it")
    }

    /// What a client's clock shows. Credentials are checked against it: a client signs with its own clock,
    /// which nobody advanced unless the order says so.
    pub(crate) fn of_clients(&self) -> DateTime<Utc> {
        now()
            + *self
                .clients_ahead
                .lock()
                .expect("nothing panics while holding it")
    }

    /// Moves the clients' time as far forward as ours.
    pub(crate) fn take_clients_along(&self) {
        let ahead = *self.ahead.lock().expect("nothing panics while holding it");
        *self
            .clients_ahead
            .lock()
            .expect("nothing panics while holding it") = ahead;
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
