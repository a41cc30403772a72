//! Matching answers with the cards that we asked about.
//!
//! Answers come in any order, some twice, some never, and some for cards that nobody asked about.
//! The key of a card is its position, so each is found by opening one frame; the frames that fit
//! into 16 MiB stay open, which for 100,000 cards is all of them. Of a submission that is larger by
//! far, answers in no order at all take some 25 µs each instead of half of one.

use super::kept::Kept;
use super::{CardOnFile, Fingerprint, SealedFile, key};
use crate::seal::{Keyring, SealError};

/// What open frames may take.
const OPEN: usize = 16 << 20;

/// The cards of a submission, and which of them were answered.
pub struct Answers {
    cards: Kept,
    answered: Vec<bool>,
}

/// A card that we asked about.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The card as it came in: the update's reference and `old`.
    pub card: CardOnFile<'a>,
    /// To compare with that of the card that the provider echoes, and to suppress.
    pub fingerprint: Fingerprint,
    /// Whether there was an answer before.
    pub again: bool,
}

impl Answers {
    /// Opens the file, with no answer yet.
    ///
    /// # Errors
    /// When the file is missing, damaged, or was sealed as something else.
    pub fn to(file: &SealedFile, keyring: &Keyring) -> Result<Self, SealError> {
        let cards = Kept::open(file, keyring, OPEN)?;
        Ok(Self {
            answered: vec![false; cards.cards() as usize],
            cards,
        })
    }

    /// The card of an answer with this key, which counts as answered from now on; none if nobody
    /// asked.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    pub fn card(&mut self, key: &str) -> Result<Option<Asked<'_>>, SealError> {
        let Some(position) = key::position(key) else {
            return Ok(None);
        };
        let Some((card, fingerprint)) = self.cards.card(position)? else {
            return Ok(None);
        };
        let again = std::mem::replace(&mut self.answered[position as usize], true);
        Ok(Some(Asked {
            card,
            fingerprint,
            again,
        }))
    }

    /// How many cards have no answer.
    pub fn absent(&self) -> u64 {
        self.answered.iter().filter(|answered| !**answered).count() as u64
    }

    /// Shows each card that has no answer, in their order.
    ///
    /// # Errors
    /// As [`card`](Self::card), and what `with` says.
    pub fn for_each_absent<E: From<SealError>>(
        &mut self,
        mut with: impl FnMut(&CardOnFile<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for position in 0..self.cards.cards() {
            if !self.answered[position as usize]
                && let Some((card, _)) = self.cards.card(position)?
            {
                with(&card)?;
            }
        }
        Ok(())
    }
}
