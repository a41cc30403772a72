//! Compares what was delivered with what the provider gave: every record once, in a file a batch, and
//! nothing besides. In one pass over both, so that a report may be of any size.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::provider::{Made, Provider};
use super::world::ACCOUNT;

/// A batch's file that holds what it should.
pub(super) struct Delivered {
    /// The job that found the batch.
    pub(super) job: &'static str,
    /// The file.
    pub(super) path: PathBuf,
    /// How many updates of each outcome.
    pub(super) outcomes: BTreeMap<String, u64>,
}

/// Fails unless a batch's file holds exactly its records, in the report's order.
pub(super) fn verify(provider: &Provider, updates: &Path, batch: &Made) -> Result<Delivered> {
    let folder = updates.join(ACCOUNT).join(batch.job);
    let path = folder.join(format!("{}.jsonl", batch.id));
    let outcomes = File::open(&path)
        .map_err(Into::into)
        .and_then(|file| compare(provider, &batch.id, BufReader::new(file)))
        .with_context(|| format!("{} is not what was expected", path.display()))?;
    Ok(Delivered {
        job: batch.job,
        path,
        outcomes,
    })
}

/// Fails if the sink's directory holds anything but these files, such as a temporary one.
pub(super) fn nothing_else(updates: &Path, delivered: &[Delivered]) -> Result<()> {
    let expected = delivered.iter().map(|batch| batch.path.clone()).collect();
    let mut found = BTreeSet::new();
    files(updates, &mut found)?;
    match found.difference(&expected).next() {
        Some(file) => bail!("{} was left over or delivered twice", file.display()),
        None => Ok(()),
    }
}

fn compare(
    provider: &Provider,
    batch: &str,
    mut file: impl BufRead,
) -> Result<BTreeMap<String, u64>> {
    let expected = provider.expected(batch)?;
    let mut records = provider.records(batch)?;
    let (mut record, mut line) = (String::new(), String::new());
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    for number in 1.. {
        record.clear();
        line.clear();
        let ended = records.read_line(&mut record)? == 0;
        match (ended, file.read_line(&mut line)? == 0) {
            (true, true) => break,
            (true, false) => bail!("line {number} is one too many"),
            (false, true) => bail!("it ends before line {number}"),
            (false, false) => {}
        }
        let record: Record = serde_json::from_str(&record)?;
        let update: Update =
            serde_json::from_str(&line).with_context(|| format!("line {number}"))?;
        if update.batch != batch || update.record() != record {
            bail!(
                "line {number} is {:?} of batch {}, not {record:?}",
                update.record(),
                update.batch
            );
        }
        match outcomes.get_mut(update.outcome) {
            Some(count) => *count += 1,
            None => _ = outcomes.insert(update.outcome.to_owned(), 1),
        }
    }
    if outcomes != expected.outcomes {
        bail!("its outcomes are {outcomes:?}, not {:?}", expected.outcomes);
    }
    Ok(outcomes)
}

/// What the provider gave.
#[derive(Debug, PartialEq, Deserialize)]
struct Record<'a> {
    id: &'a str,
    token: &'a str,
    response: &'a str,
    reason: &'a str,
}

/// What of it an update repeats.
#[derive(Deserialize)]
struct Update<'a> {
    batch: &'a str,
    record: &'a str,
    outcome: &'a str,
    provider_code: &'a str,
    provider_reason: &'a str,
    #[serde(borrow)]
    old: Card<'a>,
}

#[derive(Deserialize)]
struct Card<'a> {
    token: &'a str,
}

impl<'a> Update<'a> {
    fn record(&self) -> Record<'a> {
        Record {
            id: self.record,
            token: self.old.token,
            response: self.provider_code,
            reason: self.provider_reason,
        }
    }
}

fn files(directory: &Path, into: &mut BTreeSet<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else {
            into.insert(path);
        }
    }
    Ok(())
}
