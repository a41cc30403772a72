//! `[sinks.NAME]`: where updates go.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::proxy::Proxy;
use super::value::recipient::Recipient;
use super::value::webhook_url::WebhookUrl;
use super::value::{duration, mode, path};
use crate::secret::SecretRef;

/// `[sinks.NAME]`, told apart by the key `kind`.
///
/// Not a tagged enum of serde's: that would lose the places of the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Sink {
    /// `kind = "files"`: one file per batch.
    Files(FilesSink),
    /// `kind = "webhook"`: pages of updates, posted.
    Webhook(WebhookSink),
}

/// The `kind` of a [`Sink`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SinkKind {
    /// One file per batch.
    Files,
    /// Pages of updates, posted.
    Webhook,
}

/// A sink of kind `files`: `DIR/ACCOUNT/JOB/BATCH.jsonl`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesSink {
    /// What the sink is: `files`; a `webhook` has other keys. Required.
    #[schemars(extend("const" = "files"))]
    pub kind: SinkKind,
    /// The directory, an absolute path. Required.
    #[serde(deserialize_with = "path::absolute")]
    #[schemars(regex(pattern = path::PATTERN))]
    pub dir: PathBuf,
    /// The form of a file. Default `jsonl`, the only one.
    #[serde(default)]
    pub format: SinkFormat,
    /// Who can open the files: age recipients, each `"age1…"`. Default none; required where full
    /// card numbers occur, unless `plaintext` accepts them in the clear.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^age1")))]
    pub recipients: Vec<Recipient>,
    /// The value `"i-accept"` lets full card numbers be written in the clear. Default: they are not.
    #[serde(default)]
    pub plaintext: Option<Plaintext>,
    /// The files' permissions in octal. Default `"0640"`: the daemon writes, a billing system in the
    /// group reads, nobody else.
    #[serde(default = "mode::default", deserialize_with = "mode::read")]
    #[schemars(with = "String", regex(pattern = mode::PATTERN))]
    pub mode: u32,
    /// The files' group, which the daemon's user must belong to. Default: the daemon's own.
    #[serde(default)]
    pub group: Option<String>,
}

impl FilesSink {
    /// Whether full card numbers may be written there: encrypted, or by an explicit word.
    pub fn may_hold_pans(&self) -> bool {
        !self.recipients.is_empty() || self.plaintext.is_some()
    }
}

/// A sink of kind `webhook`: pages of updates, posted as Standard Webhooks describes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookSink {
    /// What the sink is: `webhook`; `files` have other keys. Required.
    #[schemars(extend("const" = "webhook"))]
    pub kind: SinkKind,
    /// Where the pages are posted, by https, or by http to this machine. Required.
    #[schemars(with = "String", regex(pattern = "^https?://"))]
    pub url: WebhookUrl,
    /// The secrets that sign what is posted, each `whsec_…`, by reference. Required: one, or two while
    /// one takes the other's place, when both sign.
    #[schemars(length(min = 1, max = 2))]
    pub secrets: Vec<SecretRef>,
    /// Whether full card numbers are sent, encrypted inside what is posted. Default `false`: they are
    /// left out.
    #[serde(default)]
    pub include_pan: bool,
    /// Who can open what is encrypted: age recipients, each `"age1…"`. Required with `include_pan`, and
    /// refused without it.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^age1")))]
    pub recipients: Vec<Recipient>,
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

/// What Standard Webhooks recommends at most.
pub(super) fn timeout() -> Duration {
    Duration::from_secs(30)
}

/// The form of a file of updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SinkFormat {
    /// One JSON object per line.
    #[default]
    Jsonl,
}

/// The consent to full card numbers in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Plaintext {
    /// Someone accepts what it means for the systems that read the files.
    #[serde(rename = "i-accept")]
    IAccept,
}
