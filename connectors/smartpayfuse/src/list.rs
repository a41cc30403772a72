//! Listing batches page by page, without knowing what `offset` means.
//!
//! The provider's documents contradict each other: `offset` is a page in one and a record in the
//! other. Stepping by pages on a server that counts records is slow, stepping by records on one that
//! counts pages silently skips almost everything. So nothing is assumed, and two facts decide:
//!
//! - One step further leaves no gap under either reading.
//! - A longer jump leaves no gap if the page it lands on shares a row with what was seen, whatever
//!   `offset` means: a page is an unbroken piece of the list. A jump that shares none is taken back.
//!
//! The first step tells which reading is likely: a page that mostly repeats the one before it counts
//! records, and from then on each jump is a page less the one row that proves it. Three pages take
//! four requests when records are counted and three when pages are.
//!
//! Batches that appear meanwhile push rows towards the end, so rows come twice, which ids tell.
//! Because of the shared row, rows that leave the list are noticed too where records are counted;
//! where pages are, the windows of two runs overlap by days. The provider's links are never
//! followed: that there is a `next` only says that a short page may not be the last.

use std::collections::HashSet;

use crate::wire::{Batch, Page};

/// The most rows that the provider gives at once.
pub(crate) const LIMIT: usize = 500;

/// Where a listing stands.
#[derive(Default)]
pub(crate) struct Paging {
    /// The offset of the last page that was taken.
    taken: u64,
    /// From there to the next page.
    step: u64,
    /// The ids of all rows that were taken.
    seen: HashSet<String>,
    /// The length of the longest page: the provider may give fewer rows than it was asked for.
    longest: usize,
    /// Whether the last page brought nothing new.
    barren: bool,
    ended: bool,
}

impl Paging {
    /// The offset to ask for next; none at the end.
    pub(crate) fn offset(&self) -> Option<u64> {
        (!self.ended).then_some(self.taken + self.step)
    }

    /// Takes the page at `offset` and returns its rows that were not seen before; rows without an
    /// id are among them.
    pub(crate) fn take<'p>(&mut self, page: &'p Page) -> Vec<Batch<'p>> {
        let mut rows = page.batches();
        let length = rows.len();
        let known = rows.iter().filter(|row| self.knows(row)).count();
        if self.step > 1 && known == 0 {
            self.step = 1;
            return Vec::new();
        }

        let before = self.seen.len();
        rows.retain(|row| {
            row.batch_id.is_empty() || self.seen.insert(row.batch_id.as_str().to_owned())
        });
        let barren = self.seen.len() == before;
        self.longest = self.longest.max(length);
        self.ended = if barren {
            // As many rows may have appeared as we stepped over, so a long page gets a second look.
            self.barren || length < self.longest.max(1)
        } else {
            length < LIMIT && !page.promises_more_than(self.seen.len())
        };
        self.barren = barren;
        self.taken += self.step;
        self.step = if self.step > 1 || 2 * known > length {
            length.saturating_sub(1).max(1) as u64
        } else {
            1
        };
        rows
    }

    fn knows(&self, row: &Batch<'_>) -> bool {
        self.seen.contains(row.batch_id.as_str())
    }
}
