//! Writing a file of cards: those of a submission, or others with a mark each.
//!
//! On one thread: sealing a card is 40 ns of work, and handing frames over would cost as much.

use super::file::NewFile;
use super::record::{Filling, Mark};
use super::{CardOnFile, Fingerprint, SealedFile};
use crate::seal::{Keyring, SealError};

/// A file of cards, being written. Dropped before `finish`, it leaves nothing.
pub struct CardsWriter<M = ()> {
    file: NewFile,
    frame: Filling<M>,
    cards: u32,
}

impl CardsWriter {
    /// Adds a card at the next position.
    ///
    /// # Errors
    /// As [`add_marked`](Self::add_marked).
    pub fn add(
        &mut self,
        card: &CardOnFile<'_>,
        fingerprint: Fingerprint,
    ) -> Result<(), SealError> {
        self.add_marked(card, fingerprint, &())
    }
}

impl<M: Mark> CardsWriter<M> {
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

    /// Adds a card at the next position, with its mark.
    ///
    /// # Errors
    /// [`SealError::Write`], and [`SealError::FrameTooLarge`] where 256 cards have more than 4 MiB
    /// of text.
    pub fn add_marked(
        &mut self,
        card: &CardOnFile<'_>,
        fingerprint: Fingerprint,
        mark: &M,
    ) -> Result<(), SealError> {
        self.cards += 1;
        if self.frame.add(card, fingerprint, mark) {
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
    /// As [`add_marked`](Self::add_marked).
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
