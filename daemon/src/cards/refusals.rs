//! The cards that a provider refused when it took a submission, until they join its answers.

use reissue_connector_api::Refused;

use super::SealedFile;
use crate::seal::{Keyring, SealError};

/// Remembers them, durably.
///
/// # Errors
/// [`SealError::Write`].
pub fn write_refusals(
    file: &SealedFile,
    refused: &[Refused],
    keyring: &Keyring,
) -> Result<(), SealError> {
    let mut writer = file.begin(keyring)?;
    for refused in refused.chunks(256) {
        let mut frame = serde_json::to_vec(refused).unwrap_or_default();
        writer.write_frame(&mut frame)?;
    }
    writer.publish()
}

/// Shows each of them.
///
/// # Errors
/// When the file is missing or damaged, or what `with` says.
pub fn for_each_refusal<E: From<SealError>>(
    file: &SealedFile,
    keyring: &Keyring,
    mut with: impl FnMut(&Refused) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = file.read(keyring)?;
    let mut number = 0;
    while let Some(frame) = reader.next_frame()? {
        number += 1;
        let refused: Vec<Refused> =
            serde_json::from_slice(frame).map_err(|_| file.damaged(number))?;
        for one in &refused {
            with(one)?;
        }
    }
    Ok(())
}
