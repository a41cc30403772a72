//! `[sources.NAME]`: where cards to ask about come from.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::files::{self, Files};
use super::value::{duration, path};
use crate::secret::SecretRef;

/// `[sources.NAME]`
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The form of its files: `csv` or `jsonl`. Required.
    pub kind: SourceKind,
    /// The files, an absolute path whose last part may be a pattern such as `*.csv`. Required; a file
    /// whose name ends in `.age` is decrypted, and hidden files are left alone.
    #[schemars(with = "String", regex(pattern = files::PATTERN))]
    pub path: Files,
    /// The age identity that opens files whose names end in `.age`, by reference. Default: none, and
    /// such files are not read.
    #[serde(default)]
    pub identity: Option<SecretRef>,
    /// How long a file must have been unchanged before it counts. Default `"10s"`; who writes under
    /// another name and renames may say `"0s"`.
    #[serde(default = "settle", deserialize_with = "duration::read")]
    #[schemars(with = "String", regex(pattern = duration::PATTERN))]
    pub settle: Duration,
    /// The directory that files are moved into once their cards are safe in submissions, on the same
    /// file system. Default: they are deleted, as files with card numbers in the clear always are.
    #[serde(default, deserialize_with = "path::absolute")]
    #[schemars(with = "Option<String>", regex(pattern = path::PATTERN))]
    pub keep_done: Option<PathBuf>,
}

fn settle() -> Duration {
    Duration::from_secs(10)
}

/// The `kind` of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Comma-separated values under a line that names the columns.
    Csv,
    /// One JSON object per line.
    Jsonl,
}
