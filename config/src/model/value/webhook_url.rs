//! The URL that a webhook is posted to.

use std::fmt;

use serde::{Deserialize, Deserializer};
use url::Url;

use super::origin::is_loopback;
use crate::fault::fault;

const EXAMPLE: &str = "write \"https://billing.example.com/hooks/reissue\"";

/// A whole URL: `https`, or `http` to this machine. Its path may hold a secret of the receiver's, so
/// it shows its origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Scheme, host and port, such as `https://billing.example.com`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Path and query, which may be secret.
    pub fn path(&self) -> &str {
        &self.0[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/…)", self.origin())
    }
}

/// No message repeats the text: it may hold a secret.
impl<'de> Deserialize<'de> for WebhookUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let Ok(url) = Url::parse(&text) else {
            return Err(fault("the webhook's URL is not a URL", EXAMPLE));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault(
                "a webhook's URL holds no user and no password",
                "leave them out: what is posted is signed with `secrets`, which says who sends it",
            ));
        }
        if url.fragment().is_some() {
            return Err(fault(
                "a webhook's URL has no fragment, which is never sent",
                "leave out the `#` and what follows it",
            ));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(fault(
                "plain http is allowed to this machine only: updates would travel in the clear",
                "write https",
            )),
            _ => Err(fault("a webhook is posted by https", EXAMPLE)),
        }
    }
}
