//! Sizes of data: `"512MiB"`, `"16GiB"`.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

use crate::fault::fault;

const HELP: &str = "write a whole number and a unit, such as \"64KiB\", \"512MiB\" or \"16GiB\"";

/// What a size looks like, for the schema.
pub(in crate::model) const PATTERN: &str = "^[0-9]+ *(KiB|MiB|GiB|TiB)$";

/// Units and how many bits they shift by.
const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(WithUnit)
}

struct WithUnit;

impl Visitor<'_> for WithUnit {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        bytes(text).ok_or_else(|| fault(format_args!("`{text}` is not a size"), HELP))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        Err(fault(format_args!("the size `{number}` has no unit"), HELP))
    }
}

/// Bytes above zero, or nothing if the text is not a size.
fn bytes(text: &str) -> Option<u64> {
    let (number, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)))?;
    let bytes = number
        .trim_end()
        .parse::<u64>()
        .ok()?
        .checked_mul(1 << shift)?;
    (bytes > 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn reads_whole_numbers_with_a_unit() {
        assert_eq!(bytes("64KiB"), Some(65_536));
        assert_eq!(bytes("16 GiB"), Some(17_179_869_184));
        for wrong in [
            "",
            "64",
            "64KB",
            "1.5MiB",
            "-1MiB",
            "0MiB",
            "99999999999TiB",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
