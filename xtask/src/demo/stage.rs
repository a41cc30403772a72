//! The daemon and its provider while they run, and the waiting for what they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::children::Child;

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whether someone asked us to end: by Ctrl-C, by closing the terminal, by a signal.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on such a request is noted instead of killing us.
    pub(super) fn watch() -> Result<Self> {
        let raised = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(signal, raised.clone()).context("cannot listen for signals")?;
        }
        Ok(Self(raised))
    }

    /// Whether it was asked.
    pub(super) fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The two programs that play.
pub(super) struct Stage<'i> {
    pub(super) daemon: Child,
    pub(super) sandbox: Child,
    pub(super) interrupt: &'i Interrupt,
}

impl Stage<'_> {
    /// Looks again and again until there is something, for `limit` at most.
    ///
    /// # Errors
    /// The look failed, a program ended, someone interrupted, or it took too long.
    pub(super) fn wait_for<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let began = Instant::now();
        loop {
            if self.interrupt.raised() {
                bail!("interrupted while waiting for {what}");
            }
            self.check()?;
            if let Some(found) = look()? {
                return Ok(found);
            }
            if began.elapsed() > limit {
                bail!("{what} took more than {} seconds", limit.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until someone interrupts.
    pub(super) fn run(&mut self) -> Result<()> {
        while !self.interrupt.raised() {
            self.check()?;
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Ends both, the daemon first: it may be talking to the other.
    pub(super) fn end(self) -> Result<()> {
        self.daemon.stop()?;
        self.sandbox.stop()
    }

    fn check(&mut self) -> Result<()> {
        self.daemon.check()?;
        self.sandbox.check()
    }
}
