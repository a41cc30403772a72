//! File permissions in octal.

use serde::{Deserialize, Deserializer};

use crate::fault::fault;

/// What permissions look like, for the schema.
pub(in crate::model) const PATTERN: &str = "^0*[0-7]{3}$";

pub(in crate::model) fn default() -> u32 {
    0o640
}

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    let octal = text.len() >= 3 && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    match u32::from_str_radix(&text, 8) {
        Ok(mode) if octal && mode <= 0o777 => Ok(mode),
        _ => Err(fault(
            format_args!("`{text}` is not a file's permissions"),
            "write three octal digits, such as \"0640\"",
        )),
    }
}
