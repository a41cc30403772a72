//! One file of a source, from its bytes to its cards.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::card::Card;
use super::done::Taken;
use super::error::{SourceError, Why};
use super::look::Source;
use super::rejects::{Previewed, REJECTS_SHOWN, Rejects};
use super::rows::{Rows, Wrong};
use super::survey::Survey;
use super::window::Window;

/// What tells a file from another one that has its name later, or had it before.
///
/// The device is not part of it: its number may change when the host starts anew, and then a file that
/// was read would be taken for another one and read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIdentity {
    /// Its absolute path.
    pub path: PathBuf,
    /// Its number in the file system.
    pub inode: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its last change, in nanoseconds since 1970.
    pub modified_ns: i64,
}

impl FileIdentity {
    pub(super) fn of(path: &Path, file: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            inode: file.ino(),
            size: file.size(),
            modified_ns: file
                .mtime()
                .saturating_mul(1_000_000_000)
                .saturating_add(file.mtime_nsec()),
        }
    }

    /// What stands at the path now.
    pub(super) fn now_at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(path, &fs::symlink_metadata(path)?))
    }
}

/// A file of a source that is ready to be read.
#[derive(Debug)]
pub struct CardFile<'s> {
    pub(super) source: &'s Source,
    pub(super) identity: FileIdentity,
}

/// What a file that was read through held.
struct Read {
    cards: u64,
    /// Whether there are card numbers in it.
    numbers: bool,
}

impl CardFile<'_> {
    /// What it is. One that is already part of a submission must not be read again.
    pub fn identity(&self) -> &FileIdentity {
        &self.identity
    }

    /// Reads the file and lends its valid cards one by one. On return the reject file is durable,
    /// and nothing has become of the file itself.
    ///
    /// # Errors
    /// What is wrong with the file as a whole, or what `with` returns: then nothing that was lent
    /// counts, and no reject file is left. Most that is wrong is found before the first card is lent;
    /// a file that changes, goes away or breaks off is noticed later.
    pub fn read<E: From<SourceError>>(
        &self,
        today: NaiveDate,
        mut with: impl FnMut(Card<'_>) -> Result<(), E>,
    ) -> Result<Taken, E> {
        let mut rejects = Rejects::of(&self.identity);
        let read = self.each(today, &mut with, |line, wrong| rejects.add(line, wrong))?;
        let rejected = rejects.rows;
        let rejects = rejects.finish();
        Ok(Taken {
            file: self.identity.clone(),
            cards: read.cards,
            rejected,
            rejects: rejects.map_err(|why| why.about(&self.identity.path))?,
            keep_in: match read.numbers && !is_encrypted(&self.identity.path) {
                true => None,
                false => self.source.keep_done.clone(),
            },
        })
    }

    /// The same without a reject file: the file's cards as [`read`](Self::read) lends them, and the
    /// rows that it would reject.
    ///
    /// # Errors
    /// As `read`.
    pub fn preview<E: From<SourceError>>(
        &self,
        today: NaiveDate,
        mut with: impl FnMut(Card<'_>) -> Result<(), E>,
    ) -> Result<Previewed, E> {
        let mut previewed = Previewed::default();
        let read = self.each(today, &mut with, |line, wrong| {
            previewed.rejected += 1;
            if previewed.rejects.len() < REJECTS_SHOWN {
                previewed.rejects.push(wrong.to_reject(line));
            }
            Ok(())
        })?;
        previewed.cards = read.cards;
        Ok(previewed)
    }

    fn each<E: From<SourceError>>(
        &self,
        today: NaiveDate,
        with: &mut impl FnMut(Card<'_>) -> Result<(), E>,
        mut reject: impl FnMut(u64, &Wrong) -> Result<(), Why>,
    ) -> Result<Read, E> {
        let failed = |why: Why| E::from(why.about(&self.identity.path));
        let mut survey = Survey::of(self.rows().map_err(failed)?).map_err(failed)?;
        let mut rows = self.rows().map_err(failed)?;
        let mut cards = 0;
        while let Some((line, row)) = rows.next().map_err(failed)? {
            let card = row.and_then(|row| match survey.references.before(row.reference, line) {
                Some(before) if !row.reference.is_empty() => {
                    let reason = format!("the reference stands in line {before} already");
                    Err(Wrong::new("reference", row.reference, reason))
                }
                _ => Card::of(line, &row, today),
            });
            match card {
                Ok(card) => {
                    cards += 1;
                    with(card)?;
                }
                Err(wrong) => reject(line, &wrong).map_err(failed)?,
            }
        }
        self.check_unchanged().map_err(failed)?;
        Ok(Read {
            cards,
            numbers: survey.numbers,
        })
    }

    fn rows(&self) -> Result<Rows, Why> {
        let file = self.open()?;
        if !is_encrypted(&self.identity.path) {
            let window = Window::new(Box::new(file)).map_err(Why::reading)?;
            return Rows::new(window, self.source.kind, Why::reading);
        }
        let identity = self.source.identity.as_ref().ok_or(Why::NoIdentity)?;
        let plain = age::Decryptor::new(file)
            .and_then(|file| file.decrypt(std::iter::once(identity as &dyn age::Identity)))
            .map_err(Why::NotForUs)?;
        let plain: Box<dyn io::Read> = Box::new(plain);
        let window = Window::new(plain).map_err(Why::Damaged)?;
        Rows::new(window, self.source.kind, Why::Damaged)
    }

    /// Never through a link, and never waiting for whoever may write to a pipe.
    fn open(&self) -> Result<File, Why> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        let file = File::options()
            .read(true)
            .custom_flags(flags.cast_signed())
            .open(&self.identity.path)
            .map_err(Why::reading)?;
        let found = file.metadata().map_err(Why::reading)?;
        match FileIdentity::of(&self.identity.path, &found) == self.identity {
            true => Ok(file),
            false => Err(Why::Changed),
        }
    }

    fn check_unchanged(&self) -> Result<(), Why> {
        match FileIdentity::now_at(&self.identity.path).map_err(Why::reading)? == self.identity {
            true => Ok(()),
            false => Err(Why::Changed),
        }
    }
}

/// Whether the name says so.
pub(super) fn is_encrypted(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "age")
}
