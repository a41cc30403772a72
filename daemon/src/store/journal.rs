//! The journal: an append-only list of records, each a line of JSON behind the hash that chains it
//! to the line before.
//!
//! ```text
//! 9f2c…(32 hex digits) {"sequence":7,"at":"2026-11-22T06:30:04Z","events":[…]}
//! ```
//!
//! The hash covers the hash before it and the line's JSON, so it is checksum and chain in one, and
//! the file can be read with `cut -c34- | jq`. A new file begins each month; the chain goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::ledger::Event;

/// One record: events that became durable together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1 without gaps, over all files.
    pub sequence: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub events: Vec<Event>,
    /// The hash of the chain up to here.
    #[serde(skip)]
    pub(super) hash: Hash,
}

/// The first 16 bytes of a SHA-256, in hexadecimal.
pub(super) type Hash = String;

/// The end of the journal, open for appending.
pub(super) struct Journal {
    directory: PathBuf,
    /// The file of the month; none before the first record.
    current: Option<(PathBuf, File)>,
    last: Option<u64>,
    hash: Hash,
    /// After a failed write nobody knows what the file holds, so nothing more is written.
    failed: bool,
}

impl Journal {
    /// Reads every record in order and opens the end. A last line that is torn (it was never
    /// acknowledged) is cut off.
    pub(super) fn open(directory: &Path, mut with: impl FnMut(&Entry)) -> Result<Self, StoreError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| StoreError::Io(directory.to_owned(), error))?;
        let (files, last, hash) = read(directory, Torn::CutOff, &mut with)?;
        let current = match files.into_iter().next_back() {
            Some(path) => match append_to(&path) {
                Ok(file) => Some((path, file)),
                Err(error) => return Err(StoreError::Io(path, error)),
            },
            None => None,
        };
        Ok(Self {
            directory: directory.to_owned(),
            current,
            last,
            hash,
            failed: false,
        })
    }

    /// The last record's number.
    pub(super) fn last(&self) -> Option<u64> {
        self.last
    }

    /// Appends one record and makes it durable.
    pub(super) fn append(
        &mut self,
        at: DateTime<Utc>,
        events: Vec<Event>,
    ) -> Result<Entry, StoreError> {
        let mut entry = Entry {
            sequence: self.last.unwrap_or(0) + 1,
            at,
            events,
            hash: Hash::default(),
        };
        let line = self.line(&mut entry);
        let written = line.and_then(|line| self.write(at, &line));
        self.failed = matches!(written, Err(Unwritten::Unknown(_)));
        written.map_err(|unwritten| match unwritten {
            Unwritten::Full => StoreError::Full(self.directory.clone()),
            Unwritten::Unknown(error) => StoreError::Io(self.directory.clone(), error),
        })?;
        self.last = Some(entry.sequence);
        self.hash.clone_from(&entry.hash);
        Ok(entry)
    }

    /// Refuses further records.
    pub(super) fn close(&mut self) {
        self.failed = true;
    }

    /// Takes further records again.
    pub(super) fn reopen(&mut self) {
        self.failed = false;
    }

    /// The line of a record, chained to the line before.
    fn line(&self, entry: &mut Entry) -> Result<String, Unwritten> {
        if self.failed {
            return Err(Unwritten::Unknown(io::Error::other(
                "an earlier write failed; start the daemon again",
            )));
        }
        let json = serde_json::to_string(entry).map_err(io::Error::from)?;
        entry.hash = chain(&self.hash, json.as_bytes());
        Ok(format!("{} {json}\n", entry.hash))
    }

    /// A whole line at once, and then onto the disk. Of a line for which there was no space nothing
    /// is left, so the journal can go on when there is some.
    fn write(&mut self, at: DateTime<Utc>, line: &str) -> Result<(), Unwritten> {
        let file = self.file_for(at)?;
        let whole = file.metadata()?.len();
        if let Err(error) = file.write_all(line.as_bytes()) {
            file.set_len(whole).map_err(Unwritten::Unknown)?;
            return Err(error.into());
        }
        // A disk that finds out only now may have lost more than this line.
        file.sync_data().map_err(Unwritten::Unknown)
    }

    /// The file of the month. A clock that was set back does not reopen an older file.
    fn file_for(&mut self, at: DateTime<Utc>) -> io::Result<&mut File> {
        let path = self
            .directory
            .join(format!("{}.journal", at.format("%Y-%m")));
        let current = match self.current.take_if(|(current, _)| *current >= path) {
            Some(current) => current,
            None => {
                let file = append_to(&path)?;
                (path, file)
            }
        };
        Ok(&mut self.current.insert(current).1)
    }
}

/// Why a record is not in the journal.
enum Unwritten {
    /// There was no space for it, and the file is as it was.
    Full,
    /// Nobody knows what the file holds now.
    Unknown(io::Error),
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unknown(error),
        }
    }
}

/// What becomes of a torn last record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Torn {
    /// The file is mended.
    CutOff,
    /// The file is left alone.
    PassedOver,
}

/// The files of a journal, the last record's number and the hash of the chain.
type Read = (Vec<PathBuf>, Option<u64>, Hash);

/// Reads every record in order.
pub(super) fn read(
    directory: &Path,
    torn: Torn,
    with: &mut impl FnMut(&Entry),
) -> Result<Read, StoreError> {
    let files = files(directory)?;
    let mut hash = Hash::default();
    let mut last = None;
    for (number, path) in files.iter().enumerate() {
        let torn = (number + 1 == files.len()).then_some(torn);
        read_file(path, torn, &mut hash, &mut last, with)?;
    }
    Ok((files, last, hash))
}

fn read_file(
    path: &Path,
    torn: Option<Torn>,
    hash: &mut Hash,
    last: &mut Option<u64>,
    with: &mut impl FnMut(&Entry),
) -> Result<(), StoreError> {
    let io = |error| StoreError::Io(path.to_owned(), error);
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let mut line = Vec::new();
    let mut whole = 0;
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(io)?;
        if length == 0 {
            break;
        }
        match read_line(&line, hash, *last) {
            Ok(entry) => {
                hash.clone_from(&entry.hash);
                *last = Some(entry.sequence);
                whole += length as u64;
                with(&entry);
            }
            Err(why) => {
                let at_end = torn.is_some() && reader.fill_buf().map_err(io)?.is_empty();
                if !at_end || !is_torn(&line) {
                    return Err(StoreError::Broken {
                        file: path.to_owned(),
                        line: number,
                        why,
                    });
                }
                if torn == Some(Torn::CutOff) {
                    cut_off(path, whole).map_err(io)?;
                    tracing::warn!(
                        file = %path.display(),
                        line = number,
                        "The journal's last record was torn and never acknowledged; it is cut off."
                    );
                }
            }
        }
    }
    Ok(())
}

/// A write that a crash interrupted lacks its end, or holds zeros where a block never reached the
/// disk. A last line that is complete but wrong was acknowledged once: cutting it off would lose it.
fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") || line.contains(&0)
}

fn read_line(line: &[u8], before: &Hash, last: Option<u64>) -> Result<Entry, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    let (hash, json) = text
        .strip_suffix('\n')
        .and_then(|text| text.split_once(' '))
        .ok_or("it is no whole record")?;
    if hash != chain(before, json.as_bytes()) {
        return Err("its hash does not follow from the line before".into());
    }
    let mut entry: Entry = serde_json::from_str(json)
        .map_err(|error| format!("a newer version of reissue may have written it: {error}"))?;
    if last.is_some_and(|last| entry.sequence != last + 1) {
        return Err(format!("record {} does not follow", entry.sequence));
    }
    entry.hash = hash.to_owned();
    Ok(entry)
}

fn cut_off(path: &Path, whole: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole)?;
    file.seek(SeekFrom::End(0))?;
    file.sync_all()
}

fn chain(before: &Hash, json: &[u8]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before.as_bytes());
    context.update(json);
    let digest = context.finish();
    digest.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The files in the order of the chain: named by month, which sorts.
fn files(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let io = |error| StoreError::Io(directory.to_owned(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "journal")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Opens a file for appending and makes its name durable.
fn append_to(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(file)
}
