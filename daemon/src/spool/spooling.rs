//! The spool of a batch on demand: most batches of a quiet day hold no update, and leave no file.

use std::sync::Arc;

use reissue_connector_api::{Fault, Update};

use super::{Origin, SpoolBroken, SpoolDirectory, SpoolWriter, Spooled, own_disk};
use crate::connector::Updates;
use crate::ledger::BatchKey;
use crate::seal::Keyring;

/// A spool that its first update begins. Dropped before `finish`, it leaves nothing.
pub struct Spooling<'c> {
    directory: &'c SpoolDirectory,
    batch: &'c BatchKey,
    origin: Origin,
    keyring: &'c Arc<Keyring>,
    spool: Option<SpoolWriter>,
}

impl<'c> Spooling<'c> {
    /// The spool of a batch, anew.
    pub fn of(
        directory: &'c SpoolDirectory,
        batch: &'c BatchKey,
        origin: Origin,
        keyring: &'c Arc<Keyring>,
    ) -> Self {
        Self {
            directory,
            batch,
            origin,
            keyring,
            spool: None,
        }
    }

    /// Makes the file durable and gives it its name, if there is one.
    ///
    /// # Errors
    /// `unreachable` with what our own disk says.
    pub fn finish(self) -> Result<Spooled, Fault> {
        let spooled = self.spool.map(SpoolWriter::finish).transpose();
        Ok(spooled
            .map_err(|error| own_disk(&error))?
            .unwrap_or_default())
    }

    fn begin(&self) -> Result<SpoolWriter, Fault> {
        let (batch, origin) = (self.batch, self.origin.clone());
        SpoolWriter::begin(self.directory, batch, origin, self.keyring)
            .map_err(|error| own_disk(&error))
    }
}

impl Updates for Spooling<'_> {
    fn take(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        let mut spool = match self.spool.take() {
            Some(spool) => spool,
            None => self.begin()?,
        };
        match spool.add(update) {
            Ok(()) => {
                self.spool = Some(spool);
                Ok(())
            }
            Err(SpoolBroken) => Err(spool.why_broken()),
        }
    }
}
