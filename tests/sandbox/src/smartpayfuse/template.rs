//! Writes records fast: the text of a record is copied whole, then its digits are patched in place.
//!
//! A client is measured against the sandbox on the same machine, so what the sandbox spends must be small beside it.

use crate::mix::mix;

/// What differs between two records of one shape. All of it derives from the batch's key and the record's index, so
/// that any record can be written without those before it.
#[derive(Debug)]
pub(super) struct Draw {
    /// Ten digits, unique in the batch.
    id: u64,
    /// Eleven digits, unique in the batch.
    number: u64,
    words: [u64; 3],
}

/// The first record id of a batch; record n has the nth after it.
pub(super) fn first_id(key: u64) -> u64 {
    1_000_000_000 + key % 8_000_000_000
}

impl Draw {
    pub(super) fn new(key: u64, index: u64) -> Self {
        // Distinct indices give distinct first words, as mixing is a bijection.
        let first = mix(key.wrapping_add(index));
        let second = mix(first);
        Self {
            id: first_id(key) + index,
            number: key % 90_000_000_000 + index,
            words: [first, second, mix(second)],
        }
    }
}

/// A record's text with `<slot>` where something is patched in.
#[derive(Debug)]
pub(super) struct Template {
    text: Vec<u8>,
    slots: Vec<(usize, Slot)>,
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Id,
    Number,
    NewNumber,
    Token,
    Instrument,
    Identifier,
    NewIdentifier,
    Other,
    Last,
    NewLast,
    Month,
    NewMonth,
    Year,
    NewYear,
}

impl Template {
    pub(super) fn new(source: &str) -> Self {
        let mut text = Vec::with_capacity(source.len());
        let mut slots = Vec::new();
        for (n, part) in source.split(['<', '>']).enumerate() {
            if n % 2 == 0 {
                text.extend_from_slice(part.as_bytes());
            } else {
                let slot = Slot::named(part);
                slots.push((text.len(), slot));
                text.resize(text.len() + slot.width(), b'0');
            }
        }
        Self { text, slots }
    }

    pub(super) fn write(&self, draw: &Draw, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.text);
        let record = &mut out[start..];
        for &(at, slot) in &self.slots {
            slot.fill(draw, &mut record[at..at + slot.width()]);
        }
    }
}

impl Slot {
    fn named(name: &str) -> Self {
        match name {
            "id" => Self::Id,
            "number" => Self::Number,
            "new-number" => Self::NewNumber,
            "token" => Self::Token,
            "instrument" => Self::Instrument,
            "identifier" => Self::Identifier,
            "new-identifier" => Self::NewIdentifier,
            "other" => Self::Other,
            "last" => Self::Last,
            "new-last" => Self::NewLast,
            "month" => Self::Month,
            "new-month" => Self::NewMonth,
            "year" => Self::Year,
            "new-year" => Self::NewYear,
            other => {
                unreachable!("no slot is called {other}: templates are constants of this crate")
            }
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Id => 10,
            Self::Number | Self::NewNumber => 11,
            Self::Token
            | Self::Instrument
            | Self::Identifier
            | Self::NewIdentifier
            | Self::Other => 16,
            Self::Last | Self::NewLast | Self::Year | Self::NewYear => 4,
            Self::Month | Self::NewMonth => 2,
        }
    }

    fn fill(self, draw: &Draw, out: &mut [u8]) {
        let [first, second, third] = draw.words;
        match self {
            Self::Id => decimal(draw.id, out),
            Self::Number => decimal(draw.number, out),
            Self::NewNumber => decimal(second % 100_000_000_000, out),
            Self::Token => hexadecimal(first, out),
            // The vault numbers what it creates together in a row.
            Self::Instrument => hexadecimal(first ^ 1, out),
            Self::Identifier => hexadecimal(first ^ 2, out),
            Self::NewIdentifier => hexadecimal(second, out),
            Self::Other => hexadecimal(third, out),
            Self::Last => decimal(third % 10_000, out),
            Self::NewLast => decimal((third >> 16) % 10_000, out),
            Self::Month => decimal(1 + (third >> 32) % 12, out),
            Self::NewMonth => decimal(1 + (third >> 40) % 12, out),
            Self::Year => decimal(2024 + (third >> 48) % 4, out),
            Self::NewYear => decimal(2028 + (third >> 56) % 4, out),
        }
    }
}

fn decimal(mut value: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

fn hexadecimal(value: u64, out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for (digit, shift) in out.iter_mut().zip((0..64).step_by(4).rev()) {
        *digit = DIGITS[(value >> shift) as usize & 15];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_patched_and_the_rest_is_kept() {
        let template = Template::new(
            r#"{"id":"<id>","n":"702<number>","token":"<token>E0","y":"<month>/<year>"}"#,
        );
        let draw = Draw {
            id: 1_234_567_890,
            number: 42,
            words: [0xABC, 0, 5 << 32],
        };
        let mut out = b"before,".to_vec();
        template.write(&draw, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"before,{"id":"1234567890","n":"70200000000042","token":"0000000000000ABCE0","y":"06/2024"}"#
        );
    }
}
