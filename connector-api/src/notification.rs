//! A provider's call to our webhook, durable before anybody looks at it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a provider sent to the account's webhook. It is unauthenticated: a connector takes nothing
/// from it but the name of a batch, which is then collected with our own credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}
