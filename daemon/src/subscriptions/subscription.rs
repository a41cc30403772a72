//! What the file of an account's subscriptions says of a pair besides the card itself.

use serde::{Deserialize, Serialize};

use crate::cards::{Fingerprint, numbered, write_numbered};

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

/// Writes the key of the pair of that number over `into`: `s` and the number.
pub fn write_key(number: u64, into: &mut String) {
    write_numbered('s', number, into);
}

/// The number of the pair with this key, or none if no pair can have it.
pub fn number(key: &str) -> Option<u64> {
    numbered('s', key)
}
