//! A provider's call to our webhook, durable before anybody looks at it, and what it announces.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::batch::Found;

/// What a provider sent to the account's webhook. It is unauthenticated: a connector takes nothing
/// from it but the name of a batch, which is then collected with our own credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What its headers say, names in lower case: the content type.
    pub headers: BTreeMap<String, String>,
    /// The body, which should be JSON.
    pub body: String,
}

/// A batch that a webhook call announces. An account has one webhook for all its jobs, so the call
/// itself must tell whose batch it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The job that collects it.
    pub job: String,
    /// The batch.
    #[serde(flatten)]
    pub found: Found,
}
