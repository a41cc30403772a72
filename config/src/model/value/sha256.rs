//! Hashes of files, as `sha256sum` prints them.

use serde::{Deserialize, Deserializer};

use crate::fault::fault;

pub(in crate::model) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits && text.len() == 64 {
        return Ok(text.to_ascii_lowercase());
    }
    Err(fault(
        format_args!("`{text}` is not a SHA-256"),
        "write its 64 hexadecimal digits; `reissue connectors list --json` and `sha256sum` show them",
    ))
}
