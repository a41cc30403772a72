//! A calendar clock that a test sets while processes run by it: forwards as when a machine slept, or
//! either way as when somebody corrects it. No other clock moves.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use chrono::TimeDelta;

use crate::preload::Preload;

/// The calendar clock of every process that was started with its environment.
#[derive(Debug)]
pub struct Clock {
    library: Preload,
    ahead: File,
    path: String,
}

impl Clock {
    /// A clock that is right, kept in this folder.
    pub(crate) fn new(folder: &Path) -> Self {
        let path = folder.join("clock-ahead");
        fs::write(&path, 0_i64.to_ne_bytes()).unwrap();
        Self {
            library: Preload::build("clock", folder),
            ahead: File::options().write(true).open(&path).unwrap(),
            path: path.display().to_string(),
        }
    }

    /// Sets it to the real time and so much; less than nothing is behind.
    pub fn set(&self, ahead: TimeDelta) {
        let seconds = ahead.num_seconds().to_ne_bytes();
        self.ahead.write_all_at(&seconds, 0).unwrap();
    }

    /// The environment of a process that goes by it.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.library
            .environment([("CLOCK_AHEAD", self.path.clone())])
    }
}
