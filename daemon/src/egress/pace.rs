//! The account's rate: requests take turns at even distances.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Pace {
    distance: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(per_second: f64) -> Self {
        Self {
            distance: Duration::from_secs_f64(1.0 / per_second.max(0.001)),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + self.distance;
            turn
        };
        tokio::time::sleep_until(turn.into()).await;
    }
}
