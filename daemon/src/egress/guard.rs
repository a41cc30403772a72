//! Which addresses may be talked to: public ones, or loopback where the account says so itself.
//!
//! A name is checked after it was resolved and the connection goes to the address that was checked,
//! so a name that suddenly points into the own network reaches nothing there.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether the origin is loopback, which only a sandbox is.
///
/// # Errors
/// One sentence where the origin is a private address.
pub(super) fn check_origin(origin: &Url) -> Result<bool, String> {
    let host = origin.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    match address {
        Some(address) if address.is_loopback() => Ok(true),
        Some(address) if !is_public(address) => Err(format!(
            "{address} is a private address; the daemon talks to public addresses, and to \
             loopback for a sandbox"
        )),
        _ => Ok(host == "localhost"),
    }
}

/// Resolves names to public addresses only.
pub(super) struct PublicOnly {
    pub(super) loopback: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = all
                .into_iter()
                .filter(|address| is_public(address.ip()) || loopback && address.ip().is_loopback())
                .collect();
            if allowed.is_empty() {
                let refusal = format!("{} has no public address", name.as_str());
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
        let origin = |text| check_origin(&Url::parse(text).unwrap());
        assert_eq!(origin("http://127.0.0.1:9100"), Ok(true));
        assert_eq!(origin("http://[::1]:9100"), Ok(true));
        assert_eq!(origin("https://api.example.com"), Ok(false));
        assert!(
            origin("https://10.1.2.3")
                .unwrap_err()
                .contains("private address")
        );
    }
}
