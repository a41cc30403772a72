//! Writing a sealed file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroize;

use super::frames::{FrameCipher, MAX_FRAME};
use super::key::{Key, TAG_LEN};
use super::{Behind, Keyring, SealError, durable, header};

/// A sealed file in the making, under its temporary name. It is worthless until
/// [`finish`](Self::finish) ended it and [`durable::publish`] gave it its final name.
pub struct SealedWriter {
    path: PathBuf,
    /// Collects only the small parts; frames are larger than its buffer and pass it by.
    file: BufWriter<File>,
    frames: FrameCipher,
    behind: Behind,
}

impl SealedWriter {
    /// Begins a file at `temp`, mode 0600, in place of what an interrupted attempt left there,
    /// sealed as `place` under a data key of its own.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn create(temp: &Path, keyring: &Keyring, place: &str) -> Result<Self, SealError> {
        let data_key = Key::generate();
        let mut file = BufWriter::new(durable::create_afresh(temp, 0o600)?);
        file.write_all(&header::seal(&data_key, keyring, place))
            .map_err(SealError::writing(temp))?;
        Ok(Self {
            path: temp.to_owned(),
            file,
            frames: FrameCipher::new(&data_key, place),
            behind: Behind::default(),
        })
    }

    /// Seals `plaintext` in place as the next frame and writes it. The buffer comes back empty with
    /// its capacity and without a trace of the plaintext, also after an error.
    ///
    /// # Errors
    /// [`SealError::FrameTooLarge`] beyond [`MAX_FRAME`], [`SealError::Write`]. The file is then of
    /// no use: begin anew.
    pub fn write_frame(&mut self, plaintext: &mut Vec<u8>) -> Result<(), SealError> {
        if plaintext.len() > MAX_FRAME {
            let bytes = plaintext.len();
            plaintext.zeroize();
            let path = self.path.clone();
            return Err(SealError::FrameTooLarge { path, bytes });
        }
        let written = self.seal(plaintext, false);
        // It holds ciphertext by now.
        plaintext.clear();
        written
    }

    /// Ends the file with the empty end frame and makes its content durable.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn finish(self) -> Result<(), SealError> {
        let path = self.path.clone();
        self.end()?.sync_all().map_err(SealError::writing(&path))
    }

    /// Ends the file with the empty end frame, and leaves it to the system when it reaches the
    /// disk: for a file that nobody needs after a crash.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn end(mut self) -> Result<File, SealError> {
        self.seal(&mut [], true)?;
        self.file
            .into_inner()
            .map_err(|error| SealError::writing(&self.path)(error.into_error()))
    }

    fn seal(&mut self, frame: &mut [u8], last: bool) -> Result<(), SealError> {
        let tag = self.frames.seal(frame, last);
        let length = u32::try_from(frame.len() + TAG_LEN).expect("frames are at most 4 MiB");
        self.file
            .write_all(&length.to_le_bytes())
            .and_then(|()| self.file.write_all(frame))
            .and_then(|()| self.file.write_all(tag.as_ref()))
            .map_err(SealError::writing(&self.path))?;
        self.behind.wrote(self.file.get_ref(), frame.len());
        Ok(())
    }
}
