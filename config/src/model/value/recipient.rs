//! Who can open encrypted files.

use serde::{Deserialize, Deserializer};

use crate::fault::fault;

/// An age recipient, `age1…`. Only its looks are known to be right; age itself parses it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Recipient(#[serde(deserialize_with = "read")] String);

impl Recipient {
    /// The recipient as age writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// No message repeats the text: what is mistaken for a recipient is often the identity.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.starts_with("AGE-SECRET-KEY-") {
        return Err(fault(
            "this is an age identity, which opens files; it must not be here",
            "write its recipient, which `age-keygen -y` prints, and make a new identity",
        ));
    }
    if !looks_like_a_recipient(&text) {
        return Err(fault(
            "this is not an age recipient",
            "write what `age-keygen` prints as the public key, \"age1…\"",
        ));
    }
    Ok(text)
}

/// The prefix, and bech32's letters and digits: all but `1`, `b`, `i` and `o`.
fn looks_like_a_recipient(text: &str) -> bool {
    let Some((prefix, data)) = text.rsplit_once('1') else {
        return false;
    };
    let is_bech32 = |each: char| "023456789acdefghjklmnpqrstuvwxyz".contains(each);
    (prefix == "age" || prefix.starts_with("age1"))
        && data.len() >= 50
        && data.chars().all(is_bech32)
}
