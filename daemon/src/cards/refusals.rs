//! The cards that a provider refused when it took a submission, until they join its answers.

use std::collections::HashSet;

use reissue_connector_api::Refused;

use super::{SealedFile, key};
use crate::seal::{Keyring, SealError};

/// Retains those of a submission of so many cards, each once; says how many were none of these.
pub fn retain_asked(refused: &mut Vec<Refused>, cards: u32) -> usize {
    let before = refused.len();
    let mut seen = HashSet::new();
    refused.retain(|one| {
        let position = key::position(&one.key).filter(|position| *position < cards);
        position.is_some_and(|position| seen.insert(position))
    });
    before - refused.len()
}

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
        let mut frame = serde_json::to_vec(refused).expect("plain texts can be written");
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
