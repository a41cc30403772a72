//! What a row of a file says, whatever the form of the file, before it is judged.

use std::fmt;
use std::io;

use reissue_config::SourceKind;

use super::csv::CsvRows;
use super::error::Why;
use super::jsonl::JsonlRows;
use super::mask::masked;
use super::window::Window;
use crate::cards::TokenKind;

/// The longest row.
pub(super) const LONGEST: usize = 16 * 1024;

/// The names of the columns, in the order of [`Row`].
pub(super) const COLUMNS: [&str; 7] = [
    "reference",
    "pan",
    "token",
    "token_kind",
    "expiry",
    "se_number",
    "next_billing",
];

/// The texts of a row without the spaces around them; one that is absent is empty.
pub(super) struct Row<'a> {
    pub(super) reference: &'a str,
    pub(super) pan: &'a str,
    pub(super) token: &'a str,
    pub(super) token_kind: &'a str,
    pub(super) expiry: &'a str,
    pub(super) se_number: &'a str,
    pub(super) next_billing: &'a str,
}

impl<'a> Row<'a> {
    /// From the texts of [`COLUMNS`].
    pub(super) fn of(texts: [&'a str; COLUMNS.len()]) -> Self {
        let [
            reference,
            pan,
            token,
            token_kind,
            expiry,
            se_number,
            next_billing,
        ] = texts.map(str::trim_ascii);
        Self {
            reference,
            pan,
            token,
            token_kind,
            expiry,
            se_number,
            next_billing,
        }
    }

    /// The kind of card, if the row names one card.
    pub(super) fn kind(&self) -> Option<Kind> {
        match (self.pan, self.token) {
            ("", "") => None,
            (_, "") => Some(Kind::Pan),
            ("", _) => self.token_kind.parse().ok().map(Kind::Token),
            _ => None,
        }
    }
}

/// What names the cards of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Their numbers.
    Pan,
    /// Tokens of that kind.
    Token(TokenKind),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pan => f.write_str("a card number"),
            Self::Token(kind) => write!(f, "a token of kind {kind}"),
        }
    }
}

/// A row that cannot be asked about.
pub(super) struct Wrong {
    /// The column that it is in; empty where it is the row itself.
    pub(super) column: &'static str,
    /// What is wrong in it, with its digits masked.
    pub(super) value: String,
    /// One sentence.
    pub(super) reason: String,
}

impl Wrong {
    /// In a column.
    pub(super) fn new(column: &'static str, value: &str, reason: impl Into<String>) -> Self {
        Self {
            column,
            value: masked(value),
            reason: reason.into(),
        }
    }

    /// Bytes that are no text, most likely of an older encoding.
    pub(super) fn not_utf8(column: &'static str, bytes: &[u8]) -> Self {
        let reason = "this is not UTF-8, but most likely Latin-1: export the file as UTF-8";
        Self::new(column, &String::from_utf8_lossy(bytes), reason)
    }
}

/// The line in which a row begins, and the row.
pub(super) type Numbered<'a> = (u64, Result<Row<'a>, Wrong>);

/// The rows of a file, one by one.
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Jsonl(JsonlRows),
}

impl Rows {
    /// Begins to read; a byte order mark of UTF-8, which spreadsheets write, is passed over.
    pub(super) fn new(
        mut window: Window,
        kind: SourceKind,
        reading: fn(io::Error) -> Why,
    ) -> Result<Self, Why> {
        match window.unread() {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(Why::Utf16),
            [0xEF, 0xBB, 0xBF, ..] => window.consume(3),
            _ => {}
        }
        if window.unread().is_empty() {
            return Err(Why::Empty);
        }
        Ok(match kind {
            SourceKind::Csv => Self::Csv(Box::new(CsvRows::new(window, reading)?)),
            SourceKind::Jsonl => Self::Jsonl(JsonlRows::new(window, reading)),
        })
    }

    /// The next row, in buffers that the following call reuses.
    pub(super) fn next(&mut self) -> Result<Option<Numbered<'_>>, Why> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Jsonl(rows) => rows.next(),
        }
    }
}
