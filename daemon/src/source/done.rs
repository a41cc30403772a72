//! What becomes of a file whose cards are durable in submissions.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use super::error::{SourceError, Why};
use super::file::FileIdentity;
use crate::seal::durable;

/// A file that was read, as the event that makes its cards count remembers it: all that is needed to
/// finish with it, whatever the configuration says by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The file.
    pub file: FileIdentity,
    /// How many valid cards it held.
    pub cards: u64,
    /// How many rows are in its reject file.
    pub rejected: u64,
    /// The reject file, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<PathBuf>,
    /// The directory that it is to be moved into; it is to be deleted if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_in: Option<PathBuf>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is deleted.
    Deleted,
    /// It lies here now.
    Kept(PathBuf),
    /// It was gone already.
    Gone,
    /// Another file has its name, or it was changed since it was read; that one was not touched.
    Another,
}

impl Taken {
    /// Deletes the file or moves it away; again after a crash, it changes nothing.
    ///
    /// Only the very file that was read is touched. It is looked at right before, since there is no
    /// call that deletes a file by its identity: what a producer renames over it within these
    /// microseconds is lost, which is one more reason to give each file a name of its own.
    ///
    /// # Errors
    /// What the system says. The file is still there then, and must not be read again.
    pub fn done(&self) -> Result<Done, SourceError> {
        let path = &self.file.path;
        match FileIdentity::now_at(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Done::Gone),
            Err(error) => return Err(Why::NotDeleted(error).about(path)),
            Ok(there) if there != self.file => return Ok(Done::Another),
            Ok(_) => {}
        }
        let done = match &self.keep_in {
            None => fs::remove_file(path)
                .map(|()| Done::Deleted)
                .map_err(Why::NotDeleted),
            Some(to) => keep(path, to).map(Done::Kept),
        };
        let durable = durable::sync_directory(path.parent().unwrap_or(path));
        done.and_then(|done| durable.map(|()| done).map_err(Why::NotDurable))
            .map_err(|why| why.about(path))
    }
}

/// Moves a file into a directory, next to what has its name there.
fn keep(path: &Path, to: &Path) -> Result<PathBuf, Why> {
    durable::make_directory(to, 0o750).map_err(Why::NotDurable)?;
    let mut kept = to.join(path.file_name().unwrap_or_default());
    let mut number = 1;
    loop {
        let moved = renameat_with(CWD, path, CWD, &kept, RenameFlags::NOREPLACE);
        match moved.map_err(io::Error::from) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                number += 1;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                kept.set_file_name(format!("{name}.{number}"));
            }
            Err(source) => {
                let to = to.to_owned();
                return Err(Why::NotMoved { to, source });
            }
            Ok(()) => {
                durable::sync_directory(to).map_err(Why::NotDurable)?;
                return Ok(kept);
            }
        }
    }
}
