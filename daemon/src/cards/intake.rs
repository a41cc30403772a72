//! An input on its way into submissions.
//!
//! Whether to ask about a card is known only once the whole input is: another row may be the same
//! card, and the budget may be short. So its cards are written to a sealed file as they come, read
//! once more when the verdicts are there, and those to ask about are copied into submissions. The
//! input itself is read once: it may be encrypted, and is not ours to trust twice.

use super::reader::CardsReader;
use super::segment::remember_asked;
use super::{
    Candidates, CardOnFile, CardsWriter, Fingerprint, Kept, SealedFile, Selection, TokenKind,
    Verdict,
};
use crate::seal::durable::Temporary;
use crate::seal::{Keyring, SealError};

/// What open frames of an input may take, where its cards are looked up in another order than theirs.
const KEPT: usize = 16 << 20;

/// The cards of an input, coming in. Dropped, it leaves nothing.
pub struct Intake {
    cards: CardsWriter,
    candidates: Candidates,
}

impl Intake {
    /// Begins anew in [`SealedFile::intake`].
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn begin(file: &SealedFile, keyring: &Keyring) -> Result<Self, SealError> {
        Ok(Self {
            cards: CardsWriter::begin(file, keyring)?,
            candidates: Candidates::default(),
        })
    }

    /// Takes the next card of the input.
    ///
    /// # Errors
    /// As [`CardsWriter::add`].
    pub fn add(
        &mut self,
        card: &CardOnFile<'_>,
        fingerprint: Fingerprint,
    ) -> Result<(), SealError> {
        self.candidates.add(fingerprint, card.next_billing);
        self.cards.add(card, fingerprint)
    }

    /// The input is at its end: its candidates, to be judged, and its cards, to be submitted.
    ///
    /// # Errors
    /// As [`CardsWriter::add`].
    pub fn complete(self) -> Result<(Candidates, TakenIn), SealError> {
        let (file, temporary) = self.cards.complete()?.keep_for_now()?;
        let taken = TakenIn {
            file,
            _temporary: temporary,
        };
        Ok((self.candidates, taken))
    }
}

/// The cards of a complete input. Dropped, it leaves nothing.
pub struct TakenIn {
    file: SealedFile,
    _temporary: Temporary,
}

/// What a submission is called.
#[derive(Debug)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Where its cards lie, see [`SealedFile::submission`].
    pub cards: SealedFile,
    /// Where it is remembered whom it asks about, see [`SealedFile::asked`].
    pub asked: SealedFile,
}

/// A submission that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What `begin` called it.
    pub id: String,
    /// The kind of all its tokens; none for card numbers.
    pub token_kind: Option<TokenKind>,
    /// How many cards it holds, at least one.
    pub cards: u32,
}

/// What became of the cards of an input.
#[derive(Debug)]
pub struct Submitted {
    /// Those to ask about.
    pub planned: Vec<Planned>,
    /// How many wait for another day's budget.
    pub deferred: u32,
}

impl TakenIn {
    /// The cards, by their position in the input.
    ///
    /// # Errors
    /// When it cannot be read again.
    pub fn cards(&self, keyring: &Keyring) -> Result<Kept, SealError> {
        Kept::open(&self.file, keyring, KEPT)
    }

    /// Writes the cards to ask about into submissions of at most `largest` cards, each of one kind
    /// of number, in the order of the input, and remembers of each whom it asks about; those that the
    /// budget has no room for into `deferred`, if there are any.
    ///
    /// All are durable when it returns. After an error those that are there belong to nobody: the
    /// caller, who knows the names, deletes them.
    ///
    /// # Errors
    /// When the intake cannot be read again, or a submission not be written.
    ///
    /// # Panics
    /// If `selection` is not that of the candidates of this intake: it would ask about others.
    pub fn submit(
        self,
        selection: &Selection,
        largest: u32,
        keyring: &Keyring,
        deferred: &SealedFile,
        mut name: impl FnMut() -> Named,
    ) -> Result<Submitted, SealError> {
        let mut planned = Vec::new();
        let mut later: Option<CardsWriter> = None;
        let mut open: Vec<Open> = Vec::new();
        let mut cards = CardsReader::open(&self.file, keyring)?;
        let mut verdicts = selection.verdicts().iter();
        assert_eq!(
            cards.cards() as usize,
            verdicts.len(),
            "a defect: the selection is of another input",
        );
        while let (Some(verdict), Some((card, fingerprint))) = (verdicts.next(), cards.next_card()?)
        {
            match verdict {
                Verdict::Ask => {}
                Verdict::OverBudget => {
                    let later = match &mut later {
                        Some(later) => later,
                        none => none.insert(CardsWriter::begin(deferred, keyring)?),
                    };
                    later.add(&card, fingerprint)?;
                    continue;
                }
                _ => continue,
            }
            let kind = card.number.token_kind();
            let at = match open.iter().position(|open| open.token_kind == kind) {
                Some(at) => at,
                None => {
                    open.push(Open::begin(name(), kind, keyring)?);
                    open.len() - 1
                }
            };
            open[at].cards.add(&card, fingerprint)?;
            open[at].fingerprints.push(fingerprint);
            if open[at].cards.cards() >= largest {
                planned.push(open.swap_remove(at).finish(keyring)?);
            }
        }
        for open in open {
            planned.push(open.finish(keyring)?);
        }
        let deferred = later.as_ref().map_or(0, CardsWriter::cards);
        later.map(CardsWriter::finish).transpose()?;
        Ok(Submitted { planned, deferred })
    }
}

/// A submission that is being written.
struct Open {
    id: String,
    token_kind: Option<TokenKind>,
    cards: CardsWriter,
    asked: SealedFile,
    fingerprints: Vec<Fingerprint>,
}

impl Open {
    fn begin(
        named: Named,
        token_kind: Option<TokenKind>,
        keyring: &Keyring,
    ) -> Result<Self, SealError> {
        Ok(Self {
            id: named.id,
            token_kind,
            cards: CardsWriter::begin(&named.cards, keyring)?,
            asked: named.asked,
            fingerprints: Vec::new(),
        })
    }

    fn finish(mut self, keyring: &Keyring) -> Result<Planned, SealError> {
        let cards = self.cards.cards();
        self.cards.finish()?;
        remember_asked(&self.asked, keyring, &mut self.fingerprints)?;
        Ok(Planned {
            id: self.id,
            token_kind: self.token_kind,
            cards,
        })
    }
}
