//! A sealed file that holds one JSON document: read, and put in place of the one before, as a whole.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::durable::{self, Temporary};
use super::{Keyring, SealError, SealedReader, SealedWriter};

/// The document at `path` that was sealed as `place`; none where there is no such file.
///
/// # Errors
/// When the file is damaged, or was sealed as something else or by another keyring.
pub fn read<T: DeserializeOwned>(
    path: &Path,
    keyring: &Keyring,
    place: &str,
) -> Result<Option<T>, SealError> {
    if !path.exists() {
        return Ok(None);
    }
    let mut reader = SealedReader::open(path, keyring, place)?;
    let damaged = || SealError::Damaged {
        path: path.to_owned(),
        frame: 1,
    };
    let frame = reader.next_frame()?.ok_or_else(damaged)?;
    let document = serde_json::from_slice(frame).map_err(|_| damaged())?;
    match reader.next_frame()? {
        None => Ok(Some(document)),
        Some(_) => Err(damaged()),
    }
}

/// Puts a document at `path`, sealed as `place`, durably.
///
/// # Errors
/// [`SealError::Write`]; what was there is then still there.
///
/// # Panics
/// If the document is no JSON, which is a defect of its type.
pub fn write<T: Serialize>(
    path: &Path,
    keyring: &Keyring,
    place: &str,
    document: &T,
) -> Result<(), SealError> {
    /// Larger than what a provider hands out: a buffer that grows leaves copies behind.
    const ROOM: usize = 64 * 1024;
    let parent = path.parent().unwrap_or(path);
    durable::make_directory(parent, 0o700)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temp = Temporary::at(parent.join(format!(".{name}.part")));
    let mut frame = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *frame, document).expect("plain texts can be written");
    let mut writer = SealedWriter::create(temp.path(), keyring, place)?;
    writer.write_frame(&mut frame)?;
    writer.finish()?;
    durable::publish(temp.path(), path)
}
