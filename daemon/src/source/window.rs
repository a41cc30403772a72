//! A piece of a file in a buffer of fixed size, which is wiped at the end: growing buffers leave card
//! numbers behind.

use std::io::{self, ErrorKind, Read};

use zeroize::Zeroizing;

/// What is read of a file at a time.
const BYTES: usize = 64 * 1024;

/// A file being read.
pub(super) struct Window {
    file: Box<dyn Read>,
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
}

impl Window {
    /// Reads the beginning.
    pub(super) fn new(file: Box<dyn Read>) -> io::Result<Self> {
        let mut window = Self {
            file,
            buffer: Zeroizing::new(vec![0; BYTES]),
            start: 0,
            end: 0,
        };
        while window.end < BYTES && window.fill()? {}
        Ok(window)
    }

    /// What has been read and not yet consumed.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Reads on; false at the end of the file. There must be room: no record fills the window.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let read = loop {
            match self.file.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.end += read;
        Ok(read > 0)
    }
}
