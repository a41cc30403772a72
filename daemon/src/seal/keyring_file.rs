//! The keyring as it lies on disk: a small JSON document, so that a person can see what is there
//! without any key.
//!
//! Each key is wrapped with its version and date as associated data, so none can be edited or take
//! another's part; the MAC over the list finds what that cannot, an entry removed or an old one put
//! back.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::key::{Key, WrappedKey, Wrapper};
use super::{MasterKey, SealError, durable};

const FORMAT: u32 = 1;

/// What a keyring holds, as far as it can be told without the master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyringStatus {
    /// [`MasterKey::check_value`] of the key that opens it.
    pub check_value: String,
    /// Its wrapping keys, oldest first.
    pub wrapping_keys: Vec<WrappingKeyStatus>,
}

/// One wrapping key in a [`KeyringStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrappingKeyStatus {
    /// The version that headers of sealed files name.
    pub version: u16,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Whether new files are sealed under it.
    pub primary: bool,
}

impl WrappingKeyStatus {
    /// How long ago it was made.
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.created
    }
}

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyringFile {
    format: u32,
    check_value: String,
    pub(super) wrapping_keys: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint_key: Option<FingerprintEntry>,
    mac: String,
}

/// A wrapping key in the document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) version: u16,
    created: DateTime<Utc>,
    wrapped: String,
}

/// The key of fingerprints in the document.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct FingerprintEntry {
    wrapped: String,
}

impl KeyringFile {
    /// A document of the given entries, the wrapping keys oldest first.
    pub(super) fn new(
        wrapping_keys: Vec<Entry>,
        fingerprint_key: Option<FingerprintEntry>,
        master: &MasterKey,
    ) -> Self {
        let mut file = Self {
            format: FORMAT,
            check_value: master.check_value(),
            wrapping_keys,
            fingerprint_key,
            mac: String::new(),
        };
        file.mac = BASE64_STANDARD.encode(master.authenticate(&file.authenticated_text()));
        file
    }

    /// Reads the document, trusting nothing in it.
    pub(super) fn read(path: &Path) -> Result<Self, SealError> {
        /// Read first, since a later format may differ in everything else.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable = |source| SealError::KeyringUnreadable {
            path: path.to_owned(),
            source,
        };
        let bytes = fs::read(path).map_err(SealError::reading(path))?;
        let Format { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if format != FORMAT {
            let path = path.to_owned();
            return Err(SealError::KeyringFormat { path, format });
        }
        serde_json::from_slice(&bytes).map_err(unreadable)
    }

    /// Writes the document, readable for the daemon's user only.
    pub(super) fn write(&self, path: &Path) -> Result<(), SealError> {
        let mut text = serde_json::to_vec_pretty(self).expect("its fields are text and numbers");
        text.push(b'\n');
        durable::write_atomically(path, &text, 0o600)
    }

    /// The document, once `master` is known to have written exactly these entries.
    pub(super) fn verify(self, path: &Path, master: &MasterKey) -> Result<Self, SealError> {
        let found = master.check_value();
        if found != self.check_value {
            return Err(SealError::WrongMasterKey {
                path: path.to_owned(),
                found,
                expected: self.check_value,
            });
        }
        let text = self.authenticated_text();
        let authentic = BASE64_STANDARD
            .decode(&self.mac)
            .is_ok_and(|mac| master.authenticates(&text, &mac));
        if !authentic {
            let path = path.to_owned();
            return Err(SealError::KeyringAltered { path });
        }
        Ok(self)
    }

    /// What can be told without the master key.
    pub(super) fn status(self) -> KeyringStatus {
        let primary = self.wrapping_keys.last().map(|entry| entry.version);
        KeyringStatus {
            check_value: self.check_value,
            wrapping_keys: self
                .wrapping_keys
                .into_iter()
                .map(|entry| WrappingKeyStatus {
                    version: entry.version,
                    created: entry.created,
                    primary: Some(entry.version) == primary,
                })
                .collect(),
        }
    }

    fn authenticated_text(&self) -> String {
        let mut text = format!("reissue keyring list v{FORMAT}\n");
        for entry in &self.wrapping_keys {
            text += &context(entry.version, entry.created);
            text += "|";
            text += &entry.wrapped;
            text += "\n";
        }
        if let Some(entry) = &self.fingerprint_key {
            text += FINGERPRINTS;
            text += "|";
            text += &entry.wrapped;
            text += "\n";
        }
        text
    }
}

impl Entry {
    /// An entry that holds `key`.
    pub(super) fn wrap_key(
        version: u16,
        created: DateTime<Utc>,
        key: &Key,
        master: &Wrapper,
    ) -> Self {
        Self {
            version,
            created,
            wrapped: wrap(key, master, &context(version, created)),
        }
    }

    /// The key, or none if `master` did not wrap it for this version and date.
    pub(super) fn unwrap_key(&self, master: &Wrapper) -> Option<Key> {
        unwrap(&self.wrapped, master, &context(self.version, self.created))
    }
}

impl FingerprintEntry {
    /// An entry that holds `key`.
    pub(super) fn wrap_key(key: &Key, master: &Wrapper) -> Self {
        Self {
            wrapped: wrap(key, master, FINGERPRINTS),
        }
    }

    /// The key, or none if `master` did not wrap it as this.
    pub(super) fn unwrap_key(&self, master: &Wrapper) -> Option<Key> {
        unwrap(&self.wrapped, master, FINGERPRINTS)
    }
}

/// What the key of fingerprints is wrapped as.
const FINGERPRINTS: &str = "reissue keyring fingerprints v1";

fn wrap(key: &Key, master: &Wrapper, context: &str) -> String {
    BASE64_STANDARD.encode(master.wrap_key(key, context))
}

fn unwrap(wrapped: &str, master: &Wrapper, context: &str) -> Option<Key> {
    let wrapped = BASE64_STANDARD.decode(wrapped).ok()?;
    master.unwrap_key(&WrappedKey::try_from(wrapped).ok()?, context)
}

fn context(version: u16, created: DateTime<Utc>) -> String {
    // Every digit of the instant that the file holds: what is left out here could be edited
    // unnoticed.
    let created = created.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    format!("reissue keyring v{FORMAT}|{version}|{created}")
}
