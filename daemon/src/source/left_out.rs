//! A file that a slot did not read, as the ledger remembers it: what a log line says once is seen by
//! nobody a week later, and the cards of such a file are not asked about until somebody acts.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::SourceError;

/// A file that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its absolute path.
    pub path: PathBuf,
    /// Its number in the file system. Nothing more is compared: a file that goes on growing is still
    /// the one that was left out.
    pub inode: u64,
    /// What is wrong with it and what to do, to be read after its path.
    pub why: String,
}

impl LeftOut {
    /// The file that the error is about; none if it is gone by now.
    pub fn of(error: &SourceError) -> Option<Self> {
        let inode = fs::symlink_metadata(&error.path).ok()?.ino();
        let cause = std::error::Error::source(error);
        let why = match cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => format!("{} ({cause})", error.why),
            None => error.why.to_string(),
        };
        Some(Self {
            path: error.path.clone(),
            inode,
            why,
        })
    }

    /// Whether it still lies there.
    pub fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode)
    }
}
