//! `[telemetry]`: what the daemon says about itself.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::fault::fault;

/// `[telemetry]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// The least important lines that are logged. Default `info`: one line for everything that
    /// changed state, none for a poll that found nothing new.
    pub log: Level,
    /// The form of the log. Default: pretty on a terminal, native under journald, JSON otherwise.
    pub format: Option<LogFormat>,
    /// Where traces go. Default: nowhere.
    pub otlp: Option<Otlp>,
}

/// How important a log line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed and needs a person.
    Error,
    /// Something will need a person if it goes on.
    Warn,
    /// What the daemon did.
    #[default]
    Info,
    /// Why it did so.
    Debug,
    /// Every step; too much for production.
    Trace,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
    /// Journal entries with fields.
    Journald,
}

/// `otlp`: traces as OTLP over HTTP.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Otlp {
    /// The collector, such as `http://127.0.0.1:4318`; the path `/v1/traces` is added to it.
    #[serde(deserialize_with = "collector")]
    pub endpoint: String,
}

fn collector<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text),
        _ => Err(fault(
            "the collector's endpoint is not an http or https URL",
            "write it as \"http://127.0.0.1:4318\"",
        )),
    }
}
