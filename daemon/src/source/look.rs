//! Which files of a source are ready.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use reissue_config::{Files, SourceKind};
use rustix::fs::{Access, access};
use secrecy::ExposeSecret;

use super::error::{SourceError, Why};
use super::file::{CardFile, FileIdentity, is_encrypted};
use super::rejects;

/// A configured source.
pub struct Source {
    pub(super) kind: SourceKind,
    files: Files,
    pub(super) identity: Option<age::x25519::Identity>,
    settle: TimeDelta,
    pub(super) keep_done: Option<PathBuf>,
}

/// Without the identity, which is secret.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source")
            .field(&self.files.to_string())
            .finish()
    }
}

/// What a source's directory holds.
#[derive(Debug, Default)]
pub struct Look<'s> {
    /// The files that can be read, in the order of their names.
    pub ready: Vec<CardFile<'s>>,
    /// The files that were changed too short a time ago.
    pub settling: Vec<Settling>,
    /// What is wrong with the others.
    pub refused: Vec<SourceError>,
}

/// A file that may still be growing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    /// The file.
    pub path: PathBuf,
    /// When it counts, if it does not change until then.
    pub until: DateTime<Utc>,
}

impl Settling {
    /// Why it is not read, once that was long enough.
    pub fn grows(self) -> SourceError {
        Why::Growing.about(self.path)
    }
}

impl Source {
    /// A source as the configuration describes it.
    ///
    /// # Errors
    /// The key that is wrong and one sentence: there is no `identity` where it should be, or it is no
    /// age identity.
    pub fn new(
        settings: &reissue_config::Source,
        credentials: Option<&Path>,
    ) -> Result<Self, (&'static str, String)> {
        let identity = settings.identity.as_ref().map(|reference| {
            let text = reference.resolve(credentials);
            let text = text.map_err(|why| why.to_string())?;
            // `age-keygen` writes lines of comment above it.
            let lines = text.expose_secret().lines().map(str::trim);
            let identity = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            let identity = identity.map(str::parse).next();
            identity.and_then(Result::ok).ok_or_else(|| {
                format!(
                    "{reference} holds no age identity; `age-keygen` makes one, AGE-SECRET-KEY-1…"
                )
            })
        });
        Ok(Self {
            kind: settings.kind,
            files: settings.path.clone(),
            identity: identity.transpose().map_err(|why| ("identity", why))?,
            settle: TimeDelta::from_std(settings.settle).unwrap_or(TimeDelta::MAX),
            keep_done: settings.keep_done.clone(),
        })
    }

    /// What is there now.
    ///
    /// # Errors
    /// What is wrong with the directory as a whole.
    pub fn look(&self, now: DateTime<Utc>) -> Result<Look<'_>, SourceError> {
        let directory = self.files.directory();
        let closed = |error| Why::Closed(error).about(directory);
        let mut look = Look::default();
        for entry in fs::read_dir(directory).map_err(closed)? {
            let path = entry.map_err(closed)?.path();
            if let Some(found) = self.meant(&path).transpose() {
                match found.and_then(|found| self.judge(&path, &found, now)) {
                    Ok(Readiness::Ready(identity)) => look.ready.push(CardFile {
                        source: self,
                        identity,
                    }),
                    Ok(Readiness::Settling(until)) => look.settling.push(Settling { path, until }),
                    Err(why) => look.refused.push(why.about(path)),
                }
            }
        }
        if !look.ready.is_empty() && access(directory, Access::WRITE_OK | Access::EXEC_OK).is_err()
        {
            return Err(Why::ReadOnly.about(directory));
        }
        look.ready
            .sort_by(|a, b| a.identity.path.cmp(&b.identity.path));
        look.settling.sort_by(|a, b| a.path.cmp(&b.path));
        look.refused.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(look)
    }

    /// The file, if it is one that the source means and still there.
    fn meant(&self, path: &Path) -> Result<Option<Metadata>, Why> {
        let name = path.file_name().unwrap_or_default();
        let text = name.to_string_lossy();
        if !self.files.mean(&text) || text.ends_with(rejects::ENDING) {
            return Ok(None);
        }
        if name.to_str().is_none() {
            return Err(Why::Name);
        }
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found.map(Some).map_err(Why::reading),
        }
    }

    fn judge(&self, path: &Path, file: &Metadata, now: DateTime<Utc>) -> Result<Readiness, Why> {
        match file.file_type() {
            it if it.is_symlink() => return Err(Why::Link),
            it if it.is_dir() => return Err(Why::Directory),
            it if !it.is_file() => return Err(Why::NotAFile),
            _ => {}
        }
        let until = changed(file) + self.settle;
        if until > now {
            return Ok(Readiness::Settling(until));
        }
        if file.len() == 0 {
            return Err(Why::Empty);
        }
        if is_encrypted(path) && self.identity.is_none() {
            return Err(Why::NoIdentity);
        }
        Ok(Readiness::Ready(FileIdentity::of(path, file)))
    }
}

enum Readiness {
    Ready(FileIdentity),
    Settling(DateTime<Utc>),
}

/// The last change of a file, by the clock that says so earlier. A rename changes only the one, so that
/// a file counts at once when it is renamed in; the other can be set to any time, as by `cp -p` from a
/// host whose clock is ahead.
fn changed(file: &Metadata) -> DateTime<Utc> {
    let content = (file.mtime(), file.mtime_nsec());
    let (seconds, nanoseconds) = content.min((file.ctime(), file.ctime_nsec()));
    let nanoseconds = u32::try_from(nanoseconds).unwrap_or_default();
    DateTime::from_timestamp(seconds, nanoseconds).unwrap_or_default()
}
