//! Reading the cards of a submission in their order, to ask about them.

use reissue_connector_api::{CardToAsk, Fault};

use super::kept::Kept;
use super::{CardOnFile, Fingerprint, SealedFile, key};
use crate::seal::{Keyring, SealError};
use crate::spool::own_disk;

/// The fault when the cards of a submission cannot be read to be sent. The file that they came from is
/// gone, so this one is all there is of them.
pub fn unreadable(error: &SealError) -> Fault {
    let fault = own_disk(error);
    Fault {
        message: format!(
            "nothing was sent, because its cards cannot be read: {}. The file that they came from is \
             deleted: without a backup `reissue batch resolve` it `--as abandon`, and hand its cards in \
             again",
            fault.message
        ),
        ..fault
    }
}

/// Cards that are lent to a connector one by one.
pub trait Cards {
    /// The next card as a connector gets it, under our key; none after the last.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    fn next_to_ask(&mut self) -> Result<Option<CardToAsk<'_>>, SealError>;
}

/// The cards of a submission, one after the other, in the memory of one frame.
pub struct CardsReader {
    cards: Kept,
    next: u32,
    key: String,
}

impl CardsReader {
    /// Opens the file, which is then known to be whole.
    ///
    /// # Errors
    /// When the file is missing, damaged, or was sealed as something else.
    pub fn open(file: &SealedFile, keyring: &Keyring) -> Result<Self, SealError> {
        Ok(Self {
            cards: Kept::open(file, keyring, 0)?,
            next: 0,
            key: String::new(),
        })
    }

    /// How many cards there are.
    pub fn cards(&self) -> u32 {
        self.cards.cards()
    }

    /// The next card as it came in.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    pub fn next_card(&mut self) -> Result<Option<(CardOnFile<'_>, Fingerprint)>, SealError> {
        let position = self.next;
        self.next += 1;
        let card = self.cards.card(position)?;
        Ok(card.map(|(card, fingerprint, ())| (card, fingerprint)))
    }
}

impl Cards for CardsReader {
    fn next_to_ask(&mut self) -> Result<Option<CardToAsk<'_>>, SealError> {
        let position = self.next;
        self.next += 1;
        let Some((card, ..)) = self.cards.card(position)? else {
            return Ok(None);
        };
        key::write(position, &mut self.key);
        Ok(Some(card.to_ask(&self.key)))
    }
}
