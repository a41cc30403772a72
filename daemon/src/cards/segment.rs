//! What is remembered of cards: sorted fingerprints, one file a submission or batch, never changed.
//!
//! Sorted, so that a look-up merges instead of searching, and read in frames, so that a look-up over
//! any number of files takes the memory of one frame. Sealed although a fingerprint says nothing
//! about its card: a file that lost its end, or that somebody put back or exchanged, would otherwise
//! go unnoticed and a card be paid for again.

use reissue_connector_api::Outcome;

use super::{Fingerprint, SealedFile};
use crate::seal::{Keyring, SealError};

/// Rows in a frame: 64 KiB of fingerprints.
const FRAME: usize = 4096;

/// Why a card is not asked about again until a person says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// The account behind it is closed.
    Closed,
    /// The issuer wants the cardholder to be asked.
    ContactCardholder,
    /// The cardholder opted out.
    OptedOut,
}

impl Suppression {
    /// What an answer suppresses, if anything.
    pub fn after(outcome: &Outcome<'_>) -> Option<Self> {
        match outcome {
            Outcome::Closed => Some(Self::Closed),
            Outcome::ContactCardholder => Some(Self::ContactCardholder),
            Outcome::OptedOut => Some(Self::OptedOut),
            _ => None,
        }
    }

    /// The word of the outcome.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::ContactCardholder => "contact_cardholder",
            Self::OptedOut => "opted_out",
        }
    }
}

/// Remembers who is asked about in a submission. Sorts `rows`.
///
/// Written before the first byte is sent, it also keeps a later slot from asking about a card whose
/// submission is held or unknown.
///
/// # Errors
/// [`SealError::Write`].
pub(super) fn remember_asked(
    file: &SealedFile,
    keyring: &Keyring,
    rows: &mut Vec<Fingerprint>,
) -> Result<(), SealError> {
    write(file, keyring, rows)
}

/// Remembers the cards that a batch's answers suppressed. Sorts `rows`.
///
/// # Errors
/// [`SealError::Write`].
pub fn remember_suppressed(
    file: &SealedFile,
    keyring: &Keyring,
    rows: &mut Vec<(Fingerprint, Suppression)>,
) -> Result<(), SealError> {
    write(file, keyring, rows)
}

/// Shows the cards that a batch's answers suppressed.
///
/// # Errors
/// When the file is missing or damaged; what was shown until then must not count.
pub fn for_each_suppressed(
    file: &SealedFile,
    keyring: &Keyring,
    mut with: impl FnMut(Fingerprint, Suppression),
) -> Result<(), SealError> {
    read(file, keyring, |rows: &[(Fingerprint, Suppression)]| {
        rows.iter().for_each(|row| with(row.0, row.1));
    })
}

/// What a segment consists of.
pub(super) trait Row: Ord + Copy {
    /// Its length in a file.
    const BYTES: usize;
    fn write(&self, into: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl Row for Fingerprint {
    const BYTES: usize = Self::BYTES;

    fn write(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }
}

impl Row for (Fingerprint, Suppression) {
    const BYTES: usize = Fingerprint::BYTES + 1;

    fn write(&self, into: &mut Vec<u8>) {
        self.0.write(into);
        into.push(match self.1 {
            Suppression::Closed => 1,
            Suppression::ContactCardholder => 2,
            Suppression::OptedOut => 3,
        });
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (why, fingerprint) = bytes.split_last()?;
        let why = match why {
            1 => Suppression::Closed,
            2 => Suppression::ContactCardholder,
            3 => Suppression::OptedOut,
            _ => return None,
        };
        Some((Fingerprint::read(fingerprint)?, why))
    }
}

fn write<R: Row>(file: &SealedFile, keyring: &Keyring, rows: &mut Vec<R>) -> Result<(), SealError> {
    rows.sort_unstable();
    rows.dedup();
    let mut writer = file.begin(keyring)?;
    let mut frame = Vec::with_capacity(FRAME * R::BYTES);
    for rows in rows.chunks(FRAME) {
        for row in rows {
            row.write(&mut frame);
        }
        writer.write_frame(&mut frame)?;
    }
    writer.publish()
}

/// Shows the rows of a file in sorted runs. Only once it returns `Ok` is it known that these were
/// all.
pub(super) fn read<R: Row>(
    file: &SealedFile,
    keyring: &Keyring,
    mut with: impl FnMut(&[R]),
) -> Result<(), SealError> {
    let mut reader = file.read(keyring)?;
    let mut rows = Vec::with_capacity(FRAME);
    let mut number = 0;
    loop {
        number += 1;
        let Some(frame) = reader.next_frame()? else {
            return Ok(());
        };
        rows.clear();
        rows.extend(frame.chunks(R::BYTES).map_while(R::read));
        if rows.len() * R::BYTES != frame.len() {
            return Err(file.damaged(number));
        }
        with(&rows);
    }
}
