//! The head of a sealed file: which format, which wrapping key, and the file's own data key.

use std::path::Path;

use super::key::{Key, WRAPPED_LEN, WrappedKey};
use super::{Keyring, SealError};

const MAGIC: &[u8; 8] = b"REISSUE1";
const VERSION_LEN: usize = size_of::<u16>();

/// Length of a header in bytes.
pub(super) const HEADER_LEN: usize = MAGIC.len() + VERSION_LEN + WRAPPED_LEN;

/// The header of a file whose frames are sealed with `data_key` at `place`.
pub(super) fn seal(data_key: &Key, keyring: &Keyring, place: &str) -> [u8; HEADER_LEN] {
    let (version, wrapped) = keyring.wrap_key(data_key, &context(place));
    let mut header = [0; HEADER_LEN];
    let (magic, rest) = header.split_at_mut(MAGIC.len());
    let (version_bytes, wrapped_bytes) = rest.split_at_mut(VERSION_LEN);
    magic.copy_from_slice(MAGIC);
    version_bytes.copy_from_slice(&version.to_le_bytes());
    wrapped_bytes.copy_from_slice(&wrapped);
    header
}

/// The data key of the file at `path`, which must have been sealed at `place`.
pub(super) fn open(
    header: &[u8; HEADER_LEN],
    keyring: &Keyring,
    path: &Path,
    place: &str,
) -> Result<Key, SealError> {
    let path = || path.to_owned();
    let Some((version, wrapped)) = parse(header) else {
        return Err(SealError::NotSealed { path: path() });
    };
    let Some(wrapper) = keyring.wrapper(version) else {
        return Err(SealError::WrappingKeyMissing {
            path: path(),
            version,
        });
    };
    wrapper
        .unwrap_key(&wrapped, &context(place))
        .ok_or_else(|| SealError::WrongPlace {
            path: path(),
            place: place.to_owned(),
        })
}

fn parse(header: &[u8; HEADER_LEN]) -> Option<(u16, WrappedKey)> {
    let rest = header.strip_prefix(MAGIC)?;
    let (version, wrapped) = rest.split_first_chunk::<VERSION_LEN>()?;
    Some((u16::from_le_bytes(*version), wrapped.try_into().ok()?))
}

fn context(place: &str) -> String {
    format!("reissue file v1|{place}")
}
