//! File names from names that providers choose.

use aws_lc_rs::digest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything outside `[A-Za-z0-9._-]`.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');
/// File systems allow 255 bytes; an ending and a temporary name must fit too.
const LONGEST: usize = 200;

/// A file name that stands for `text`: percent-encoded, never hidden, and with a hash for its tail
/// where it would be too long.
pub fn file_name(text: &str) -> String {
    let mut name = utf8_percent_encode(text, UNSAFE).to_string();
    if name.starts_with('.') || name.is_empty() {
        name = format!("%2E{}", name.get(1..).unwrap_or_default());
    }
    if name.len() > LONGEST {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let hash: String = digest.as_ref()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        name.truncate(LONGEST - hash.len() - 1);
        name = format!("{name}-{hash}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_visible_and_distinct() {
        assert_eq!(
            file_name("15797780137010000506182090"),
            "15797780137010000506182090"
        );
        assert_eq!(file_name("../a b/ü"), "%2E.%2Fa%20b%2F%C3%BC");
        assert_eq!(file_name(".hidden"), "%2Ehidden");
        let long = "x".repeat(1_000);
        assert_eq!(file_name(&long).len(), LONGEST);
        assert_ne!(file_name(&long), file_name(&format!("{long}y")));
    }
}
