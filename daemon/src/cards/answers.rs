//! Matching answers with the cards that we asked about.
//!
//! Answers come in any order, some twice, some never, and some for cards that nobody asked about. A
//! provider that takes our key repeats it; one that does not repeats the card, which is found by its
//! fingerprint. Where it repeats both, they must be of one card. The key of a card is its position, so
//! each is found by opening one frame; the frames that fit into 16 MiB stay open, which for 100,000
//! cards is all of them. Of a submission that is larger by far, answers in no order at all take some 25
//! µs each instead of half of one.

use reissue_connector_api::{Card, Update};

use super::kept::Kept;
use super::{CardOnFile, Fingerprint, Fingerprints, Number, SealedFile, TokenKind, key};
use crate::seal::{Keyring, SealError};

/// What open frames may take.
const OPEN: usize = 16 << 20;

/// The cards of a submission, and which of them were answered.
pub struct Answers {
    cards: Kept,
    answered: Vec<bool>,
    /// Where each card stands, sorted; made when an answer comes without our key.
    by_fingerprint: Option<Vec<(Fingerprint, u32)>>,
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
            by_fingerprint: None,
        })
    }

    /// The card of an answer, which counts as answered from now on; none if nobody asked.
    ///
    /// # Errors
    /// As [`card`](Self::card).
    pub fn of(
        &mut self,
        answer: &Update<'_>,
        fingerprints: &Fingerprints,
    ) -> Result<Option<Asked<'_>>, SealError> {
        let mut position = key::position(answer.reference);
        if let Some(named) = position {
            let card = self.cards.card(named)?;
            let fits = card.is_some_and(|(card, ..)| {
                let mut echoes = echoes(&answer.old, card.number.token_kind()).peekable();
                echoes.peek().is_none() || echoes.any(|echo| echo == card.number)
            });
            position = fits.then_some(named);
        }
        if position.is_none() {
            position = self.recognised(answer, fingerprints)?;
        }
        match position {
            Some(position) => self.at(position),
            None => Ok(None),
        }
    }

    /// The card with this key, which counts as answered from now on; none if nobody
    /// asked.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    pub fn card(&mut self, key: &str) -> Result<Option<Asked<'_>>, SealError> {
        match key::position(key) {
            Some(position) => self.at(position),
            None => Ok(None),
        }
    }

    fn at(&mut self, position: u32) -> Result<Option<Asked<'_>>, SealError> {
        let Some((card, fingerprint, ())) = self.cards.card(position)? else {
            return Ok(None);
        };
        let again = std::mem::replace(&mut self.answered[position as usize], true);
        Ok(Some(Asked {
            card,
            fingerprint,
            again,
        }))
    }

    /// Where the card stands that the provider repeats.
    fn recognised(
        &mut self,
        answer: &Update<'_>,
        fingerprints: &Fingerprints,
    ) -> Result<Option<u32>, SealError> {
        // A submission has cards of one kind.
        let Some((first, ..)) = self.cards.card(0)? else {
            return Ok(None);
        };
        let kind = first.number.token_kind();
        let sorted = match &mut self.by_fingerprint {
            Some(sorted) => sorted,
            none => none.insert(sorted(&mut self.cards)?),
        };
        let stored = kind.map(|kind| Number::Token(kind, answer.reference));
        Ok(echoes(&answer.old, kind).chain(stored).find_map(|echo| {
            let wanted = fingerprints.fingerprint(&echo);
            let found = sorted.binary_search_by_key(&wanted, |row| row.0);
            found.ok().map(|at| sorted[at].1)
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
                && let Some((card, ..)) = self.cards.card(position)?
            {
                with(&card)?;
            }
        }
        Ok(())
    }
}

fn sorted(cards: &mut Kept) -> Result<Vec<(Fingerprint, u32)>, SealError> {
    let mut rows = Vec::with_capacity(cards.cards() as usize);
    for position in 0..cards.cards() {
        if let Some((_, fingerprint, ())) = cards.card(position)? {
            rows.push((fingerprint, position));
        }
    }
    rows.sort_unstable();
    Ok(rows)
}

/// What the provider repeats of the card, as far as it may be what we asked with: the token by itself,
/// which goes without saying its kind, then the handle of that kind.
fn echoes<'a>(old: &'a Card<'_>, kind: Option<TokenKind>) -> impl Iterator<Item = Number<'a>> {
    let pan = old.pan.as_ref().filter(|_| kind.is_none()).map(Number::Pan);
    let tokens = kind.into_iter().flat_map(|kind| {
        let named = match kind {
            TokenKind::Customer => old.customer,
            TokenKind::PaymentInstrument => old.payment_instrument,
            TokenKind::InstrumentIdentifier => old.instrument_identifier,
        };
        let tokens = [old.token, named].into_iter();
        tokens.map(move |token| Number::Token(kind, token))
    });
    let given = |number: &Number<'_>| !matches!(number, Number::Token(_, ""));
    pan.into_iter().chain(tokens.filter(given))
}
