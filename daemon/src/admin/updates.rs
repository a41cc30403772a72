//! Updates of a batch for people: full card numbers never leave here.

use std::io::Write;

use serde_json::Value;

use crate::seal::{SealError, SealedReader};

/// Writes the lines of a spool with every full card number replaced by its mask.
///
/// # Errors
/// When the spool cannot be opened to its end, or nobody reads any more.
pub fn write_masked(
    mut spool: SealedReader,
    out: &mut impl Write,
) -> Result<std::io::Result<()>, SealError> {
    while let Some(frame) = spool.next_frame()? {
        for line in frame.split_inclusive(|byte| *byte == b'\n') {
            let written = match masked(line) {
                Some(line) => out.write_all(&line),
                None => out.write_all(line),
            };
            if written.is_err() {
                return Ok(written);
            }
        }
    }
    Ok(out.flush())
}

/// A line without its full numbers; `None` when it holds none.
fn masked(line: &[u8]) -> Option<Vec<u8>> {
    // The key cannot occur inside a text: its quotes would be escaped there.
    let marked = line.windows(6).any(|window| window == b"\"pan\":");
    if !marked {
        return None;
    }
    let mut update: Value = serde_json::from_slice(line).unwrap_or_default();
    for card in ["old", "new"] {
        if let Some(card) = update.get_mut(card).and_then(Value::as_object_mut) {
            card.remove("pan");
        }
    }
    let mut line = update.to_string().into_bytes();
    line.push(b'\n');
    Some(line)
}
