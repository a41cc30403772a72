//! The `files` sink: one file of JSON lines a batch, at `DIR/ACCOUNT/JOB/BATCH.jsonl`.
//!
//! A consumer may take a file at any moment, and nothing comes twice. The order that makes it so:
//! write a hidden temporary file, fsync it, commit `publishing`, rename, fsync the directory, commit
//! `delivered`. After a crash a temporary file that the ledger calls `publishing` and that is still
//! there is renamed; one that is gone was published.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use reissue_config::FilesSink as Settings;

use super::{file_name, recipients};
use crate::ledger::Batch;
use crate::seal::{Behind, SealError, SealedReader, durable};
use crate::space;

/// A configured `files` sink.
#[derive(Debug)]
pub struct FilesSink {
    directory: PathBuf,
    recipients: Vec<Recipient>,
    mode: u32,
    group: Option<u32>,
}

impl FilesSink {
    /// A sink as the configuration describes it.
    ///
    /// # Errors
    /// The key that is wrong and one sentence: a recipient is no `age` key, or the group does not
    /// exist.
    pub fn new(settings: &Settings) -> Result<Self, (&'static str, String)> {
        let group = settings.group.as_deref().map(group_id).transpose();
        Ok(Self {
            directory: settings.dir.clone(),
            recipients: recipients(&settings.recipients).map_err(|why| ("recipients", why))?,
            mode: settings.mode,
            group: group.map_err(|why| ("group", why))?,
        })
    }

    /// Whether it encrypts.
    pub fn encrypts(&self) -> bool {
        !self.recipients.is_empty()
    }

    /// The file that a batch will have.
    pub fn path(&self, batch: &Batch) -> PathBuf {
        let ending = if self.encrypts() {
            "jsonl.age"
        } else {
            "jsonl"
        };
        self.directory
            .join(file_name(&batch.key.account))
            .join(file_name(&batch.job))
            .join(format!("{}.{ending}", file_name(batch.outer_id())))
    }

    /// Writes the batch's updates under the temporary name and makes them durable.
    ///
    /// # Errors
    /// What the spool or the file system says. What was written does not count.
    pub fn write(&self, path: &Path, spool: SealedReader) -> Result<(), SealError> {
        let directory = path.parent().unwrap_or(path);
        self.make_directory(directory)?;
        let temp = temporary(path);
        let failed = SealError::writing(&temp);
        match fs::remove_file(&temp) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temp)
            .map_err(&failed)?;
        self.copy(&file, directory, spool, &failed)?;
        // Only a whole file is given to its readers.
        self.give_to_group(&temp)
            .and_then(|()| file.set_permissions(fs::Permissions::from_mode(self.mode)))
            .and_then(|()| file.sync_all())
            .map_err(&failed)?;
        // Its name too: after a power cut a name that is gone would read as published.
        durable::sync_directory(directory)
    }

    fn copy(
        &self,
        file: &File,
        directory: &Path,
        mut spool: SealedReader,
        failed: &impl Fn(std::io::Error) -> SealError,
    ) -> Result<(), SealError> {
        let mut plain = BufWriter::new(file);
        if !self.encrypts() {
            let mut behind = Behind::default();
            while let Some(frame) = spool.next_frame()? {
                space::check(directory)
                    .and_then(|()| plain.write_all(frame))
                    .map_err(failed)?;
                behind.wrote(file, frame.len());
            }
            return plain.flush().map_err(failed);
        }
        let recipients = self.recipients.iter().map(|one| one as &dyn age::Recipient);
        let mut encrypted = age::Encryptor::with_recipients(recipients)
            .map_err(std::io::Error::other)
            .and_then(|encryptor| encryptor.wrap_output(plain))
            .map_err(failed)?;
        while let Some(frame) = spool.next_frame()? {
            space::check(directory)
                .and_then(|()| encrypted.write_all(frame))
                .map_err(failed)?;
        }
        encrypted
            .finish()
            .and_then(|mut plain| plain.flush())
            .map_err(failed)
    }

    /// Directories are open to those who may read the files, and the group may take files away.
    fn make_directory(&self, directory: &Path) -> Result<(), SealError> {
        let group = if self.mode & 0o040 != 0 { 0o070 } else { 0 };
        let others = if self.mode & 0o004 != 0 { 0o005 } else { 0 };
        durable::make_directory(directory, 0o700 | group | others)?;
        // The account's and the job's, each time: an attempt that failed half-way is mended.
        for ours in directory.ancestors().take(2) {
            self.give_to_group(ours).map_err(SealError::writing(ours))?;
        }
        Ok(())
    }

    fn give_to_group(&self, path: &Path) -> std::io::Result<()> {
        match self.group {
            Some(group) if fs::metadata(path)?.gid() != group => chown(path, None, self.group),
            _ => Ok(()),
        }
    }
}

/// Gives a written file its own name, or notices that it has it already.
///
/// # Errors
/// What the file system says, and that the directory is gone: a temporary file that is missing with
/// it was not published.
pub fn publish(path: &Path) -> Result<(), SealError> {
    let temp = temporary(path);
    match fs::symlink_metadata(&temp) {
        Ok(_) => durable::publish(&temp, path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            durable::sync_directory(path.parent().unwrap_or(path))
        }
        Err(error) => Err(SealError::writing(&temp)(error)),
    }
}

/// Deletes a written file that will not be given its name.
pub fn forget(path: &Path) {
    // One that is gone is what is wanted; one that stays is hidden.
    let _ = fs::remove_file(temporary(path));
}

/// Hidden, so that no consumer's pattern matches it.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

/// The id of a group by name or number.
fn group_id(name: &str) -> Result<u32, String> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let groups = fs::read_to_string("/etc/group")
        .map_err(|error| format!("/etc/group cannot be read to find `{name}`: {error}"))?;
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            Some((fields.next()?, fields.nth(1)?))
        })
        .find(|(group, _)| *group == name)
        .and_then(|(_, id)| id.parse().ok())
        .ok_or_else(|| format!("there is no group `{name}` on this host: make it, or name another"))
}
