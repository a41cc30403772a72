//! Files that are there completely or not at all, also after a power cut.
//!
//! The order is what makes it so: write a temporary file, fsync it, rename it, fsync the directory.
//! A rename before the first fsync can leave an empty file under the final name; without the second
//! one the name itself can be lost.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::SealError;

/// Puts `bytes` at `path` in place of what was there, readable as `mode` says (`0o600`), whatever
/// the umask.
///
/// The temporary file is `path` with `.tmp` added, so two writers of one path must not run at once.
///
/// # Errors
/// [`SealError::Write`]; the file at `path` is then still the old one or already the new one, never
/// a mixture.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SealError> {
    let temp = path.with_added_extension("tmp");
    let mut file = create_afresh(&temp, mode)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(SealError::writing(&temp))?;
    publish(&temp, path)
}

/// Gives the complete and fsynced file `temp` its final name, in the same directory, and makes the
/// name durable.
///
/// # Errors
/// [`SealError::Write`]; if `temp` is still there it was not published, else it was and only its
/// durability is unsure.
pub fn publish(temp: &Path, path: &Path) -> Result<(), SealError> {
    fs::rename(temp, path).map_err(SealError::writing(path))?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    sync_directory(directory)
}

/// A file under its temporary name, which goes on drop unless it was renamed: nobody may ever come
/// back to it, and it may be half a gigabyte.
pub struct Temporary(PathBuf);

impl Temporary {
    /// Looks after the file at `path`.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Another attempt would begin it anew anyway.
        let _ = fs::remove_file(&self.0);
    }
}

/// Makes the names in a directory durable.
///
/// # Errors
/// [`SealError::Write`].
pub fn sync_directory(directory: &Path) -> Result<(), SealError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(SealError::writing(directory))
}

/// Makes a directory and those above it that are missing, with that mode, and makes their names
/// durable.
///
/// # Errors
/// [`SealError::Write`].
pub fn make_directory(path: &Path, mode: u32) -> Result<(), SealError> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().unwrap_or(Path::new("/"));
    make_directory(above, mode)?;
    let made = DirBuilder::new().create(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(SealError::writing(path)(error));
        }
        // The mode is set after, because the umask is subtracted from it before.
        _ => fs::set_permissions(path, Permissions::from_mode(mode))
            .map_err(SealError::writing(path))?,
    }
    sync_directory(above)
}

/// A new empty file at `path`; what an interrupted attempt left there goes.
pub(crate) fn create_afresh(path: &Path, mode: u32) -> Result<File, SealError> {
    create(path, mode).map_err(SealError::writing(path))
}

fn create(path: &Path, mode: u32) -> std::io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Made private first and widened after, because `open` subtracts the umask from the mode.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn replaces_content_and_sets_the_exact_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("batch.jsonl");
        fs::write(&path, "old").unwrap();

        write_atomically(&path, b"new", 0o664).unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o664);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_leftover_temporary_file_is_replaced_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.json");
        let elsewhere = dir.path().join("elsewhere");
        fs::write(&elsewhere, "untouched").unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("keyring.json.tmp")).unwrap();

        write_atomically(&path, b"new", 0o600).unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read(&elsewhere).unwrap(), b"untouched");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn a_failed_publish_leaves_the_old_file_and_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spool");
        fs::write(&path, "old").unwrap();

        let error = publish(&dir.path().join("missing.tmp"), &path).unwrap_err();

        assert!(error.to_string().contains(path.to_str().unwrap()));
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
