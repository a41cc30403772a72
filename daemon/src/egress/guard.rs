//! Which addresses may be talked to: an account's provider has a public one, or loopback where the account
//! says so itself; a webhook's receiver is the operator's own and may be anywhere but where clouds keep
//! what they know of a machine, keys to them included.
//!
//! A name is checked after it was resolved and the connection goes to the address that was checked,
//! so a name that suddenly points into the own network reaches nothing there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::way::Whose;

/// Whether the origin is loopback, which only a sandbox is.
///
/// # Errors
/// One sentence where the origin is an address that may not be talked to.
pub(super) fn check_origin(origin: &Url, whose: Whose) -> Result<bool, String> {
    let host = origin.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    match address {
        Some(address) if address.is_loopback() => Ok(true),
        Some(address) if whose == Whose::Webhook && !may_receive(address) => Err(format!(
            "{address} is no receiver's address: a cloud's metadata or nobody at all answers there"
        )),
        Some(_) if whose == Whose::Webhook => Ok(false),
        Some(address) if !is_public(address) => Err(format!(
            "{address} is a private address; the daemon talks to public addresses, and to \
             loopback for a sandbox"
        )),
        _ => Ok(host == "localhost"),
    }
}

/// Resolves names to addresses that may be talked to.
pub(super) struct Guarded {
    pub(super) whose: Whose,
    pub(super) loopback: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (whose, loopback) = (self.whose, self.loopback);
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = all
                .into_iter()
                .filter(|address| match whose {
                    Whose::Webhook => may_receive(address.ip()),
                    Whose::Account if loopback && address.ip().is_loopback() => true,
                    Whose::Account => is_public(address.ip()),
                })
                .collect();
            if allowed.is_empty() {
                let public = match whose {
                    Whose::Account => "public ",
                    Whose::Webhook => "receiver's ",
                };
                let refusal = format!("{} has no {public}address", name.as_str());
                return Err(refusal.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Neither loopback, private, link-local (cloud metadata lives there), shared nor multicast.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0b1100_0000 == 64;
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
        }
    }
}

/// Anything but what only answers this very machine: link-local addresses and the clouds' other ones for
/// metadata, and what is no single machine's.
fn may_receive(address: IpAddr) -> bool {
    const METADATA: [IpAddr; 3] = [
        IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
        IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    ];
    let address = address.to_canonical();
    let is_local = match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !(is_local || address.is_unspecified() || address.is_multicast() || METADATA.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_not_public() {
        for address in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        assert!(is_public("93.184.215.14".parse().unwrap()));
        assert!(is_public("2606:2800:21f:cb07::1".parse().unwrap()));
    }

    #[test]
    fn an_origin_is_public_or_loopback() {
        let origin = |text| check_origin(&Url::parse(text).unwrap(), Whose::Account);
        assert_eq!(origin("http://127.0.0.1:9100"), Ok(true));
        assert_eq!(origin("http://[::1]:9100"), Ok(true));
        assert_eq!(origin("https://api.example.com"), Ok(false));
        assert!(
            origin("https://10.1.2.3")
                .unwrap_err()
                .contains("private address")
        );
    }

    #[test]
    fn a_receiver_may_stand_in_the_own_network_and_is_no_metadata() {
        let origin = |text| check_origin(&Url::parse(text).unwrap(), Whose::Webhook);
        assert_eq!(origin("https://10.1.2.3/hooks"), Ok(false));
        assert_eq!(origin("https://[fd00::1]/hooks"), Ok(false));
        assert_eq!(origin("http://127.0.0.1:9100"), Ok(true));
        for metadata in [
            "https://169.254.169.254",
            "https://[::ffff:169.254.169.254]",
            "https://[fd00:ec2::254]",
            "https://[fe80::a9fe:a9fe]",
            "https://100.100.100.200",
            "https://0.0.0.0",
            "https://224.0.0.1",
        ] {
            let why = origin(metadata).unwrap_err();
            assert!(why.contains("no receiver's address"), "{why}");
        }
    }
}
