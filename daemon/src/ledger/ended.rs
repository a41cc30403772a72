//! What a run came to, and what it leaves in events.

use std::time::Duration;

use reissue_connector_api::Fault;

use super::batch::Batch;
use super::context::Context;
use super::event::{Event, FaultNote};
use crate::store::StoreError;

/// What a run came to.
pub(super) enum Ended {
    /// It did what it was for.
    Well,
    /// Nothing is wrong; look again after this long.
    Later(Duration),
    /// It failed; look again when the fault says, but not sooner than this.
    Failed(Fault, Duration),
}

/// Records that collecting or delivering a batch failed, if that is news.
pub(super) fn record(
    context: &Context,
    batch: &Batch,
    fault: &Fault,
    held: bool,
) -> Result<(), StoreError> {
    if is_news(batch.fault.as_ref(), fault) {
        context.commit(&[Event::BatchFailed {
            batch: batch.key.clone(),
            fault: note(fault),
            held,
        }])?;
    }
    Ok(())
}

/// The first fault of its kind is news; the same again changes nothing that we know.
pub(super) fn is_news(known: Option<&FaultNote>, fault: &Fault) -> bool {
    known.is_none_or(|known| known.kind != fault.kind)
}

/// The fault as an event remembers it.
pub(super) fn note(fault: &Fault) -> FaultNote {
    FaultNote {
        kind: fault.kind,
        message: fault.message.clone(),
    }
}
