//! `[sinks.NAME]`: where updates go.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::recipient::Recipient;
use super::value::{mode, path};

/// `[sinks.NAME]`, told apart by the key `kind`.
///
/// Not a tagged enum of serde's: that would lose the places of the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Sink {
    /// `kind = "files"`: one file per batch.
    Files(FilesSink),
}

/// A sink of kind `files`: `DIR/ACCOUNT/JOB/BATCH.jsonl`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesSink {
    /// What the sink is: `files`. Required.
    pub kind: FilesKind,
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

/// The `kind` of a [`FilesSink`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FilesKind {
    /// One file per batch.
    Files,
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
