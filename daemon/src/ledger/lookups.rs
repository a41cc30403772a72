//! Looks at announced batches that the provider may not know: few a minute and one at a time for each
//! account, because whoever learns a webhook's secret can announce what he likes, and a provider must not
//! be made to suffer for it. A batch that the provider knew gives its look back, so what is genuine is
//! never slowed down.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::key::BatchKey;

/// How many looks an account allows itself in a minute.
const A_MINUTE: usize = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// The looks of all accounts.
#[derive(Debug, Default)]
pub(super) struct Lookups(HashMap<String, Looks>);

#[derive(Debug, Default)]
struct Looks {
    /// Those of the last minute that the provider did not know, or has not answered.
    begun: VecDeque<(Instant, BatchKey)>,
    under_way: Option<BatchKey>,
}

impl Lookups {
    /// Whether another look may begin.
    pub(super) fn admit(&self, account: &str, now: Instant) -> bool {
        let Some(looks) = self.0.get(account) else {
            return true;
        };
        let lately = looks.begun.iter().filter(|(at, _)| now - *at < MINUTE);
        looks.under_way.is_none() && lately.count() < A_MINUTE
    }

    /// A look begins.
    pub(super) fn begins(&mut self, key: &BatchKey, now: Instant) {
        let looks = self.0.entry(key.account.clone()).or_default();
        looks.begun.retain(|(at, _)| now - *at < MINUTE);
        looks.begun.push_back((now, key.clone()));
        looks.under_way = Some(key.clone());
    }

    /// It has ended.
    pub(super) fn ended(&mut self, key: &BatchKey) {
        if let Some(looks) = self.0.get_mut(&key.account) {
            looks.under_way.take_if(|under_way| under_way == key);
        }
    }

    /// The provider knew the batch.
    pub(super) fn confirmed(&mut self, key: &BatchKey) {
        if let Some(looks) = self.0.get_mut(&key.account) {
            looks.begun.retain(|(_, begun)| begun != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: usize) -> BatchKey {
        format!("acme/{id}").parse().unwrap()
    }

    #[test]
    fn a_forger_gets_thirty_looks_a_minute_and_what_is_genuine_as_many_as_it_likes() {
        let mut lookups = Lookups::default();
        let now = Instant::now();
        let mut look = |id: usize, at: Instant, is_known: bool| {
            let admitted = lookups.admit("acme", at);
            if admitted {
                lookups.begins(&key(id), at);
                assert!(!lookups.admit("acme", at), "one at a time");
                lookups.ended(&key(id));
            }
            if is_known {
                lookups.confirmed(&key(id));
            }
            admitted
        };
        for id in 0..100 {
            assert!(look(id, now, true));
        }
        for id in 100..130 {
            assert!(look(id, now, false));
        }
        assert!(!look(130, now + MINUTE / 2, false));
        assert!(look(130, now + MINUTE, false));
        assert!(lookups.admit("other", now));
    }
}
