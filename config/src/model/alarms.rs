//! `[alarms]`: who is told what needs a person.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::sink::timeout;
use super::value::proxy::Proxy;
use super::value::webhook_url::WebhookUrl;
use super::value::{duration, path};
use crate::secret::SecretRef;

/// `[alarms]`: one webhook for whoever has no monitoring that asks the daemon.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarms {
    /// Where alarms are posted, by https, or by http to this machine. Required.
    #[schemars(with = "String", regex(pattern = "^https?://"))]
    pub url: WebhookUrl,
    /// The secrets that sign them, each `whsec_…`, by reference. Required: one, or two while one takes
    /// the other's place, when both sign.
    #[schemars(length(min = 1, max = 2))]
    pub secrets: Vec<SecretRef>,
    /// How long the receiver may take to answer. Default `"30s"`.
    #[serde(default = "timeout", deserialize_with = "duration::above_zero")]
    #[schemars(with = "String", regex(pattern = duration::PATTERN))]
    pub timeout: Duration,
    /// The proxy that leads to the receiver, as an account's. Default: none.
    #[serde(default)]
    pub proxy: Option<Proxy>,
    /// A PEM file of certificate authorities to trust besides the host's own. Default: the host's
    /// alone.
    #[serde(default, deserialize_with = "path::absolute")]
    #[schemars(with = "Option<String>", regex(pattern = path::PATTERN))]
    pub ca: Option<PathBuf>,
}
