//! What is known of a file before its cards are used.

use std::hash::{BuildHasher, RandomState};

use super::error::Why;
use super::rows::{Kind, Rows};

/// A file that can be used.
pub(super) struct Survey {
    /// Whether the column of card numbers holds any, be it beside tokens.
    pub(super) numbers: bool,
    pub(super) references: References,
}

impl Survey {
    /// Reads all rows.
    pub(super) fn of(mut rows: Rows) -> Result<Self, Why> {
        let keys = RandomState::new();
        let mut hashes = Vec::new();
        let mut numbers = false;
        let mut first: Option<(u64, Kind)> = None;
        while let Some((line, row)) = rows.next()? {
            let Ok(row) = row else { continue };
            numbers |= !row.pan.is_empty();
            hashes.push(keys.hash_one(row.reference));
            match (first, row.kind()) {
                (None, Some(kind)) => first = Some((line, kind)),
                (Some((first_line, first_kind)), Some(kind)) if kind != first_kind => {
                    return Err(Why::Mixed {
                        line,
                        kind,
                        first_line,
                        first_kind,
                    });
                }
                _ => {}
            }
        }
        Ok(Self {
            numbers,
            references: References::repeated(keys, hashes),
        })
    }
}

/// The references that are not unique in a file, as keyed hashes of 64 bits: among a million of
/// different ones two are taken for the same in one file of 37 million.
pub(super) struct References {
    keys: RandomState,
    /// Sorted, each with the line in which it stood first, once that was read.
    repeated: Vec<(u64, Option<u64>)>,
}

impl References {
    fn repeated(keys: RandomState, mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        let mut repeated: Vec<(u64, Option<u64>)> = hashes
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| (pair[0], None))
            .collect();
        repeated.dedup();
        Self { keys, repeated }
    }

    /// The line in which the reference stood before, if it did.
    pub(super) fn before(&mut self, reference: &str, line: u64) -> Option<u64> {
        // Nearly always there are none.
        if self.repeated.is_empty() {
            return None;
        }
        let hash = self.keys.hash_one(reference);
        let place = self.repeated.binary_search_by_key(&hash, |(hash, _)| *hash);
        let (_, first) = &mut self.repeated[place.ok()?];
        let before = *first;
        first.get_or_insert(line);
        before
    }
}
