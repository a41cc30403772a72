//! The proxy that an account's requests go through.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use url::Url;

use crate::fault::fault;
use crate::secret::SecretRef;

/// A proxy: its URL, or a table of its URL and what it wants to know of us.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[serde(untagged)]
pub enum Proxy {
    /// One that lets everybody through who reaches it, such as `"http://proxy.example:3128"`.
    Open(ProxyUrl),
    /// One that asks who we are.
    Asking(ProxyLogin),
}

/// A proxy and what it wants to know of us.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyLogin {
    /// Its URL, such as `"http://proxy.example:3128"`.
    pub url: ProxyUrl,
    /// The user's name.
    pub user: String,
    /// The user's password, by reference.
    pub password: SecretRef,
}

/// Scheme, host and port of a proxy, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
pub struct ProxyUrl(
    #[schemars(regex(pattern = "^https?://"))]
    String,
);

impl Proxy {
    /// The URL without a slash at its end; it holds no credentials.
    pub fn url(&self) -> &str {
        match self {
            Self::Open(url) | Self::Asking(ProxyLogin { url, .. }) => &url.0,
        }
    }
}

impl<'de> Deserialize<'de> for Proxy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UrlOrTable)
    }
}

/// By hand, because serde's untagged enums lose the places of the keys.
struct UrlOrTable;

impl<'de> Visitor<'de> for UrlOrTable {
    type Value = Proxy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the URL of a proxy, or a table of `url`, `user` and `password`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Proxy, E> {
        parse(text).map(Proxy::Open)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Proxy, A::Error> {
        ProxyLogin::deserialize(MapAccessDeserializer::new(map)).map(Proxy::Asking)
    }
}

impl<'de> Deserialize<'de> for ProxyUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse(&String::deserialize(deserializer)?)
    }
}

/// No message repeats the text: a password may stand in it.
fn parse<E: serde::de::Error>(text: &str) -> Result<ProxyUrl, E> {
    const EXAMPLE: &str = "write \"http://proxy.example:3128\"";
    let Ok(url) = Url::parse(text) else {
        return Err(fault("the proxy is not a URL", EXAMPLE));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault(
            "a proxy's URL holds no user and no password",
            "write { url = \"…\", user = \"…\", password = { file = \"/PATH\" } }",
        ));
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(fault("a proxy is spoken to by http or https", EXAMPLE));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(fault("a proxy's URL ends with its port", EXAMPLE));
    }
    Ok(ProxyUrl(url.origin().ascii_serialization()))
}
