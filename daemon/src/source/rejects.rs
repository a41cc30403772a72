//! The reject file: the rows of a file that cannot be asked about, beside it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::error::Why;
use super::file::FileIdentity;
use super::rows::Wrong;
use crate::seal::{SealError, durable};

/// What the names of reject files end in; no source reads them.
pub(super) const ENDING: &str = ".rejected.csv";

/// How many rejects of a file a preview shows: what is wrong is mostly wrong in all of them.
pub(super) const REJECTS_SHOWN: usize = 10;

/// What a file holds, as far as its rows say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Previewed {
    /// How many valid cards.
    pub cards: u64,
    /// How many rows cannot be asked about.
    pub rejected: u64,
    /// The first of those.
    pub rejects: Vec<Reject>,
}

/// A row that cannot be asked about, as its line in a reject file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The line in which it begins.
    pub line: u64,
    /// The column that it is in; empty where it is the row itself.
    pub column: String,
    /// What is wrong in it, with its digits masked.
    pub value: String,
    /// One sentence.
    pub reason: String,
}

impl Wrong {
    pub(super) fn to_reject(&self, line: u64) -> Reject {
        Reject {
            line,
            column: self.column.to_owned(),
            value: self.value.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// Rejects of a file that is being read. Dropped before `finish`, they leave nothing.
pub(super) struct Rejects {
    path: PathBuf,
    temp: PathBuf,
    file: Option<BufWriter<File>>,
    pub(super) rows: u64,
}

impl Rejects {
    /// For a file. The name has the time of its last change, because tomorrow's file may have the
    /// same name, and today's rejects must not be lost by it.
    pub(super) fn of(file: &FileIdentity) -> Self {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let changed = DateTime::from_timestamp_nanos(file.modified_ns).format("%Y%m%dT%H%M%SZ");
        let name = format!("{name}.{changed}{ENDING}");
        Self {
            temp: file.path.with_file_name(format!(".{name}.part")),
            path: file.path.with_file_name(name),
            file: None,
            rows: 0,
        }
    }

    pub(super) fn add(&mut self, line: u64, wrong: &Wrong) -> Result<(), Why> {
        self.rows += 1;
        let temp = &self.temp;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(begin(temp).map_err(Why::Rejects)?),
        };
        let quoted = |text: &str| text.replace('"', "\"\"");
        let (value, reason) = (quoted(&wrong.value), quoted(&wrong.reason));
        writeln!(file, "{line},{},\"{value}\",\"{reason}\"", wrong.column)
            .map_err(|error| Why::Rejects(SealError::writing(temp)(error)))
    }

    /// Makes them durable; none without rejects.
    pub(super) fn finish(mut self) -> Result<Option<PathBuf>, Why> {
        let Some(mut file) = self.file.take() else {
            return Ok(None);
        };
        file.flush()
            .and_then(|()| file.get_ref().sync_all())
            .map_err(SealError::writing(&self.temp))
            .and_then(|()| durable::publish(&self.temp, &self.path))
            .map_err(Why::Rejects)?;
        Ok(Some(self.path.clone()))
    }
}

impl Drop for Rejects {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // The next attempt replaces it as well.
            let _ = fs::remove_file(&self.temp);
        }
    }
}

/// As readable as the sinks' files are by default: nothing in it is secret, and the producer mends it.
fn begin(temp: &Path) -> Result<BufWriter<File>, SealError> {
    let mut file = BufWriter::new(durable::create_afresh(temp, 0o640)?);
    writeln!(file, "line,column,value,reason").map_err(SealError::writing(temp))?;
    Ok(file)
}
