//! A failure of our own disk, from wherever it comes.

use reissue_connector_api::Fault;

use crate::seal::SealError;
use crate::spool::own_disk;

/// A failure of our own disk, from wherever it comes.
pub(super) struct Failed(pub(super) Fault);

impl From<SealError> for Failed {
    fn from(error: SealError) -> Self {
        Self(own_disk(&error))
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        failed.0
    }
}
