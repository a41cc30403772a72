//! The end of all calls, when the daemon stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends calls when the daemon stops.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    stopped: Arc<AtomicBool>,
    failed: Arc<AtomicBool>,
    bell: Arc<tokio::sync::Notify>,
}

impl Stop {
    /// Ends every call that holds a clone.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.bell.notify_waiters();
    }

    /// Ends every call because the daemon cannot go on.
    pub fn fail(&self) {
        self.failed.store(true, Ordering::SeqCst);
        self.stop();
    }

    /// Whether it was a failure that ended them.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    /// Whether calls should end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Waits for the end.
    pub async fn stopped(&self) {
        let mut bell = std::pin::pin!(self.bell.notified());
        // Listening before looking: a stop between the two must not be missed.
        bell.as_mut().enable();
        if !self.stopped.load(Ordering::SeqCst) {
            bell.await;
        }
    }
}
