//! Reading a sealed file, frame by frame, in the memory of one frame.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use super::frames::{FrameCipher, MAX_FRAME};
use super::header::{self, HEADER_LEN};
use super::key::TAG_LEN;
use super::{Keyring, SealError};

const LENGTH_LEN: usize = size_of::<u32>();

/// A sealed file being read. What it returns was sealed there, as that, in that order; but only the
/// final `None` says that the file is whole, so nothing may be acted upon for good before it.
pub struct SealedReader {
    path: PathBuf,
    file: BufReader<File>,
    /// Bytes of the file that are not read yet: what tells the last frame.
    remaining: u64,
    frames: FrameCipher,
    buffer: Zeroizing<Vec<u8>>,
    ended: bool,
}

impl SealedReader {
    /// Opens the file at `path` that was sealed as `place`.
    ///
    /// # Errors
    /// [`SealError::WrongPlace`], [`SealError::WrappingKeyMissing`], [`SealError::NotSealed`],
    /// [`SealError::Truncated`] or [`SealError::Read`].
    pub fn open(path: &Path, keyring: &Keyring, place: &str) -> Result<Self, SealError> {
        let reading = SealError::reading(path);
        let file = File::open(path).map_err(&reading)?;
        let length = file.metadata().map_err(&reading)?.len();
        let Some(remaining) = length.checked_sub(HEADER_LEN as u64) else {
            return Err(SealError::Truncated {
                path: path.to_owned(),
                part: "its header".to_owned(),
            });
        };
        let mut file = BufReader::new(file);
        let mut header = [0; HEADER_LEN];
        file.read_exact(&mut header).map_err(&reading)?;
        let data_key = header::open(&header, keyring, path, place)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            remaining,
            frames: FrameCipher::new(&data_key, place),
            buffer: Zeroizing::default(),
            ended: false,
        })
    }

    /// The plaintext of the next frame, in a buffer that the following call reuses; `None` once the
    /// file has proved whole.
    ///
    /// # Errors
    /// [`SealError::Damaged`], [`SealError::Truncated`] or [`SealError::Read`]; nothing more comes
    /// after one.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, SealError> {
        if self.ended {
            return Ok(None);
        }
        let remaining = self.read_sealed()?;
        let last = remaining == 0;
        let Some(plaintext) = self.frames.open(&mut self.buffer, last) else {
            return Err(SealError::Damaged {
                path: self.path.clone(),
                frame: self.frames.next(),
            });
        };
        self.remaining = remaining;
        self.ended = last;
        Ok((!last).then_some(plaintext))
    }

    /// Reads ciphertext and tag of the next frame into the buffer, and says how many bytes follow
    /// them.
    fn read_sealed(&mut self) -> Result<u64, SealError> {
        // Given back only with a good frame, so that a caller who goes on after an error finds
        // nothing.
        let remaining = std::mem::take(&mut self.remaining);
        let mut length = [0; LENGTH_LEN];
        let remaining = self.without(remaining, LENGTH_LEN)?;
        self.file
            .read_exact(&mut length)
            .map_err(SealError::reading(&self.path))?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_FRAME + TAG_LEN {
            return Err(SealError::Damaged {
                path: self.path.clone(),
                frame: self.frames.next(),
            });
        }
        let remaining = self.without(remaining, length)?;
        if length > self.buffer.capacity() {
            // Growing moves the buffer, and the old memory would keep the last frame.
            self.buffer.zeroize();
        }
        self.buffer.resize(length, 0);
        self.file
            .read_exact(&mut self.buffer)
            .map_err(SealError::reading(&self.path))?;
        Ok(remaining)
    }

    /// `remaining` less `bytes`, if there are so many.
    fn without(&self, remaining: u64, bytes: usize) -> Result<u64, SealError> {
        remaining
            .checked_sub(bytes as u64)
            .ok_or_else(|| SealError::Truncated {
                path: self.path.clone(),
                part: format!("frame {}", self.frames.next()),
            })
    }
}
