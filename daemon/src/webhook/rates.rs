//! How many requests are let in: from one source, and from all of them.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use reissue_config::WebhookLimits;

/// How many sources are remembered. Each is forgotten after a second or so; while there are more, no new one
/// is let in.
const SOURCES: usize = 4096;

/// The requests of those who know a secret, or of those who do not.
pub(super) struct Rates {
    sources: DefaultKeyedRateLimiter<IpAddr>,
    all: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Rates {
    pub(super) fn of(limits: &WebhookLimits) -> Self {
        Self {
            sources: RateLimiter::keyed(Quota::per_second(limits.per_source)),
            all: RateLimiter::direct(Quota::per_second(limits.in_all)),
            clock: DefaultClock::default(),
        }
    }

    /// Lets a request in, or says after how long to come again.
    pub(super) fn admit(&self, source: IpAddr) -> Result<(), Duration> {
        if self.sources.len() >= SOURCES {
            self.sources.retain_recent();
            if self.sources.len() >= SOURCES {
                return Err(Duration::from_secs(1));
            }
        }
        let now = self.clock.now();
        let of_source = self.sources.check_key(&network(source));
        of_source.map_err(|not_until| not_until.wait_time_from(now))?;
        self.all
            .check()
            .map_err(|not_until| not_until.wait_time_from(now))
    }
}

/// Whoever has one address of IPv6 has all of its /64.
fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            Ipv6Addr::from_bits(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rates(per_source: u32, in_all: u32) -> Rates {
        Rates::of(&WebhookLimits {
            per_source: NonZeroU32::new(per_source).unwrap(),
            in_all: NonZeroU32::new(in_all).unwrap(),
        })
    }

    /// How many of so many requests at once are let in.
    fn admitted(rates: &Rates, source: &str, requests: usize) -> usize {
        let source = source.parse().unwrap();
        (0..requests)
            .filter(|_| rates.admit(source).is_ok())
            .count()
    }

    #[test]
    fn one_source_does_not_take_the_share_of_another() {
        let rates = rates(2, 1_000_000);
        assert_eq!(admitted(&rates, "192.0.2.1", 10), 2);
        assert_eq!(admitted(&rates, "192.0.2.2", 10), 2);
    }

    #[test]
    fn all_addresses_of_a_network_are_one_source() {
        let rates = rates(2, 1_000_000);
        assert_eq!(admitted(&rates, "2001:db8::1", 2), 2);
        assert_eq!(admitted(&rates, "2001:db8::2", 2), 0);
        assert_eq!(admitted(&rates, "2001:db8:0:1::1", 2), 2);
    }

    #[test]
    fn many_sources_share_what_there_is_in_all() {
        let rates = rates(2, 3);
        let sources = (1..10).map(|host| format!("192.0.2.{host}"));
        let in_all: usize = sources.map(|source| admitted(&rates, &source, 1)).sum();
        assert_eq!(in_all, 3);
        let wait = rates.admit("192.0.2.77".parse().unwrap()).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
    }

    #[test]
    fn more_sources_than_anybody_remembers_are_not_let_in() {
        let rates = rates(1, 1_000_000);
        let sources = (0..2 * SOURCES as u32).map(|bits| IpAddr::from(bits.to_be_bytes()));
        assert!(
            sources
                .filter(|source| rates.admit(*source).is_err())
                .count()
                > 0
        );
        assert!(rates.sources.len() <= SOURCES);
    }
}
