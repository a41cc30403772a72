//! Reading a sealed file in any order: answers about cards come in the provider's, not in ours.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::frames::{FrameCipher, MAX_FRAME};
use super::header::{self, HEADER_LEN};
use super::key::TAG_LEN;
use super::{Keyring, SealError};

const LENGTH_LEN: u64 = size_of::<u32>() as u64;
/// Buffers are multiples of this many bytes.
const PAGE: usize = 4096;

/// A sealed file that proved whole when it was opened. Of its frames it holds only where they lie.
pub struct SealedFrames {
    path: PathBuf,
    file: File,
    cipher: FrameCipher,
    /// Where each frame's length stands; the end frame's comes last.
    starts: Vec<u64>,
    length: u64,
}

impl SealedFrames {
    /// Opens the file at `path` that was sealed as `place`.
    ///
    /// # Errors
    /// As [`SealedReader::open`](super::SealedReader::open), and [`SealError::Damaged`].
    pub fn open(path: &Path, keyring: &Keyring, place: &str) -> Result<Self, SealError> {
        let reading = SealError::reading(path);
        let file = File::open(path).map_err(&reading)?;
        let length = file.metadata().map_err(&reading)?.len();
        if length < HEADER_LEN as u64 {
            return Err(SealError::Truncated {
                path: path.to_owned(),
                part: "its header".to_owned(),
            });
        }
        let mut header = [0; HEADER_LEN];
        file.read_exact_at(&mut header, 0).map_err(&reading)?;
        let data_key = header::open(&header, keyring, path, place)?;
        let mut frames = Self {
            path: path.to_owned(),
            file,
            cipher: FrameCipher::new(&data_key, place),
            starts: Vec::new(),
            length,
        };
        frames.find()?;
        // The end frame says how many come before it, and nobody else can say that.
        let end = frames.starts.len() - 1;
        frames.open_at(end, true, Zeroizing::default())?;
        Ok(frames)
    }

    /// How many frames there are, without the end frame.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The plaintext of a frame, counted from 0, in place of what `buffer` held: wiping a buffer
    /// takes longer than opening a frame, so one that is handed on need not be wiped.
    ///
    /// # Errors
    /// [`SealError::Damaged`], also for one that there is not, or [`SealError::Read`].
    pub fn read(
        &mut self,
        frame: usize,
        buffer: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if frame >= self.len() {
            return Err(self.damaged(frame));
        }
        self.open_at(frame, false, buffer)
    }

    /// The error of a frame whose content makes no sense.
    pub fn damaged(&self, frame: usize) -> SealError {
        SealError::Damaged {
            path: self.path.clone(),
            frame: frame as u64 + 1,
        }
    }

    /// Steps from length to length to the end of the file.
    fn find(&mut self) -> Result<(), SealError> {
        let mut at = HEADER_LEN as u64;
        while at < self.length || self.starts.is_empty() {
            let number = self.starts.len();
            let truncated = || SealError::Truncated {
                path: self.path.clone(),
                part: format!("frame {}", number + 1),
            };
            if self.length - at < LENGTH_LEN {
                return Err(truncated());
            }
            let mut length = [0; LENGTH_LEN as usize];
            self.file
                .read_exact_at(&mut length, at)
                .map_err(SealError::reading(&self.path))?;
            let length = u32::from_le_bytes(length) as usize;
            if !(TAG_LEN..=MAX_FRAME + TAG_LEN).contains(&length) {
                return Err(self.damaged(number));
            }
            let after = at + LENGTH_LEN + length as u64;
            if after > self.length {
                return Err(truncated());
            }
            self.starts.push(at);
            at = after;
        }
        Ok(())
    }

    fn open_at(
        &mut self,
        frame: usize,
        last: bool,
        mut buffer: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let start = self.starts[frame] + LENGTH_LEN;
        let end = self.starts.get(frame + 1).copied().unwrap_or(self.length);
        let length = (end - start) as usize;
        if length > buffer.capacity() {
            // Anew, because growing would leave the old memory as it is; and somewhat larger, so
            // that the next frame fits too.
            buffer = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(PAGE)));
        }
        buffer.resize(length, 0);
        self.file
            .read_exact_at(&mut buffer, start)
            .map_err(SealError::reading(&self.path))?;
        let opened = self.cipher.open_at(frame as u64 + 1, &mut buffer, last);
        let Some(length) = opened.map(<[u8]>::len) else {
            return Err(self.damaged(frame));
        };
        buffer.truncate(length);
        Ok(buffer)
    }
}
