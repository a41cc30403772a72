//! The frames of one file as a chain that opens only whole and in order (the STREAM construction).
//!
//! The nonce of a frame is its number, which never repeats because every file has its own key;
//! number and "this is the last one" are authenticated as well. So a frame opens only where it was
//! sealed, and a file that lost its end shows it: the frame that comes last then was not sealed as
//! the last.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};

use super::key::Key;

/// The most plaintext that one frame may hold, in bytes: what bounds a reader's memory.
pub const MAX_FRAME: usize = 4 << 20;

const NUMBER_LEN: usize = size_of::<u64>();
/// What follows the place in the associated data: the number and the last-flag.
const POSITION_LEN: usize = NUMBER_LEN + 1;

/// Seals or opens the frames of one file, one after the other.
pub(super) struct FrameCipher {
    key: LessSafeKey,
    /// Place and position; kept so that a frame costs no allocation.
    associated: Vec<u8>,
    /// Number of the next frame, from 1 as in messages.
    next: u64,
}

impl FrameCipher {
    /// Stands before the first frame of the file that `data_key` belongs to.
    pub(super) fn new(data_key: &Key, place: &str) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, data_key.expose())
            .expect("32 bytes are a key of AES-256-GCM");
        let mut associated = place.as_bytes().to_vec();
        associated.extend([0; POSITION_LEN]);
        Self {
            key: LessSafeKey::new(key),
            associated,
            next: 1,
        }
    }

    /// Seals the next frame in place.
    pub(super) fn seal(&mut self, frame: &mut [u8], last: bool) -> Tag {
        let nonce = self.position(self.next, last);
        // Used up at once, even if the frame then cannot be written: a number must never seal two
        // plaintexts.
        self.next += 1;
        self.key
            .seal_in_place_separate_tag(nonce, Aad::from(self.associated.as_slice()), frame)
            .expect("AES-256-GCM seals whatever is shorter than 64 GiB")
    }

    /// Opens the next frame in place; none if this is not it. The position stays then, so that no
    /// later frame opens either.
    pub(super) fn open<'a>(&mut self, sealed: &'a mut [u8], last: bool) -> Option<&'a [u8]> {
        let frame = self.open_at(self.next, sealed, last);
        if frame.is_some() {
            self.next += 1;
        }
        frame
    }

    /// Opens the frame of that number in place, wherever the chain stands; none if this is not it.
    pub(super) fn open_at<'a>(
        &mut self,
        number: u64,
        sealed: &'a mut [u8],
        last: bool,
    ) -> Option<&'a [u8]> {
        let nonce = self.position(number, last);
        let frame = self
            .key
            .open_in_place(nonce, Aad::from(self.associated.as_slice()), sealed)
            .ok()?;
        Some(frame)
    }

    /// Number of the frame that comes next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Writes the position into the associated data and returns the nonce for it.
    fn position(&mut self, number: u64, last: bool) -> Nonce {
        let number = number.to_be_bytes();
        let start = self.associated.len() - POSITION_LEN;
        let (number_bytes, flag) = self.associated[start..].split_at_mut(NUMBER_LEN);
        number_bytes.copy_from_slice(&number);
        flag.copy_from_slice(&[u8::from(last)]);

        let mut nonce = [0; NONCE_LEN];
        nonce[NONCE_LEN - NUMBER_LEN..].copy_from_slice(&number);
        Nonce::assume_unique_for_key(nonce)
    }
}
