//! Compares what was delivered with what the provider gave: every record once, in a file a batch, and
//! nothing besides. In one pass over both, so that a report may be of any size.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::scene::{ACCOUNT, Expected, Made, Provider};

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
        .and_then(|file| {
            let expected = provider.expected(&batch.id)?;
            let records = provider.records(&batch.id)?;
            compare(&batch.id, &expected, records, BufReader::new(file))
        })
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
    batch: &str,
    expected: &Expected,
    mut records: impl BufRead,
    mut file: impl BufRead,
) -> Result<BTreeMap<String, u64>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = r#"{"id":"1","token":"T1","response":"NAN","reason":"800"}
{"id":"2","token":"T2","response":"ACL","reason":"800"}
"#;
    const FIRST: &str = r#"{"batch":"7","record":"1","outcome":"new_number","provider_code":"NAN","provider_reason":"800","old":{"token":"T1"}}
"#;
    const SECOND: &str = r#"{"batch":"7","record":"2","outcome":"closed","provider_code":"ACL","provider_reason":"800","old":{"token":"T2"}}
"#;

    fn refusal(lines: &[&str]) -> String {
        let outcomes = [("new_number", 1), ("closed", 1)];
        let expected = Expected {
            outcomes: outcomes
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
        };
        let file = lines.concat();
        match compare("7", &expected, RECORDS.as_bytes(), file.as_bytes()) {
            Ok(found) => format!("none: {found:?}"),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn a_file_with_every_record_once_is_accepted() {
        let all = refusal(&[FIRST, SECOND]);
        assert_eq!(all, r#"none: {"closed": 1, "new_number": 1}"#);
    }

    #[test]
    fn a_record_too_few_or_too_many_is_noticed() {
        assert_eq!(refusal(&[FIRST]), "it ends before line 2");
        assert_eq!(refusal(&[FIRST, SECOND, SECOND]), "line 3 is one too many");
        assert!(refusal(&[FIRST, FIRST]).starts_with("line 2 is Record { id: \"1\""));
        assert!(refusal(&[FIRST, &SECOND[..40]]).starts_with("line 2: EOF"));
    }

    #[test]
    fn another_token_code_batch_or_outcome_is_noticed() {
        let changed = |from, to| refusal(&[FIRST, &SECOND.replace(from, to)]);
        assert!(changed("T2", "T1").starts_with("line 2 is"));
        assert!(changed("ACL", "CUR").starts_with("line 2 is"));
        assert!(changed(r#""batch":"7""#, r#""batch":"8""#).contains("of batch 8"));
        assert!(changed("closed", "valid").starts_with("its outcomes are"));
    }
}
