//! What a message says.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a message.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Message {
    /// A page of updates.
    #[serde(rename = "reissue.updates")]
    Updates {
        #[expect(dead_code, reason = "it must be there, and a time")]
        timestamp: DateTime<FixedOffset>,
        data: Page,
    },
    /// Something that a person should know.
    #[serde(rename = "reissue.alarm")]
    Alarm {
        #[expect(dead_code, reason = "it must be there, and a time")]
        timestamp: DateTime<FixedOffset>,
        data: Alarm,
    },
}

/// Some of a batch's updates.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) account: String,
    pub(super) job: String,
    pub(super) batch: String,
    /// Counted from 1.
    pub(super) page: u64,
    pub(super) last: bool,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// What is on a page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    /// In the clear, and therefore without full numbers.
    Updates(Vec<Value>),
    /// A file of age, in its armour.
    Encrypted(String),
}

/// What a person should know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Alarm {
    about: Value,
    matter: String,
    text: String,
}

impl Message {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let message: Self =
            serde_json::from_slice(body).map_err(|e| format!("the body is no message: {e}"))?;
        match &message {
            Self::Updates { data, .. } => data.check()?,
            Self::Alarm { .. } => {}
        }
        Ok(message)
    }
}

impl Page {
    fn check(&self) -> Result<(), String> {
        match &self.content {
            Content::Updates(updates) => {
                let full =
                    |update: &Value| ["old", "new"].iter().any(|it| !update[it]["pan"].is_null());
                match updates.iter().any(full) {
                    true => Err("an update has a full number in the clear".into()),
                    false => Ok(()),
                }
            }
            Content::Encrypted(text) => {
                match text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") {
                    true => Ok(()),
                    false => Err("what is encrypted is no armoured file of age".into()),
                }
            }
        }
    }
}
