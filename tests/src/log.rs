//! The daemon's log as it comes: read on a thread, kept in a file, handed to whoever waits.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use serde_json::Value;

use crate::PATIENCE;

/// The lines of one daemon.
#[derive(Debug)]
pub(crate) struct Log {
    lines: Receiver<Value>,
    seen: Vec<Value>,
}

impl Log {
    /// Follows a daemon's log, and appends it to a file.
    pub(crate) fn follow(stderr: ChildStderr, into: &Path) -> Self {
        let file = OpenOptions::new().append(true).create(true).open(into);
        let mut file: File = file.unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                writeln!(file, "{line}").unwrap();
                // What is no JSON, such as the last word of a command that failed, is a text.
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                // A test that waits no longer still wants the whole file.
                let _ = sender.send(line);
            }
        });
        Self {
            lines,
            seen: Vec::new(),
        }
    }

    /// The next line; none once the daemon has ended.
    #[track_caller]
    pub(crate) fn next(&mut self, until: Instant) -> Option<Value> {
        let left = until.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!(
                "nothing for {} seconds; the log ends:\n{}",
                PATIENCE.as_secs(),
                self.tail()
            ),
        }
    }

    /// What was read so far, and what has come meanwhile.
    pub(crate) fn so_far(&mut self) -> &[Value] {
        self.seen.extend(self.lines.try_iter());
        &self.seen
    }

    /// The last lines, for a report.
    pub(crate) fn tail(&mut self) -> String {
        let lines = self.so_far();
        let last = &lines[lines.len().saturating_sub(20)..];
        last.iter().map(|line| format!("{line}\n")).collect()
    }
}
