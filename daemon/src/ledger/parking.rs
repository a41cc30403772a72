//! Parking: an account whose credentials its provider refuses is left alone but for a probe an hour,
//! because a provider may lock a merchant who keeps knocking with a wrong key.
//!
//! It takes two different calls: some providers answer 401 for one batch that is not ours. It is kept
//! in memory only, so a restart and a reload, by which a person mends a credential, try everything.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::pace::Task;

/// How often a parked account is tried.
const PROBE: Duration = Duration::from_secs(60 * 60);

/// The accounts whose credentials were refused.
#[derive(Debug, Default)]
pub struct Parking(HashMap<String, Refusals>);

#[derive(Debug, Default)]
struct Refusals {
    /// The calls that were refused since one was answered.
    calls: HashSet<Task>,
    parked: Option<Parked>,
}

/// A parked account.
#[derive(Debug, Clone)]
pub struct Parked {
    /// Since when.
    pub since: DateTime<Utc>,
    /// What the provider answered last.
    pub why: String,
    /// When it is tried again, on the wall clock, for people.
    pub probed_at: DateTime<Utc>,
    /// The same on the clock that nobody sets.
    probe: Instant,
    /// The call that a person wants tried now, and no other in its place.
    wanted: Option<Task>,
}

impl Parking {
    /// A call was refused for its credentials. `true` if that is what parked the account.
    pub fn refused(&mut self, account: &str, call: &Task, why: &str, now: DateTime<Utc>) -> bool {
        let refusals = self.0.entry(account.to_owned()).or_default();
        refusals.calls.insert(call.clone());
        match &mut refusals.parked {
            Some(parked) => {
                why.clone_into(&mut parked.why);
                false
            }
            None if refusals.calls.len() < 2 => false,
            None => {
                refusals.parked = Some(Parked {
                    since: now,
                    why: why.to_owned(),
                    probed_at: now + PROBE,
                    probe: Instant::now() + PROBE,
                    wanted: None,
                });
                true
            }
        }
    }

    /// A call was answered. `true` if that is what ended the parking.
    pub fn answered(&mut self, account: &str) -> bool {
        let refusals = self.0.remove(account);
        refusals.is_some_and(|refusals| refusals.parked.is_some())
    }

    /// How an account is parked.
    pub fn parked(&self, account: &str) -> Option<&Parked> {
        self.0.get(account)?.parked.as_ref()
    }

    /// Whether a call may be made.
    pub fn admits(&self, account: &str, call: &Task, now: DateTime<Utc>) -> bool {
        self.parked(account).is_none_or(|parked| {
            parked.wanted.as_ref() == Some(call)
                || Instant::now() >= parked.probe
                || now >= parked.probed_at
        })
    }

    /// A call begins; of a parked account it is the probe.
    pub fn begins(&mut self, account: &str, call: &Task, now: DateTime<Utc>) {
        if let Some(parked) = self.0.get_mut(account).and_then(|it| it.parked.as_mut()) {
            parked.probe = Instant::now() + PROBE;
            parked.probed_at = now + PROBE;
            parked.wanted.take_if(|wanted| wanted == call);
        }
    }

    /// A person wants this call tried now.
    pub fn want(&mut self, account: &str, call: &Task) {
        if let Some(parked) = self.0.get_mut(account).and_then(|it| it.parked.as_mut()) {
            parked.wanted = Some(call.clone());
        }
    }
}
