//! What wakes the keeper.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Wakes the keeper. Rings that come while it works are one ring.
#[derive(Debug, Clone)]
pub struct Bellpull(SyncSender<()>);

impl Bellpull {
    /// A bellpull and what rings at its other end.
    pub fn new() -> (Self, Receiver<()>) {
        let (pull, bell) = sync_channel(1);
        (Self(pull), bell)
    }

    /// Wakes the keeper. `false` once it has ended.
    pub fn ring(&self) -> bool {
        !matches!(self.0.try_send(()), Err(TrySendError::Disconnected(())))
    }
}
