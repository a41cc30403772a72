//! Writing the cards of a submission.
//!
//! On one thread: sealing a card is 40 ns of work, and handing frames over would cost as much.

use super::file::NewFile;
use super::record::Filling;
use super::{CardOnFile, Fingerprint, SealedFile};
use crate::seal::{Keyring, SealError};

/// The cards of a submission, being written. Dropped before `finish`, it leaves nothing.
pub struct CardsWriter {
    file: NewFile,
    frame: Filling,
    cards: u32,
}

impl CardsWriter {
    /// Begins the file anew.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn begin(file: &SealedFile, keyring: &Keyring) -> Result<Self, SealError> {
        Ok(Self {
            file: file.begin(keyring)?,
            frame: Filling::new(),
            cards: 0,
        })
    }

    /// Adds a card at the next position.
    ///
    /// # Errors
    /// [`SealError::Write`], and [`SealError::FrameTooLarge`] where 256 cards have more than 4 MiB
    /// of text.
    pub fn add(
        &mut self,
        card: &CardOnFile<'_>,
        fingerprint: Fingerprint,
    ) -> Result<(), SealError> {
        self.cards += 1;
        if self.frame.add(card, fingerprint) {
            self.file.write_frame(self.frame.take())?;
        }
        Ok(())
    }

    /// How many cards there are so far.
    pub fn cards(&self) -> u32 {
        self.cards
    }

    /// Seals what is left, makes the file durable and gives it its name.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn finish(self) -> Result<(), SealError> {
        self.complete()?.publish()
    }

    /// Seals what is left.
    pub(super) fn complete(mut self) -> Result<NewFile, SealError> {
        if !self.frame.is_empty() {
            self.file.write_frame(self.frame.take())?;
        }
        Ok(self.file)
    }
}
