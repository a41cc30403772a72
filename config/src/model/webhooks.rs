//! `[webhooks]`: where providers call us.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::value::public_url::PublicUrl;
use crate::fault::fault;

/// `[webhooks]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// The address and port that are listened on, in the clear: TLS ends at the proxy before it.
    /// Required.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// What providers are given to call, before `/hooks/ACCOUNT/SECRET`: https, or http on this machine.
    /// A proxy may pass its path on or leave it out. Required.
    #[schemars(with = "String", regex(pattern = "^https?://[^?#]*$"))]
    pub public_url: PublicUrl,
    /// The proxies by their addresses: of what comes through them, the last entry of `X-Forwarded-For`
    /// is who called. Default none: whoever connects is who called.
    #[serde(default, deserialize_with = "proxies")]
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpAddr>,
    /// How many requests are let in.
    #[serde(default)]
    pub limits: WebhookLimits,
}

/// `limits` of `[webhooks]`, in requests a second. Those who know a secret and those who do not are counted
/// apart, so that strangers take nothing away from a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookLimits {
    /// From one address (of IPv6, one /64). Default 10: a provider tells of what it has done in a day.
    pub per_source: NonZeroU32,
    /// From all of them. Default 50: each is a file made durable before it is answered.
    pub in_all: NonZeroU32,
}

impl Default for WebhookLimits {
    fn default() -> Self {
        Self {
            per_source: const { NonZeroU32::new(10).expect("10 is not zero") },
            in_all: const { NonZeroU32::new(50).expect("50 is not zero") },
        }
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        fault(
            format_args!("`{text}` is not an address with a port"),
            "write one of this machine's, such as \"127.0.0.1:8788\"",
        )
    })
}

fn proxies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let address = |text: &String| {
        text.parse().map_err(|_| {
            fault(
                format_args!("`{text}` is not an IP address"),
                "write the proxy's own, such as \"127.0.0.1\"",
            )
        })
    };
    texts.iter().map(address).collect()
}
