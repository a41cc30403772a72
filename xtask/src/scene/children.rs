//! A program that a scene starts and ends.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// A program ends at once when told to; this is for a machine that is busy. The daemon itself gives its
/// runs 30 seconds.
const GRACE: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running program; killed if it still runs when this is dropped.
pub(crate) struct Child {
    name: &'static str,
    process: Process,
}

impl Child {
    /// Starts it, with what it logs in a file.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let log = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let process = command
            .stdin(Stdio::null())
            .stderr(log)
            // Ctrl-C is for us alone: we end the daemon before the provider that it talks to.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        Ok(Self { name, process })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The first line that it prints, empty if it ends without one.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(output) = self.process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        Ok(line)
    }

    /// Fails if it ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            Some(status) => bail!("the {} ended by itself, {status}", self.name),
            None => Ok(()),
        }
    }

    /// Asks it to end, and fails if it does not end well.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.check()?;
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            match self.process.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the {} did not end well, {status}", self.name),
                None => thread::sleep(LOOK_EVERY),
            }
        }
        bail!(
            "the {} did not end within {} seconds of being asked to",
            self.name,
            GRACE.as_secs()
        )
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
