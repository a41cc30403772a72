//! What a crash, or time, left in the state directory: sealed files of cards that nothing needs any more.
//!
//! They are written before the event that names them, so a crash in between leaves files that no event
//! names. Done at start, while no run is under way: then a file that the ledger does not need now will
//! never be needed.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::batch::Batch;
use super::context::Context;
use super::event::Subscriptions;
use super::plan::ASKED_KEPT;
use crate::cards::SealedFile;
use crate::store::StoreError;

/// The folders that are swept, each with a folder for every account.
const FOLDERS: [&str; 5] = ["intake", "cards", "refusals", "asked", "subscriptions"];

/// The folder of cards that wait for another slot.
const DEFERRED: &str = "deferred";

/// Deletes what is not needed; says how many files.
///
/// # Errors
/// When the state cannot be read; nothing is deleted then. A file that cannot be deleted is in the log.
pub fn sweep(context: &Context, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut needed = HashSet::new();
    context.store.batches(&mut |batch| {
        needed.extend(files_of(&batch, &context.state, now));
    })?;
    let state = &context.state;
    context.store.schedules(&mut |_, slots| {
        needed.extend(
            slots
                .subscriptions
                .iter()
                .flat_map(|file| files_named_in(file, state)),
        );
    })?;
    // In a folder for every schedule, configured or not.
    for directory in entries(&context.state.join(DEFERRED)) {
        let schedule = directory.file_name().unwrap_or_default().to_string_lossy();
        let slots = context.store.slots(&schedule)?;
        if let Some(deferred) = slots.and_then(|slots| slots.deferred) {
            let file = SealedFile::deferred(&context.state, &schedule, &deferred.file);
            needed.insert(file.path().to_owned());
        }
    }
    let mut deleted = 0;
    for folder in FOLDERS.into_iter().chain([DEFERRED]) {
        let directories = entries(&context.state.join(folder));
        for file in directories.iter().flat_map(|directory| entries(directory)) {
            if needed.contains(&file) {
                continue;
            }
            match fs::remove_file(&file) {
                Ok(()) => deleted += 1,
                Err(error) => {
                    tracing::warn!(file = %file.display(), %error, "A file that nothing needs cannot be deleted.");
                }
            }
        }
    }
    Ok(deleted)
}

/// The file of an account's subscriptions, and what its submissions left for the next slot.
fn files_named_in(file: &Subscriptions, state: &Path) -> Vec<PathBuf> {
    let account = &file.account;
    let refusals = file.submissions.iter();
    let refusals = refusals.map(|id| SealedFile::refusals(state, account, id));
    let own = SealedFile::subscriptions(state, account, &file.name);
    let files = refusals.chain([own]);
    files.map(|file| file.path().to_owned()).collect()
}

/// The files of a batch that are still needed.
fn files_of(batch: &Batch, state: &Path, now: DateTime<Utc>) -> Vec<PathBuf> {
    let (account, id) = (&batch.key.account, &batch.key.id);
    let mut files = Vec::new();
    if batch.needs_cards() {
        files.push(SealedFile::submission(state, account, id));
        files.push(SealedFile::refusals(state, account, id));
    }
    if batch.asked().is_some_and(|at| now - at <= ASKED_KEPT) {
        files.push(SealedFile::asked(state, account, id));
    }
    files.iter().map(|file| file.path().to_owned()).collect()
}

/// What lies in a directory; nothing where there is none.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}
