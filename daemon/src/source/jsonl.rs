//! Rows of JSON, one object per line.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::error::Category;
use zeroize::{Zeroize, Zeroizing};

use super::error::Why;
use super::rows::{COLUMNS, LONGEST, Numbered, Row, Wrong};
use super::window::Window;

pub(super) struct JsonlRows {
    window: Window,
    reading: fn(io::Error) -> Why,
    line: u64,
    /// The texts of the last row: without their escapes, so not as they stand in the window.
    text: Zeroizing<String>,
    ends: [usize; COLUMNS.len()],
}

impl JsonlRows {
    pub(super) fn new(window: Window, reading: fn(io::Error) -> Why) -> Self {
        Self {
            window,
            reading,
            line: 0,
            // Texts are never longer than the line that they stand in, so this does not grow.
            text: Zeroizing::new(String::with_capacity(LONGEST)),
            ends: [0; COLUMNS.len()],
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Numbered<'_>>, Why> {
        let length = loop {
            let Some(length) = self.find_line()? else {
                return Ok(None);
            };
            self.line += 1;
            if !self.window.unread()[..length].trim_ascii().is_empty() {
                break length;
            }
            self.window.consume(length);
        };
        let read = self.read(length);
        self.window.consume(length);
        Ok(Some((self.line, read.map(|()| self.row()))))
    }

    /// The length of the next line, with its end.
    fn find_line(&mut self) -> Result<Option<usize>, Why> {
        let mut seen = 0;
        loop {
            let unread = self.window.unread();
            let end = unread[seen..].iter().position(|byte| *byte == b'\n');
            let length = end.map_or(unread.len(), |end| seen + end + 1);
            if length > LONGEST {
                let line = self.line + 1;
                return Err(Why::TooLong { line });
            }
            if end.is_some() {
                return Ok(Some(length));
            }
            seen = length;
            if !self.window.fill().map_err(self.reading)? {
                return Ok((seen > 0).then_some(seen));
            }
        }
    }

    fn read(&mut self, length: usize) -> Result<(), Wrong> {
        self.text.clear();
        let line = self.window.unread()[..length].trim_ascii();
        let line = std::str::from_utf8(line).map_err(|_| Wrong::not_utf8("", line))?;
        // serde would take an array for an object whose keys are left out.
        if !line.starts_with('{') {
            return Err(Wrong::new("", line, "this is not a JSON object"));
        }
        let object: Object<'_> = serde_json::from_str(line).map_err(|error| wrong(line, &error))?;
        for (text, end) in object.texts().into_iter().zip(&mut self.ends) {
            self.text.push_str(&text.0);
            *end = self.text.len();
        }
        Ok(())
    }

    fn row(&self) -> Row<'_> {
        let mut start = 0;
        Row::of(self.ends.map(|end| {
            let text = &self.text[start..end];
            start = end;
            text
        }))
    }
}

/// serde repeats in its text what it found, so that is masked like what it found.
fn wrong(line: &str, error: &serde_json::Error) -> Wrong {
    let column = error.column();
    let reason = match error.classify() {
        Category::Data => {
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            super::mask::masked(what)
        }
        _ => format!("this is not JSON from column {column} on"),
    };
    Wrong::new("", line, reason)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Object<'a> {
    #[serde(borrow, default)]
    reference: Text<'a>,
    #[serde(borrow, default)]
    pan: Text<'a>,
    #[serde(borrow, default)]
    token: Text<'a>,
    #[serde(borrow, default)]
    token_kind: Text<'a>,
    #[serde(borrow, default)]
    expiry: Text<'a>,
    #[serde(borrow, default)]
    se_number: Text<'a>,
    #[serde(borrow, default)]
    next_billing: Text<'a>,
}

impl<'a> Object<'a> {
    /// In the order of [`COLUMNS`].
    fn texts(self) -> [Text<'a>; COLUMNS.len()] {
        [
            self.reference,
            self.pan,
            self.token,
            self.token_kind,
            self.expiry,
            self.se_number,
            self.next_billing,
        ]
    }
}

/// A string, or `null` for none; wiped where it had escapes and is a copy.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl Drop for Text<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(copy) = &mut self.0 {
            copy.zeroize();
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrNull;

        impl<'de> Visitor<'de> for StringOrNull {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string in quotes")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
        }

        deserializer.deserialize_any(StringOrNull)
    }
}
