//! Calls of connectors that are under way in this process.
//!
//! A thread cannot be stopped from outside. A call whose time is up and that does neither return nor
//! call back is left alone and shown, because only a restart gets rid of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};

/// A call of a connector.
#[derive(Debug, Clone)]
pub struct Call {
    /// The connector's name.
    pub connector: &'static str,
    /// The account that it is for.
    pub account: String,
    /// The verb.
    pub verb: &'static str,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When its time is up.
    pub deadline: Instant,
}

/// A call under way; over when it is dropped.
pub(super) struct UnderWay(u64);

#[derive(Default)]
struct Calls {
    last: u64,
    calls: BTreeMap<u64, (Call, Told)>,
}

/// Whether the log has said that a call hangs.
type Told = bool;

static CALLS: Mutex<Calls> = Mutex::new(Calls {
    last: 0,
    calls: BTreeMap::new(),
});

impl UnderWay {
    pub(super) fn begin(call: Call) -> Self {
        let mut calls = lock();
        calls.last += 1;
        let number = calls.last;
        calls.calls.insert(number, (call, false));
        Self(number)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock().calls.remove(&self.0);
    }
}

/// The calls whose time is up and that have not returned.
pub fn hanging() -> Vec<Call> {
    let now = Instant::now();
    let calls = lock();
    let hanging = calls.calls.values().filter(|(call, _)| call.deadline < now);
    hanging.map(|(call, _)| call.clone()).collect()
}

/// Says once of each hanging call that it hangs.
pub fn tell() {
    let now = Instant::now();
    for (call, told) in lock().calls.values_mut() {
        if call.deadline < now && !*told {
            *told = true;
            tracing::error!(
                connector = call.connector,
                account = call.account,
                verb = call.verb,
                since = %call.since,
                "A connector's call hangs: its time is up, and it does not return. Restart the \
                 daemon when it suits."
            );
        }
    }
}

fn lock() -> MutexGuard<'static, Calls> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}
