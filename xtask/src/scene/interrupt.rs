//! Ctrl-C, noted instead of obeyed, so that what was started is ended in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether someone asked us to end: by Ctrl-C, by closing the terminal, by a signal.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on such a request is noted instead of killing us.
    pub(crate) fn watch() -> Result<Self> {
        let raised = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(signal, raised.clone()).context("cannot listen for signals")?;
        }
        Ok(Self(raised))
    }

    /// Whether it was asked.
    pub(crate) fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
