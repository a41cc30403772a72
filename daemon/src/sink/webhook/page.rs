//! Pages of a batch's updates: cut from the sealed spool as they are sent, in the memory of one frame and
//! one page, whatever the batch.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::ledger::batch::Position;
use crate::seal::{SealError, SealedFrames};

/// Updates in a page, at most.
const LARGEST: u64 = 100;

/// Some updates of a batch that follow on one another.
pub struct Page {
    /// How much of the batch came before it.
    pub after: Position,
    /// How many updates it holds.
    pub updates: u64,
    /// Whether none follow.
    pub last: bool,
    /// The updates, a JSON line each.
    pub lines: Zeroizing<Vec<u8>>,
}

impl Page {
    /// How much of the batch the receiver has with this page.
    pub fn position(&self) -> Position {
        Position {
            pages: self.after.pages + 1,
            updates: self.after.updates + self.updates,
        }
    }
}

/// The pages of a batch, from some position on.
pub struct Pages {
    lines: Lines,
    /// What of a line is sent.
    sends: fn(&[u8]) -> Cow<'_, [u8]>,
    /// How many bytes of lines a page has room for.
    room: usize,
    position: Position,
    /// The line that did not fit the page before.
    waiting: Option<Zeroizing<Vec<u8>>>,
}

impl Pages {
    /// The pages that follow a position.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn after(
        position: Position,
        spool: SealedFrames,
        room: usize,
        sends: fn(&[u8]) -> Cow<'_, [u8]>,
    ) -> Result<Self, SealError> {
        let mut lines = Lines::of(spool);
        for _ in 0..position.updates {
            lines.next()?;
        }
        let mut pages = Self {
            lines,
            sends,
            room,
            position,
            waiting: None,
        };
        pages.waiting = pages.line()?;
        Ok(pages)
    }

    /// The next page; `None` after the last. An update that is larger than a page is one by itself: a
    /// receiver that cannot take it says so, and a person learns of it.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn next_page(&mut self) -> Result<Option<Page>, SealError> {
        let Some(first) = self.waiting.take() else {
            return Ok(None);
        };
        // At its full size at once, because growing would leave card numbers behind.
        let mut lines = Zeroizing::new(Vec::with_capacity(self.room.max(first.len())));
        lines.extend_from_slice(&first);
        let mut updates = 1;
        while let Some(line) = self.line()? {
            if updates == LARGEST || lines.len() + line.len() > self.room {
                self.waiting = Some(line);
                break;
            }
            lines.extend_from_slice(&line);
            updates += 1;
        }
        let page = Page {
            after: self.position,
            updates,
            last: self.waiting.is_none(),
            lines,
        };
        self.position = page.position();
        Ok(Some(page))
    }

    fn line(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, SealError> {
        let line = self.lines.next()?;
        Ok(line.map(|line| Zeroizing::new((self.sends)(line).into_owned())))
    }
}

/// The lines of a spool.
struct Lines {
    spool: SealedFrames,
    /// The frame that is read next.
    frame: usize,
    buffer: Zeroizing<Vec<u8>>,
    /// How much of the buffer was taken.
    taken: usize,
}

impl Lines {
    fn of(spool: SealedFrames) -> Self {
        Self {
            spool,
            frame: 0,
            buffer: Zeroizing::default(),
            taken: 0,
        }
    }

    /// The next line with its end.
    fn next(&mut self) -> Result<Option<&[u8]>, SealError> {
        while self.taken == self.buffer.len() {
            if self.frame == self.spool.len() {
                return Ok(None);
            }
            let buffer = std::mem::take(&mut self.buffer);
            self.buffer = self.spool.read(self.frame, buffer)?;
            self.frame += 1;
            self.taken = 0;
        }
        let rest = &self.buffer[self.taken..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.map_or(rest.len(), |end| end + 1)];
        self.taken += line.len();
        Ok(Some(line))
    }
}
