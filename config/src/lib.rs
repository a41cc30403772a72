//! The configuration of Reissue: `reissue.toml`, `conf.d/*.toml`, and what is wrong with them.
//!
//! [`load`] answers with a whole [`Config`] or with all [`Problems`] at once, each with file, line,
//! caret and a suggestion: an operator mends a file in one pass, not one error per attempt.
//!
//! Why our own reading over one serde call: serde stops at the first fault and knows nothing of
//! several files. So the files are merged as spanned trees ([`toml::de::DeTable`]) that share one
//! coordinate space, and every section is read by itself, again and again, with the key at fault
//! taken out, until nothing is wrong with it.
//!
//! What only the daemon can judge (an unknown connector, settings that a connector refuses, a
//! missing secret) it adds as further problems: [`Config::problem`] finds the place.

mod fault;
mod load;
mod model;
mod nearest;
mod place;
mod problem;
mod render;
mod schema;
mod secret;
mod sources;
mod why;

pub use load::load;
pub use model::{
    Account, Admin, Alarms, Brake, Config, Connector, Daemon, Fees, Files, FilesSink, Level,
    Limits, LogFormat, Missed, Origin, Otlp, Plaintext, Price, Proxy, ProxyLogin, ProxyUrl,
    PublicUrl, Recipient, Schedule, Sink, SinkFormat, SinkKind, Source, SourceKind, Telemetry,
    Timings, WebhookLimits, WebhookSink, WebhookUrl, Webhooks,
};
pub use nearest::nearest;
pub use place::Place;
pub use problem::{Problem, Problems};
pub use schema::{configuration_schema, published_schema};
pub use secret::{SecretProblem, SecretRef};
