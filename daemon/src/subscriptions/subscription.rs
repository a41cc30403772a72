//! What the file of an account's subscriptions says of a pair besides the card itself.

use serde::{Deserialize, Serialize};

use crate::cards::Fingerprint;

/// A pair of card and merchant number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its number, which no other pair of the account ever has: our key of it at the provider. The file
    /// is in the order of these.
    pub number: u64,
    /// Whether the source wants it.
    pub wanted: bool,
    /// Where it stands at the provider, as far as the slot knew that wrote the file.
    pub standing: Standing,
    /// The submission that adds or removes it, whose fate that slot did not know.
    pub submission: Option<String>,
    /// The pair of the source that it stands for, whose card got this number since. The source may go on
    /// naming the old one for a while.
    pub replaces: Option<[u8; Fingerprint::BYTES]>,
}

/// Where a pair stands at the provider. The order is that of the records on disk: a new one comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is there.
    Subscribed,
    /// Nobody knows whether it is there.
    Unknown,
    /// A submission removes it.
    Removing,
    /// A submission adds it; nothing of it was sent.
    Adding,
    /// It is not there.
    Absent,
    /// The provider refused it.
    Refused,
}

impl Standing {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscribed => "subscribed",
            Self::Unknown => "unknown",
            Self::Removing => "removing",
            Self::Adding => "adding",
            Self::Absent => "absent",
            Self::Refused => "refused",
        }
    }
}

impl Subscription {
    /// Whether it is in this submission.
    pub fn is_in(&self, submission: &str) -> bool {
        self.submission.as_deref() == Some(submission)
    }
}

/// Writes the key of the pair of that number over `into`: `s` and the number in base 36. A provider gets it
/// instead of the customer's reference.
pub fn write_key(number: u64, into: &mut String) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    // A number of 64 bits has at most 13 digits.
    let mut digits = [0_u8; 13];
    let mut first = digits.len();
    let mut rest = number;
    loop {
        first -= 1;
        digits[first] = DIGITS[(rest % 36) as usize];
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    into.clear();
    into.push('s');
    into.extend(digits[first..].iter().map(|digit| char::from(*digit)));
}

/// The number of the pair with this key, or none if no pair can have it.
pub fn number(key: &str) -> Option<u64> {
    let digits = key.strip_prefix('s')?;
    let canonical = digits
        .bytes()
        .all(|digit| digit.is_ascii_digit() || digit.is_ascii_lowercase())
        && (digits == "0" || !digits.starts_with('0'));
    if !canonical {
        return None;
    }
    u64::from_str_radix(digits, 36).ok()
}
