//! The cards of one input, and what is remembered of each.
//!
//! 32 bytes a card, whatever the card: a million takes 32 MB, and nothing else is held of them while
//! it is decided whom to ask about.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::segment::{self, Suppression};
use super::{Fingerprint, SealedFile};
use crate::seal::{Keyring, SealError};

/// How many questions are merged with the candidates at a time: 5 MiB of them. A provider that takes
/// few cards at a time leaves many short files, and each merge walks through all candidates.
const AT_ONCE: usize = 256 * 1024;

/// The cards of an input, in its order.
#[derive(Debug, Default)]
pub struct Candidates(Vec<Candidate>);

/// One card of an input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) fingerprint: Fingerprint,
    /// Where it stands in the input, from 0.
    pub(super) position: u32,
    pub(super) next_billing: Option<NaiveDate>,
    /// When it was last asked about, in seconds since 1970; 0 for never. A `DateTime` would take
    /// three times the room.
    asked_at: u32,
    pub(super) suppressed: Option<Suppression>,
}

impl Candidate {
    /// When it was last asked about, as far as is remembered.
    pub(super) fn asked_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.asked_at.into(), 0).filter(|_| self.asked_at > 0)
    }
}

impl Candidates {
    /// Adds the next card of the input.
    pub fn add(&mut self, fingerprint: Fingerprint, next_billing: Option<NaiveDate>) {
        let position = u32::try_from(self.0.len()).expect("memory ends before 2^32 candidates");
        self.0.push(Candidate {
            fingerprint,
            position,
            next_billing,
            asked_at: 0,
            suppressed: None,
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts them, so that what is remembered can be merged with them.
    pub fn sorted(self) -> Remembered {
        let mut candidates = self.0;
        // Those of one card end up together, the one that is billed soonest first.
        candidates.sort_unstable_by_key(|one| {
            let unbilled = one.next_billing.is_none();
            (one.fingerprint, unbilled, one.next_billing, one.position)
        });
        Remembered(candidates)
    }
}

/// The cards of an input by fingerprint, with what is remembered of each so far.
#[derive(Debug)]
pub struct Remembered(pub(super) Vec<Candidate>);

impl Remembered {
    /// Remembers that the cards of these `asked` files were asked about at those times. Their order
    /// does not matter.
    ///
    /// # Errors
    /// When a file is missing or damaged; nothing may be selected then.
    pub fn asked(
        &mut self,
        files: &[(SealedFile, DateTime<Utc>)],
        keyring: &Keyring,
    ) -> Result<(), SealError> {
        let mut questions = Vec::new();
        for (file, at) in files {
            segment::read(file, keyring, |rows: &[Fingerprint]| {
                if questions.len() + rows.len() > AT_ONCE {
                    self.asked_at(&mut questions);
                }
                questions.extend(rows.iter().map(|row| (*row, seconds(*at))));
            })?;
        }
        self.asked_at(&mut questions);
        Ok(())
    }

    /// Remembers that the cards of a `suppressed` file are suppressed, but for those that a person has
    /// lifted since. Of several files the last one counts.
    ///
    /// # Errors
    /// As [`asked`](Self::asked).
    pub fn suppressed(
        &mut self,
        file: &SealedFile,
        keyring: &Keyring,
        lifted: &BTreeSet<Fingerprint>,
    ) -> Result<(), SealError> {
        segment::read(file, keyring, |rows: &[(Fingerprint, Suppression)]| {
            let fingerprint = |row: &(Fingerprint, Suppression)| row.0;
            self.merge(rows, fingerprint, |one, row| {
                if !lifted.contains(&row.0) {
                    one.suppressed = Some(row.1);
                }
            });
        })
    }

    pub(super) fn asked_at(&mut self, questions: &mut Vec<(Fingerprint, u32)>) {
        questions.sort_unstable();
        self.merge(
            questions,
            |row| row.0,
            |one, row| one.asked_at = one.asked_at.max(row.1),
        );
        questions.clear();
    }

    /// Shows each candidate that a row is about. Both are sorted, so each row is looked for behind
    /// the one before, in steps that double: few rows skip many candidates, many rows skip none.
    fn merge<R>(
        &mut self,
        sorted: &[R],
        fingerprint: impl Fn(&R) -> Fingerprint,
        with: impl Fn(&mut Candidate, &R),
    ) {
        let mut rest = self.0.as_mut_slice();
        for row in sorted {
            let wanted = fingerprint(row);
            let behind = gallop(rest, |one| one.fingerprint < wanted);
            rest = &mut rest[behind..];
            let same = rest.iter_mut().take_while(|one| one.fingerprint == wanted);
            same.for_each(|one| with(one, row));
        }
    }
}

/// As a candidate holds it. From the year 2106 on everything was asked about in 2106; nothing before
/// 1970 was.
pub(super) fn seconds(at: DateTime<Utc>) -> u32 {
    at.timestamp().clamp(1, u32::MAX.into()) as u32
}

/// How many at the start of `sorted` are `before`: as `partition_point`, but quick where it is few.
fn gallop<T>(sorted: &[T], before: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    while sorted.get(step - 1).is_some_and(&before) {
        step *= 2;
    }
    let (from, to) = (step / 2, sorted.len().min(step));
    from + sorted[from..to].partition_point(before)
}
