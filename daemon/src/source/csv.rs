//! Rows of comma-separated values, in memory of fixed size.

use std::io;

use csv_core::{ReadRecordResult, Reader};
use reissue_config::nearest;
use zeroize::Zeroizing;

use super::error::Why;
use super::rows::{COLUMNS, LONGEST, Numbered, Row, Wrong};
use super::window::Window;

/// More values than any header that we know has columns.
const MOST_VALUES: usize = 32;

pub(super) struct CsvRows {
    records: Records,
    columns: Columns,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn new(window: Window, reading: fn(io::Error) -> Why) -> Result<Self, Why> {
        let mut records = Records {
            window,
            reading,
            parser: Reader::new(),
            line: 1,
            text: Zeroizing::new(vec![0; LONGEST]),
            ends: [0; MOST_VALUES],
            values: 0,
        };
        if records.next()?.is_none() {
            return Err(Why::Empty);
        }
        let columns = Columns::named(&records).map_err(Why::Header)?;
        Ok(Self { records, columns })
    }

    pub(super) fn next(&mut self) -> Result<Option<Numbered<'_>>, Why> {
        let Some(line) = self.records.next()? else {
            return Ok(None);
        };
        Ok(Some((line, self.columns.row(&self.records))))
    }
}

/// Which value of a record belongs to which column.
struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    width: usize,
}

impl Columns {
    /// From the header. What is repeated of it has no digits: without a header it is a card.
    fn named(header: &Records) -> Result<Self, String> {
        let mut columns = Self {
            places: [None; COLUMNS.len()],
            width: header.values,
        };
        for place in 0..header.values.min(MOST_VALUES) {
            let name = std::str::from_utf8(header.value(place)).unwrap_or_default();
            let name = name.trim_ascii();
            match COLUMNS.iter().position(|column| *column == name) {
                Some(known) if columns.places[known].is_some() => {
                    return Err(format!("two columns are called `{name}`; remove one"));
                }
                Some(known) => columns.places[known] = Some(place),
                None => return Err(unknown(name, place, header.values)),
            }
        }
        let has = |name| {
            let column = COLUMNS.iter().position(|column| *column == name);
            column.is_some_and(|column| columns.places[column].is_some())
        };
        let missing = match () {
            () if !has("reference") => "reference",
            () if !has("pan") && !has("token") => "pan",
            () if has("token") && !has("token_kind") => "token_kind",
            () if has("pan") && !has("expiry") => "expiry",
            () => return Ok(columns),
        };
        let instead = if missing == "pan" { " or `token`" } else { "" };
        Err(format!(
            "there is no column `{missing}`{instead}; write it as in `reference,pan,expiry`"
        ))
    }

    fn row<'r>(&self, record: &'r Records) -> Result<Row<'r>, Wrong> {
        if record.values != self.width {
            let reason = format!(
                "this row has {} values, and the first line names {} columns",
                record.values, self.width
            );
            return Err(Wrong::new("", "", reason));
        }
        let mut texts = [""; COLUMNS.len()];
        for (column, place) in self.places.into_iter().enumerate() {
            if let Some(place) = place {
                let bytes = record.value(place);
                texts[column] = std::str::from_utf8(bytes)
                    .map_err(|_| Wrong::not_utf8(COLUMNS[column], bytes))?;
            }
        }
        Ok(Row::of(texts))
    }
}

fn unknown(name: &str, place: usize, values: usize) -> String {
    if let (1, Some(separator)) = (values, name.chars().find(|each| ";\t|".contains(*each))) {
        return format!("its columns are separated by {separator:?}; separate them by commas");
    }
    if name.is_empty() || name.contains(|each: char| each.is_ascii_digit() || each.is_control()) {
        let place = place + 1;
        return format!(
            "value {place} of it is no name of a column; begin with `reference,pan,expiry`"
        );
    }
    match nearest(name, COLUMNS) {
        Some(near) => format!("there is no column `{name}`; did you mean `{near}`?"),
        None => format!("there is no column `{name}`; remove it, or name it as one of ours"),
    }
}

/// The records, the last one read in `text`.
struct Records {
    window: Window,
    reading: fn(io::Error) -> Why,
    parser: Reader,
    line: u64,
    text: Zeroizing<Vec<u8>>,
    ends: [usize; MOST_VALUES],
    values: usize,
}

impl Records {
    /// The line in which the next record begins.
    fn next(&mut self) -> Result<Option<u64>, Why> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let line = self.line;
        let (mut written, mut ended) = (0, 0);
        self.values = 0;
        loop {
            let unread = self.window.unread();
            let (result, taken, out, ends) =
                self.parser
                    .read_record(unread, &mut self.text[written..], &mut self.ends[ended..]);
            self.line += count_line_ends(&unread[..taken]);
            self.window.consume(taken);
            written += out;
            ended += ends;
            self.values += ends;
            match result {
                // At the end of the file the parser is told so by an empty window.
                ReadRecordResult::InputEmpty => _ = self.window.fill().map_err(self.reading)?,
                ReadRecordResult::OutputFull => return Err(Why::TooLong { line }),
                // Too many values for any header: they are counted, to be said.
                ReadRecordResult::OutputEndsFull => ended = 0,
                ReadRecordResult::Record | ReadRecordResult::End => return Ok(Some(line)),
            }
        }
    }

    /// Passes over what ended the last record, and over empty lines; false at the end of the file.
    /// The parser would do so too, but inside a record, whose line would then be unknown.
    fn skip_line_ends(&mut self) -> Result<bool, Why> {
        loop {
            let unread = self.window.unread();
            let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let ends = unread.iter().take_while(|byte| is_end(byte)).count();
            let all = ends == unread.len();
            self.line += count_line_ends(&unread[..ends]);
            self.window.consume(ends);
            if !all {
                return Ok(true);
            }
            if !self.window.fill().map_err(self.reading)? {
                return Ok(false);
            }
        }
    }

    fn value(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[place]]
    }
}

fn count_line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
