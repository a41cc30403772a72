//! The piece of the body that is being read, as quick-xml wants it.

use std::io::{self, BufRead, Read};

use zeroize::{Zeroize, Zeroizing};

use crate::fault::Fault;
use crate::json::Source;

/// The longest piece of markup or text that is looked at as one, in bytes.
const LONGEST: usize = 1024 * 1024;
/// quick-xml looks for a byte order mark, which has three bytes, in the first piece alone.
const LEAST: usize = 3;
/// Room for a piece of the body.
const ROOM: usize = 64 * 1024;

pub(super) struct Window<S> {
    source: S,
    bytes: Zeroizing<Vec<u8>>,
    /// The first unread byte.
    at: usize,
    /// How many bytes were read since the last `begin`.
    since: usize,
    /// How many bytes quick-xml was not shown.
    skipped: u64,
    /// Why there is no more. An `io::Error` could carry only its text.
    fault: Option<Fault>,
}

impl<S: Source> Window<S> {
    pub(super) fn new(source: S) -> Self {
        Self {
            source,
            bytes: Zeroizing::new(Vec::with_capacity(ROOM)),
            at: 0,
            since: 0,
            skipped: 0,
            fault: None,
        }
    }

    /// From here on so much may be read as one.
    pub(super) fn begin(&mut self) {
        self.since = 0;
    }

    /// Passes over white space, as far as it is here: quick-xml would make an event of it.
    pub(super) fn skip_space(&mut self) {
        let unread = self.bytes[self.at..].iter();
        let space = unread.take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += space;
        self.skipped += space as u64;
    }

    /// How many bytes were passed over so.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// What broke the body off, if it was the source.
    pub(super) fn fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }
}

impl<S: Source> BufRead for Window<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > LONGEST {
            return Err(io::Error::other("longer than anything documented"));
        }
        if self.at == self.bytes.len() {
            self.at = 0;
            self.bytes.as_mut_slice().zeroize();
            self.bytes.clear();
            while self.bytes.len() < LEAST {
                match self.source.read_into(&mut self.bytes) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(fault) => {
                        self.fault = Some(fault);
                        return Err(io::Error::other("the body broke off"));
                    }
                }
            }
        }
        Ok(&self.bytes[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        self.since += count;
    }
}

/// Never called: quick-xml reads through `BufRead` alone, which asks for this.
impl<S: Source> Read for Window<S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(to)?;
        self.consume(count);
        Ok(count)
    }
}
