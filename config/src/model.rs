//! What the configuration says, section by section.
//!
//! Parsed, not validated: a duration is a [`std::time::Duration`], a cron line a [`croner::Cron`],
//! and a value that exists is right in itself. The documentation of every field is the manual's.

mod account;
mod alarms;
mod config;
mod connector;
mod daemon;
mod fees;
mod schedule;
mod sink;
mod source;
mod telemetry;
mod value;
mod webhooks;

pub use account::{Account, Brake, Limits, Timings};
pub use alarms::Alarms;
pub use config::Config;
pub use connector::Connector;
pub use daemon::{Admin, Daemon};
pub use fees::Fees;
pub use schedule::{Missed, Schedule};
pub use sink::{FilesSink, Plaintext, Sink, SinkFormat, SinkKind, WebhookSink};
pub use source::{Source, SourceKind};
pub use telemetry::{Level, LogFormat, Otlp, Telemetry};
pub use value::files::Files;
pub use value::origin::Origin;
pub use value::price::Price;
pub use value::proxy::{Proxy, ProxyLogin, ProxyUrl};
pub use value::public_url::PublicUrl;
pub use value::recipient::Recipient;
pub use value::webhook_url::WebhookUrl;
pub use webhooks::{WebhookLimits, Webhooks};
