//! The cards of a file by their position, with as many frames in memory as one allows.

use std::collections::{HashMap, VecDeque};

use reissue_connector_api::Pan;
use zeroize::Zeroizing;

use super::SealedFile;
use super::record::{FRAME, Mark, Marked, Opened};
use crate::seal::{Keyring, SealError, SealedFrames};

/// A complete file of cards.
pub struct Kept<M = ()> {
    frames: SealedFrames,
    cards: u32,
    opened: HashMap<u32, Opened<M>>,
    /// The frames in `opened`, the oldest first.
    order: VecDeque<u32>,
    memory: usize,
    most: usize,
    /// The number of the card that was lent last.
    pan: Option<Pan>,
}

impl<M: Mark> Kept<M> {
    /// Opens a file, to hold one frame, and more of them up to `most` bytes.
    ///
    /// # Errors
    /// When the file is missing, damaged, or was sealed as something else.
    pub fn open(file: &SealedFile, keyring: &Keyring, most: usize) -> Result<Self, SealError> {
        let mut kept = Self {
            frames: file.read_in_any_order(keyring)?,
            cards: 0,
            opened: HashMap::new(),
            order: VecDeque::new(),
            memory: 0,
            most,
            pan: None,
        };
        if let Some(last) = kept.frames.len().checked_sub(1) {
            let full = u32::try_from(last)
                .ok()
                .and_then(|last| last.checked_mul(FRAME));
            let full = full.ok_or_else(|| kept.frames.damaged(last))?;
            kept.cards = full + kept.open_frame(full / FRAME, Zeroizing::default())?.cards();
        }
        Ok(kept)
    }

    /// How many cards there are.
    pub fn cards(&self) -> u32 {
        self.cards
    }

    /// The card at that position; none if there are not so many.
    ///
    /// # Errors
    /// [`SealError::Damaged`] or [`SealError::Read`].
    pub fn card(&mut self, position: u32) -> Result<Option<Marked<'_, M>>, SealError> {
        if position >= self.cards {
            return Ok(None);
        }
        let number = position / FRAME;
        if !self.opened.contains_key(&number) {
            let buffer = self.make_room();
            let frame = self.open_frame(number, buffer)?;
            self.memory += frame.memory();
            self.opened.insert(number, frame);
            self.order.push_back(number);
        }
        let Self {
            opened,
            frames,
            pan,
            ..
        } = self;
        opened
            .get(&number)
            .and_then(|frame| frame.card(position % FRAME)?.read(pan))
            .map(Some)
            .ok_or_else(|| frames.damaged(number as usize))
    }

    fn open_frame(
        &mut self,
        number: u32,
        buffer: Zeroizing<Vec<u8>>,
    ) -> Result<Opened<M>, SealError> {
        let bytes = self.frames.read(number as usize, buffer)?;
        Opened::of(bytes).ok_or_else(|| self.frames.damaged(number as usize))
    }

    /// Lets the oldest frames go until another one may come, and returns the memory of one of them.
    fn make_room(&mut self) -> Zeroizing<Vec<u8>> {
        let mut buffer = Zeroizing::default();
        while self.memory > self.most
            && let Some(oldest) = self.order.pop_front()
            && let Some(gone) = self.opened.remove(&oldest)
        {
            self.memory -= gone.memory();
            buffer = gone.into_buffer();
        }
        buffer
    }
}
