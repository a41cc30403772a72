//! How a batch is named.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which batch: the account and the provider's own id. Prints as `account/id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BatchKey {
    /// The account's name, which holds no slash.
    pub account: String,
    /// The provider's id.
    pub id: String,
}

impl fmt::Display for BatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.id)
    }
}

impl FromStr for BatchKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (account, id) = text
            .split_once('/')
            .ok_or("a batch is written ACCOUNT/ID, as `reissue batch list` shows it")?;
        Ok(Self {
            account: account.to_owned(),
            id: id.to_owned(),
        })
    }
}

impl TryFrom<String> for BatchKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<BatchKey> for String {
    fn from(key: BatchKey) -> Self {
        key.to_string()
    }
}
