//! Where providers reach us from outside.

use serde::{Deserialize, Deserializer};
use url::Url;

use super::origin::is_loopback;
use crate::fault::fault;

/// An origin and perhaps a path, without a slash at its end. `https`, or `http` to this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL of what lies at a path below it, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }

    /// Its own path, without a slash at its end; mostly empty.
    pub fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let example =
            "write what providers can reach, such as \"https://billing.example.com/reissue\"";
        let Ok(url) = Url::parse(&text) else {
            return Err(fault("the public URL is not a URL", example));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("a public URL holds no user and no password", example));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault("a public URL ends with its path", example));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(fault(
                "plain http is allowed to this machine only: the secret in the URL would travel in the clear",
                format_args!("write \"{}\"", text.replacen("http", "https", 1)),
            )),
            scheme => Err(fault(
                format_args!("a public URL does not begin with `{scheme}:`"),
                "write https, or http to this machine",
            )),
        }
    }
}
