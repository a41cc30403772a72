//! Lines out of a stream: reports as JSON lines, CSV or fixed columns, record by record.
//!
//! A format of lines has no bracket that tells its end, so the last line's own line feed does: an
//! answer that ends without one ended early. The window grows as in [`json`](crate::json).

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::fault::Fault;
use crate::json::Source;

/// A window is refilled by at least this many bytes at a time.
const FILL: usize = 256 * 1024;
/// The longest line, in bytes. A record is about a kilobyte.
const LARGEST: usize = 1024 * 1024;

/// Reads one answer line by line.
pub struct LineReader<S> {
    source: S,
    window: Vec<u8>,
    /// The first unread byte of the window.
    at: usize,
    /// How many lines were read.
    lines: u64,
}

impl<S: Source> LineReader<S> {
    /// A reader at the start of a body.
    pub fn new(source: S) -> Self {
        Self {
            source,
            window: Vec::new(),
            at: 0,
            lines: 0,
        }
    }

    /// Walks the lines to the end of the answer and returns how many `with` got. Empty ones are
    /// passed over; a carriage return before the line feed is no part of the line.
    ///
    /// An answer without any line may be a report without records, or none at all: only what the
    /// provider says elsewhere can tell.
    ///
    /// # Errors
    /// `garbled` with the number of the line that is not UTF-8, longer than 1 MiB or not whole; and
    /// what `with` returns.
    pub fn each(
        &mut self,
        mut with: impl FnMut(Line<'_>) -> Result<(), Fault>,
    ) -> Result<u64, Fault> {
        let mut given = 0;
        loop {
            let unread = &self.window[self.at..];
            let Some(length) = unread.iter().position(|byte| *byte == b'\n') else {
                match self.refill()? {
                    0 if self.window.is_empty() => return Ok(given),
                    0 => {
                        return Err(wrong(
                            self.lines + 1,
                            "a line feed at its end: the answer ends early",
                        ));
                    }
                    _ => continue,
                }
            };
            let line = &unread[..length];
            self.at += length + 1;
            self.lines += 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            given += 1;
            let text = std::str::from_utf8(line).map_err(|_| wrong(self.lines, "UTF-8"))?;
            with(Line {
                number: self.lines,
                text,
            })?;
        }
    }

    /// Moves what is unread to the front and reads on; 0 at the end of the answer.
    fn refill(&mut self) -> Result<usize, Fault> {
        self.window.drain(..self.at);
        self.at = 0;
        let before = self.window.len();
        if before > LARGEST {
            return Err(wrong(self.lines + 1, "at most 1 MiB"));
        }
        while self.window.len() < before + FILL && self.source.read_into(&mut self.window)? > 0 {}
        Ok(self.window.len() - before)
    }
}

/// One line of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Line<'w> {
    /// 1 for the first line of the answer.
    pub number: u64,
    /// The line without its end; never empty.
    pub text: &'w str,
}

impl<'w> Line<'w> {
    /// Reads the line as one JSON value, borrowing from it. `None` means valid JSON that is no `T`:
    /// report it as an `unknown` update.
    ///
    /// # Errors
    /// `garbled` with the number of the line that is no JSON.
    pub fn json<T: Deserialize<'w>>(&self) -> Result<Option<T>, Fault> {
        if let Ok(value) = serde_json::from_str(self.text) {
            return Ok(Some(value));
        }
        // A value of another type is refused at its first byte: the rest may still be broken.
        match serde_json::from_str::<IgnoredAny>(self.text) {
            Ok(_) => Ok(None),
            Err(_) => Err(self.lacks("one JSON value")),
        }
    }

    /// The fault that says what should have stood in this line. It never quotes the line, which may
    /// hold a card number.
    pub fn lacks(&self, expected: &str) -> Fault {
        wrong(self.number, expected)
    }
}

fn wrong(line: u64, expected: &str) -> Fault {
    Fault::garbled(format!("in line {line} of the answer: expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes three at a time.
    struct Pieces(&'static [u8]);

    impl Source for Pieces {
        fn read_into(&mut self, to: &mut Vec<u8>) -> Result<usize, Fault> {
            let length = self.0.len().min(3);
            let (piece, rest) = self.0.split_at(length);
            to.extend_from_slice(piece);
            self.0 = rest;
            Ok(length)
        }
    }

    fn lines(body: &'static [u8]) -> Result<Vec<(u64, String)>, String> {
        let mut read = Vec::new();
        let outcome = LineReader::new(Pieces(body)).each(|line| {
            read.push((line.number, line.text.to_owned()));
            Ok(())
        });
        let given = outcome.map_err(|fault| fault.message)?;
        assert_eq!(given, read.len() as u64);
        Ok(read)
    }

    #[test]
    fn lines_come_whole_with_their_numbers() {
        let expected = vec![(1, "one".to_owned()), (3, "three, four".to_owned())];
        assert_eq!(lines(b"one\r\n\r\nthree, four\n"), Ok(expected));
        assert_eq!(lines(b""), Ok(Vec::new()));
    }

    #[test]
    fn an_answer_that_does_not_end_in_a_line_feed_ended_early() {
        let expected =
            "in line 2 of the answer: expected a line feed at its end: the answer ends early";
        assert_eq!(lines(b"one\ntwo"), Err(expected.into()));
    }

    #[test]
    fn what_cannot_be_a_line_is_garbled() {
        let expected = "in line 2 of the answer: expected UTF-8";
        assert_eq!(lines(b"one\n\xff\n"), Err(expected.into()));
        let long: &[u8] = vec![b'x'; 2 * LARGEST].leak();
        let expected = "in line 1 of the answer: expected at most 1 MiB";
        assert_eq!(lines(long), Err(expected.into()));
    }

    #[test]
    fn a_line_of_json_may_be_another_value_but_not_broken() {
        let read = |text| {
            Line { number: 7, text }
                .json::<u8>()
                .map_err(|fault| fault.message)
        };
        assert_eq!(read("7"), Ok(Some(7)));
        assert_eq!(read(r#"{"a":1}"#), Ok(None));
        let expected = "in line 7 of the answer: expected one JSON value";
        assert_eq!(read(r#"{"a":1"#), Err(expected.into()));
        assert_eq!(read("7 8"), Err(expected.into()));
        let line = Line {
            number: 7,
            text: "[1]",
        };
        assert!(line.json::<IgnoredAny>().unwrap().is_some());
    }
}
