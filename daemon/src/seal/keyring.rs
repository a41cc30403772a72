//! The keyring: the wrapping keys, in versions, so that one can follow another while old files
//! still open, and the key of fingerprints, which stays.

use std::path::Path;

use chrono::{DateTime, SubsecRound, Utc};

use super::key::{Key, WrappedKey, Wrapper};
use super::keyring_file::{Entry, FingerprintEntry, KeyringFile, KeyringStatus};
use super::mac::{MacKey, MacRoot};
use super::{MasterKey, SealError};

/// An open keyring. The keys live in memory that is wiped on drop.
#[derive(Debug)]
pub struct Keyring {
    /// Oldest first, never empty; the last one is primary.
    wrapping_keys: Vec<WrappingKey>,
    fingerprints: MacRoot,
}

#[derive(Debug)]
struct WrappingKey {
    version: u16,
    wrapper: Wrapper,
}

impl Keyring {
    /// Makes a keyring with one wrapping key, version 1, and a key of fingerprints, and puts it
    /// durably at `path` with mode 0600.
    ///
    /// One process at a time may do so, as for everything in the state directory.
    ///
    /// # Errors
    /// [`SealError::KeyringExists`], or [`SealError::Read`] or [`SealError::Write`] on `path`.
    pub fn create(path: &Path, master: &MasterKey, now: DateTime<Utc>) -> Result<Self, SealError> {
        if path.try_exists().map_err(SealError::reading(path))? {
            let path = path.to_owned();
            return Err(SealError::KeyringExists { path });
        }
        let version = 1;
        let key = Key::generate();
        let entry = Entry::wrap_key(version, now.trunc_subsecs(0), &key, &master.wrapper());
        let fingerprint_key = Key::generate();
        let fingerprints = FingerprintEntry::wrap_key(&fingerprint_key, &master.wrapper());
        KeyringFile::new(vec![entry], Some(fingerprints), master).write(path)?;
        Ok(Self {
            wrapping_keys: vec![WrappingKey {
                version,
                wrapper: Wrapper::new(&key),
            }],
            fingerprints: MacRoot::new(&fingerprint_key),
        })
    }

    /// Opens the keyring at `path`. One of a version that knew no fingerprints gets its key of
    /// fingerprints now, once and durably.
    ///
    /// # Errors
    /// [`SealError::WrongMasterKey`] if another key made it, [`SealError::KeyringAltered`] if any
    /// of it is not as it was written, [`SealError::KeyringUnreadable`] or
    /// [`SealError::KeyringFormat`] if it is no keyring of this version, [`SealError::Read`], and
    /// [`SealError::Write`] for one that has to get its key.
    pub fn open(path: &Path, master: &MasterKey) -> Result<Self, SealError> {
        let altered = || SealError::KeyringAltered {
            path: path.to_owned(),
        };
        let file = KeyringFile::read(path)?.verify(path, master)?;
        let wrapper = master.wrapper();
        let wrapping_keys = file
            .wrapping_keys
            .iter()
            .map(|entry| {
                Some(WrappingKey {
                    version: entry.version,
                    wrapper: Wrapper::new(&entry.unwrap_key(&wrapper)?),
                })
            })
            .collect::<Option<Vec<_>>>()
            .filter(|keys| !keys.is_empty())
            .ok_or_else(altered)?;
        let fingerprint_key = match &file.fingerprint_key {
            Some(entry) => entry.unwrap_key(&wrapper).ok_or_else(altered)?,
            None => {
                let key = Key::generate();
                let entry = FingerprintEntry::wrap_key(&key, &wrapper);
                KeyringFile::new(file.wrapping_keys, Some(entry), master).write(path)?;
                key
            }
        };
        Ok(Self {
            wrapping_keys,
            fingerprints: MacRoot::new(&fingerprint_key),
        })
    }

    /// What the keyring at `path` holds, without the master key and therefore unverified.
    ///
    /// # Errors
    /// [`SealError::KeyringUnreadable`], [`SealError::KeyringFormat`] or [`SealError::Read`].
    pub fn inspect(path: &Path) -> Result<KeyringStatus, SealError> {
        Ok(KeyringFile::read(path)?.status())
    }

    /// The key of the fingerprints of what `domain` names. The same for as long as the keyring
    /// lives, whatever becomes of the wrapping keys.
    pub fn mac_key(&self, domain: &[&str]) -> MacKey {
        self.fingerprints.derive(domain)
    }

    /// Wraps `key` under the primary wrapping key, whose version comes first in the answer.
    pub(super) fn wrap_key(&self, key: &Key, context: &str) -> (u16, WrappedKey) {
        let primary = self
            .wrapping_keys
            .last()
            .expect("`create` and `open` leave at least one");
        (primary.version, primary.wrapper.wrap_key(key, context))
    }

    /// The wrapping key of the given version, unless it is not (or no longer) in this keyring.
    pub(super) fn wrapper(&self, version: u16) -> Option<&Wrapper> {
        self.wrapping_keys
            .iter()
            .find(|key| key.version == version)
            .map(|key| &key.wrapper)
    }
}
