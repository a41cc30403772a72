//! Files by path or pattern. Only the last part may be a pattern: a producer chooses names of files,
//! the operator directories.

use std::fmt;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Deserializer};

use super::path;
use crate::fault::fault;

/// What a path or pattern of files looks like, for the schema.
pub(in crate::model) const PATTERN: &str = "^/([^*?\\[]*/)?[^/]+$";

/// A directory, and which of its files are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    directory: PathBuf,
    name: Pattern,
}

impl Files {
    /// The directory that holds them.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether a file of that name in the directory is meant. A pattern never means hidden files,
    /// which are what a producer is still writing.
    pub fn mean(&self, name: &str) -> bool {
        let options = MatchOptions {
            require_literal_leading_dot: true,
            ..MatchOptions::default()
        };
        self.name.matches_with(name, options)
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.directory.join(self.name.as_str()).display())
    }
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path: PathBuf = path::absolute(deserializer)?;
        let text = path.to_string_lossy();
        let (directory, name) = text.rsplit_once('/').unwrap_or_default();
        if name.is_empty() || name == ".." {
            return Err(fault(
                format_args!("`{text}` names no files"),
                format_args!("end it with the name of a file or a pattern, such as \"/…/*.csv\""),
            ));
        }
        if directory.contains(['*', '?', '[']) {
            return Err(fault(
                "only the last part of the path may be a pattern",
                "name one directory; a source for each if there are several",
            ));
        }
        let name = Pattern::new(name).map_err(|error| {
            fault(
                format_args!("`{name}` is not a pattern: {}", error.msg),
                "write * for any text, ? for one character, [ab] for one of these",
            )
        })?;
        Ok(Self {
            directory: Path::new("/").join(directory),
            name,
        })
    }
}
