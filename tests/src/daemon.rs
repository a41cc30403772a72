//! A running daemon.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::PATIENCE;
use crate::log::Log;

/// A daemon; killed when dropped, as by `kill -9`.
#[derive(Debug)]
pub struct Daemon {
    process: Child,
    log: Log,
}

impl Daemon {
    pub(crate) fn start(command: &mut Command, arguments: &[&str], log: &Path) -> Self {
        let mut process = command
            .arg("daemon")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::follow(process.stderr.take().unwrap(), log);
        Self { process, log }
    }

    /// Waits until it says that it is ready.
    #[track_caller]
    pub fn ready(mut self) -> Self {
        self.until("Reissue is ready.");
        self
    }

    /// Waits until it says that it is ready, or has ended before: `false`.
    #[track_caller]
    pub fn became_ready(&mut self) -> bool {
        while let Some(line) = self.line() {
            if line["message"] == "Reissue is ready." {
                return true;
            }
        }
        false
    }

    /// Waits for the next line of the log with this message, and gives the line.
    ///
    /// # Panics
    /// When the daemon ends without it, or takes too long.
    #[track_caller]
    pub fn until(&mut self, message: &str) -> Value {
        self.until_line(message, |line| line["message"] == message)
    }

    /// Waits for the next line of the log that is wanted, and gives it; `what` is for the report.
    ///
    /// # Panics
    /// When the daemon ends without it, or takes too long.
    #[track_caller]
    pub fn until_line(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        while let Some(line) = self.log.next(until) {
            if wanted(&line) {
                return line;
            }
        }
        panic!(
            "the daemon ended before {what:?}; its log ends:\n{}",
            self.log.tail()
        );
    }

    /// The next line of the log; none once the daemon has ended.
    #[track_caller]
    pub fn line(&mut self) -> Option<Value> {
        self.log.next(Instant::now() + PATIENCE)
    }

    /// All lines of the log up to now.
    pub fn log(&mut self) -> &[Value] {
        self.log.so_far()
    }

    /// The lines up to now with this message.
    pub fn said(&mut self, message: &str) -> Vec<Value> {
        let lines = self.log().iter();
        let lines = lines.filter(|line| line["message"] == message);
        lines.cloned().collect()
    }

    /// Whether it runs.
    pub fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, as systemd does.
    ///
    /// # Panics
    /// When it does not end well.
    #[track_caller]
    pub fn stop(mut self) {
        self.signal(Signal::TERM);
        assert!(self.ended().success(), "{}", self.log.tail());
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it takes too long.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        // The log ends when the process does, and can be waited for with a limit.
        let until = Instant::now() + PATIENCE;
        while self.log.next(until).is_some() {}
        self.process.wait().unwrap()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
