//! The file of an account's subscriptions, opened: pair by pair, or by a pair's key.

use std::cmp::Ordering;

use reissue_connector_api::CardToAsk;

use super::subscription::{Subscription, number, write_key};
use crate::cards::{CardOnFile, Cards, Fingerprint, Kept, SealedFile};
use crate::seal::{Keyring, SealError};

/// What open frames may take: those that a search by halves begins with stay open.
const OPEN: usize = 4 << 20;

/// The pairs of an account, in the order of their numbers.
pub struct Pairs {
    kept: Kept<Subscription>,
    /// Where the next one stands that is lent to a connector, and of which submission they are.
    lent: (u32, String),
    key: String,
}

/// A pair: its card, the fingerprint of card and merchant number, and what is known of it.
pub type Pair<'a> = (CardOnFile<'a>, Fingerprint, Subscription);

impl Pairs {
    /// Opens the file, which is then known to be whole.
    ///
    /// # Errors
    /// When the file is missing, damaged, or was sealed as something else.
    pub fn open(file: &SealedFile, keyring: &Keyring) -> Result<Self, SealError> {
        Ok(Self {
            kept: Kept::open(file, keyring, OPEN)?,
            lent: (0, String::new()),
            key: String::new(),
        })
    }

    /// Those that this submission adds or removes, to be lent to a connector.
    pub fn of_submission(mut self, id: &str) -> Self {
        self.lent = (0, id.to_owned());
        self
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.kept.cards()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pair at that position; none if there are not so many.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    pub fn at(&mut self, position: u32) -> Result<Option<Pair<'_>>, SealError> {
        self.kept.card(position)
    }

    /// The pair with this key; none if there is none (any more).
    ///
    /// # Errors
    /// As [`at`](Self::at).
    pub fn find(&mut self, key: &str) -> Result<Option<Pair<'_>>, SealError> {
        match self.position(key)? {
            Some(position) => self.at(position),
            None => Ok(None),
        }
    }

    /// Where the pair with this key stands.
    ///
    /// # Errors
    /// As [`at`](Self::at).
    pub fn position(&mut self, key: &str) -> Result<Option<u32>, SealError> {
        let Some(wanted) = number(key) else {
            return Ok(None);
        };
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let found = self.kept.card(middle)?;
            match found.map(|(_, _, pair)| pair.number.cmp(&wanted)) {
                Some(Ordering::Equal) => return Ok(Some(middle)),
                Some(Ordering::Less) => from = middle + 1,
                _ => to = middle,
            }
        }
        Ok(None)
    }
}

impl Cards for Pairs {
    fn next_to_ask(&mut self) -> Result<Option<CardToAsk<'_>>, SealError> {
        let (next, submission) = &mut self.lent;
        // Looked for first and lent then: what is lent must not be borrowed while it is looked for.
        let found = loop {
            let position = *next;
            *next += 1;
            match self.kept.card(position)? {
                None => return Ok(None),
                Some((_, _, pair)) if pair.is_in(submission) => break position,
                Some(_) => {}
            }
        };
        let Some((card, _, pair)) = self.kept.card(found)? else {
            return Ok(None);
        };
        write_key(pair.number, &mut self.key);
        Ok(Some(card.to_ask(&self.key)))
    }
}
