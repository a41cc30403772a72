//! The host that an account talks to, as an origin.

use std::fmt;

use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use crate::fault::fault;

/// Scheme, host and port, nothing else: connectors own paths. `https`, or `http` to this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin without a slash at its end, such as `https://api.example.com`; the port is left
    /// out where it is the scheme's own.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let Ok(url) = Url::parse(&text) else {
            return Err(fault(
                "the base URL is not a URL",
                "write an origin, such as \"https://api.example.com\"",
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault(
                "a base URL holds no user and no password",
                "give credentials as `secrets` of the account",
            ));
        }
        let origin = url.origin().ascii_serialization();
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(fault(
                "a base URL is an origin only; the connector knows the paths",
                format_args!("write \"{origin}\""),
            ));
        }
        match url.scheme() {
            "https" => Ok(Self(origin)),
            "http" if is_loopback(&url) => Ok(Self(origin)),
            "http" => Err(fault(
                "plain http is allowed to this machine only: credentials and card data would travel in the clear",
                format_args!("write \"{}\"", origin.replacen("http", "https", 1)),
            )),
            scheme => Err(fault(
                format_args!("a base URL does not begin with `{scheme}:`"),
                "write https, or http to this machine",
            )),
        }
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
