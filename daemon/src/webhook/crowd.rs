//! Those who are connected and have not shown that they know a secret. When there are too many, whoever has
//! been there for longest has to go: a genuine request takes milliseconds, so slow senders keep nobody out.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

/// How many there may be.
const SEATS: usize = 256;

/// The crowd.
#[derive(Clone, Default)]
pub(super) struct Crowd(Arc<Mutex<Seats>>);

#[derive(Default)]
struct Seats {
    taken: BTreeMap<u64, AbortHandle>,
    last: u64,
}

/// A place in the crowd, given up on drop.
pub(super) struct Seat {
    crowd: Crowd,
    number: u64,
}

impl Crowd {
    /// Begins a conversation; ends the oldest one when there are too many.
    pub(super) fn enter<C>(&self, converse: impl FnOnce(Seat) -> C)
    where
        C: Future<Output = ()> + Send + 'static,
    {
        // Held until the seat is taken, so that nobody leaves it before.
        let mut seats = self.seats();
        seats.last += 1;
        let number = seats.last;
        let seat = Seat {
            crowd: self.clone(),
            number,
        };
        let conversation = tokio::spawn(converse(seat));
        seats.taken.insert(number, conversation.abort_handle());
        if seats.taken.len() > SEATS
            && let Some((_, oldest)) = seats.taken.pop_first()
        {
            oldest.abort();
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Leaves the crowd: nobody ends this conversation any more.
    pub(super) fn leave(&self) {
        self.crowd.seats().taken.remove(&self.number);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn the_oldest_goes_and_whoever_left_the_crowd_stays() {
        let crowd = Crowd::default();
        let (ends, mut ended) = mpsc::unbounded_channel();
        let enter = |number: usize, leaves: bool| {
            let end = OnDrop(number, ends.clone());
            crowd.enter(move |seat| async move {
                let _end = end;
                if leaves {
                    seat.leave();
                }
                std::future::pending().await
            });
        };
        enter(0, true);
        tokio::task::yield_now().await;
        for number in 1..=SEATS + 2 {
            enter(number, false);
        }
        assert_eq!((ended.recv().await, ended.recv().await), (Some(1), Some(2)));
        assert!(ended.try_recv().is_err());
        assert_eq!(crowd.seats().taken.len(), SEATS);
    }

    struct OnDrop(usize, mpsc::UnboundedSender<usize>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            let _ = self.1.send(self.0);
        }
    }
}
