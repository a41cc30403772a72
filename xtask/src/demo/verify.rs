//! Compares what was delivered with what the provider gave: every record once, in a file a batch, and
//! nothing besides. In one pass over both, so that a report may be of any size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::scene::{Expected, Provider};

/// A batch's file that holds what it should.
pub(super) struct Delivered {
    /// The schedule that it came of.
    pub(super) schedule: &'static str,
    /// The file.
    pub(super) path: PathBuf,
    /// How many updates of each outcome.
    pub(super) outcomes: Outcomes,
}

/// Updates by outcome.
pub(super) type Outcomes = BTreeMap<String, u64>;

/// Fails unless a batch's file holds exactly its records, in the report's order.
pub(super) fn verify(
    provider: &Provider,
    schedule: &'static str,
    batch: &str,
    path: PathBuf,
) -> Result<Delivered> {
    let outcomes = File::open(&path)
        .map_err(Into::into)
        .and_then(|file| {
            let expected = provider.expected(batch)?;
            let records = provider.records(batch)?;
            compare(batch, &expected, records, BufReader::new(file))
        })
        .with_context(|| format!("{} is not what was expected", path.display()))?;
    Ok(Delivered {
        schedule,
        path,
        outcomes,
    })
}

fn compare(
    batch: &str,
    expected: &Expected,
    mut records: impl BufRead,
    mut file: impl BufRead,
) -> Result<Outcomes> {
    let (mut record, mut line) = (String::new(), String::new());
    let mut outcomes = Outcomes::new();
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
        if line.contains(r#""pan":"#) {
            bail!("line {number} holds a full card number");
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

/// A JSON value a line.
pub(super) fn lines<T: DeserializeOwned>(text: impl BufRead) -> impl Iterator<Item = Result<T>> {
    text.lines().map(|line| Ok(serde_json::from_str(&line?)?))
}
