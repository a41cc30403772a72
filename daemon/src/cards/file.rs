//! The sealed files of this folder: where each lies, and what it is sealed as.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::seal::durable::{self, Temporary};
use crate::seal::{Keyring, SealError, SealedFrames, SealedReader, SealedWriter};
use crate::sink::file_name;

/// A sealed file of cards or fingerprints. It is never changed: it is written once, named by an
/// event, and deleted, which ends what it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFile {
    path: PathBuf,
    place: String,
}

impl SealedFile {
    /// The cards of a submission: `STATE/cards/ACCOUNT/SUBMISSION`.
    pub fn submission(state: &Path, account: &str, submission: &str) -> Self {
        Self::of(state, "cards", account, submission)
    }

    /// The cards of a submission that the provider refused at once: `STATE/refusals/ACCOUNT/SUBMISSION`.
    pub fn refusals(state: &Path, account: &str, submission: &str) -> Self {
        Self::of(state, "refusals", account, submission)
    }

    /// The fingerprints of the cards that a submission asks about: `STATE/asked/ACCOUNT/SUBMISSION`.
    pub fn asked(state: &Path, account: &str, submission: &str) -> Self {
        Self::of(state, "asked", account, submission)
    }

    /// The fingerprints that a batch's answers suppressed: `STATE/suppressed/ACCOUNT/BATCH`.
    pub fn suppressed(state: &Path, account: &str, batch: &str) -> Self {
        Self::of(state, "suppressed", account, batch)
    }

    /// The cards that the budget of a slot's day had no room for, until the schedule's next slot:
    /// `STATE/deferred/SCHEDULE/SLOT`.
    pub fn deferred(state: &Path, schedule: &str, slot: &str) -> Self {
        Self::of(state, "deferred", schedule, slot)
    }

    /// The cards of an input while it is decided which of them to ask about:
    /// `STATE/intake/ACCOUNT/SCHEDULE`. It never gets that name: it lives no longer than the run.
    pub fn intake(state: &Path, account: &str, schedule: &str) -> Self {
        Self::of(state, "intake", account, schedule)
    }

    /// The pairs of card and merchant number that an account keeps at its provider, or wants to:
    /// `STATE/subscriptions/ACCOUNT/NAME`.
    pub fn subscriptions(state: &Path, account: &str, name: &str) -> Self {
        Self::of(state, "subscriptions", account, name)
    }

    /// The new numbers of subscribed cards that a batch's answers told:
    /// `STATE/replacements/ACCOUNT/BATCH`.
    pub fn replacements(state: &Path, account: &str, batch: &str) -> Self {
        Self::of(state, "replacements", account, batch)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes it; one that is gone is no error.
    ///
    /// # Errors
    /// [`SealError::Write`].
    pub fn delete(&self) -> Result<(), SealError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(SealError::writing(&self.path)(error))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn begin(&self, keyring: &Keyring) -> Result<NewFile, SealError> {
        let parent = self.path.parent().unwrap_or(&self.path);
        durable::make_directory(parent, 0o700)?;
        let name = self.path.file_name().unwrap_or_default();
        // Hidden, so that it is no other file's name.
        let temp = parent.join(format!(".{}.part", name.to_string_lossy()));
        let writer = SealedWriter::create(&temp, keyring, &self.place)?;
        Ok(NewFile {
            file: self.clone(),
            temp: Temporary::at(temp),
            writer,
        })
    }

    pub(super) fn read(&self, keyring: &Keyring) -> Result<SealedReader, SealError> {
        SealedReader::open(&self.path, keyring, &self.place)
    }

    pub(super) fn read_in_any_order(&self, keyring: &Keyring) -> Result<SealedFrames, SealError> {
        SealedFrames::open(&self.path, keyring, &self.place)
    }

    /// The error of a frame, counted from 1, whose content makes no sense.
    pub(super) fn damaged(&self, frame: u64) -> SealError {
        SealError::Damaged {
            path: self.path.clone(),
            frame,
        }
    }

    fn of(state: &Path, kind: &str, account: &str, id: &str) -> Self {
        Self {
            path: state.join(kind).join(account).join(file_name(id)),
            place: format!("{kind}/{account}/{id}"),
        }
    }
}

/// A file in the making. Dropped before it is published, it leaves nothing.
pub(super) struct NewFile {
    file: SealedFile,
    temp: Temporary,
    writer: SealedWriter,
}

impl NewFile {
    /// Seals `frame` and leaves it empty.
    pub(super) fn write_frame(&mut self, frame: &mut Vec<u8>) -> Result<(), SealError> {
        self.writer.write_frame(frame)
    }

    /// Makes it durable, content and name.
    pub(super) fn publish(self) -> Result<(), SealError> {
        self.writer.finish()?;
        durable::publish(self.temp.path(), &self.file.path)
    }

    /// Leaves it under its temporary name, where it lies for as long as both of these live: for a
    /// file that nobody needs after a crash.
    pub(super) fn keep_for_now(self) -> Result<(SealedFile, Temporary), SealError> {
        self.writer.end()?;
        let file = SealedFile {
            path: self.temp.path().to_owned(),
            place: self.file.place,
        };
        Ok((file, self.temp))
    }
}
