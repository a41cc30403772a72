//! The spool: the updates of one batch, sealed, from `collect` until every sink has them.
//!
//! Each update is already the JSON line that a sink delivers, so delivery copies. Lines are sealed in
//! frames of 256 on a thread of their own, while the connector parses on. The file is written under
//! a temporary name; it counts once the ledger names it.

mod counts;
mod line;
mod pan;
mod spooling;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};

pub use counts::Counts;
pub use line::{Lines, Origin, update_schema};
pub use pan::without_pan;
pub use spooling::Spooling;
pub use writer::{SpoolBroken, SpoolWriter, Spooled, own_disk};

use crate::ledger::BatchKey;
use crate::seal::{Keyring, SealError, SealedFrames, SealedReader};
use crate::sink::file_name;

/// Where the spools of a state directory lie.
#[derive(Debug, Clone)]
pub struct SpoolDirectory {
    path: PathBuf,
    kind: &'static str,
}

impl SpoolDirectory {
    /// The spools under this state directory.
    pub fn of(state: &Path) -> Self {
        Self::called("spool", state)
    }

    /// The same for answers that nobody asked for, which are set aside and never delivered.
    pub fn aside(state: &Path) -> Self {
        Self::called("aside", state)
    }

    fn called(kind: &'static str, state: &Path) -> Self {
        Self {
            path: state.join(kind),
            kind,
        }
    }

    /// The file of a batch.
    pub fn path(&self, batch: &BatchKey) -> PathBuf {
        self.path.join(&batch.account).join(file_name(&batch.id))
    }

    /// Opens the spool of a collected batch.
    ///
    /// # Errors
    /// When the file is missing, damaged, or was sealed as something else.
    pub fn open(&self, batch: &BatchKey, keyring: &Keyring) -> Result<SealedReader, SealError> {
        SealedReader::open(&self.path(batch), keyring, &self.place(batch))
    }

    /// The same for whoever acts on its updates before having read them all: it has proved whole.
    ///
    /// # Errors
    /// As [`SpoolDirectory::open`].
    pub fn open_whole(
        &self,
        batch: &BatchKey,
        keyring: &Keyring,
    ) -> Result<SealedFrames, SealError> {
        SealedFrames::open(&self.path(batch), keyring, &self.place(batch))
    }

    /// Deletes the spool of a batch; one that is gone is no error.
    ///
    /// # Errors
    /// What the file system says.
    pub fn delete(&self, batch: &BatchKey) -> std::io::Result<()> {
        match std::fs::remove_file(self.path(batch)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What the spool of a batch is sealed as.
    fn place(&self, batch: &BatchKey) -> String {
        format!("{}/{batch}", self.kind)
    }
}
