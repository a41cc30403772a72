//! What goes into a spool comes out of it, for its own batch only.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::ledger::BatchKey;
use crate::seal::{Keyring, MasterKey, SealError};
use crate::spool::{Lines, SpoolDirectory, SpoolWriter};

struct State {
    directory: TempDir,
    spools: SpoolDirectory,
    keyring: Arc<Keyring>,
}

impl State {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let file = directory.path().join("keyring.json");
        let keyring = Keyring::create(&file, &master, origin().collected_at).unwrap();
        Self {
            spools: SpoolDirectory::of(directory.path()),
            keyring: Arc::new(keyring),
            directory,
        }
    }

    fn begin(&self, batch: &BatchKey) -> SpoolWriter {
        SpoolWriter::begin(&self.spools, batch, origin(), &self.keyring).unwrap()
    }

    fn read(&self, batch: &BatchKey) -> Result<Vec<u8>, SealError> {
        let mut reader = self.spools.open(batch, &self.keyring)?;
        let mut whole = Vec::new();
        while let Some(frame) = reader.next_frame()? {
            assert!(frame.ends_with(b"\n"), "a frame holds whole lines");
            whole.extend_from_slice(frame);
        }
        Ok(whole)
    }

    /// The names in the directory of the account's spools.
    fn names(&self) -> Vec<String> {
        let directory = self.directory.path().join("spool/acme-uk");
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn key(id: &str) -> BatchKey {
    BatchKey {
        account: "acme-uk".into(),
        id: id.into(),
    }
}

#[test]
fn every_line_comes_back_in_order() {
    // Around the size of a frame, and many.
    for many in [1, 255, 256, 257, 512, 3_000] {
        let state = State::new();
        let batch = key("7");
        let mut writer = state.begin(&batch);
        let mut lines = Lines::of(origin());
        let mut expected = Vec::new();
        for _ in 0..many {
            writer.add(&example()).unwrap();
            lines.write(&example(), &mut expected).unwrap();
        }
        let spooled = writer.finish().unwrap();
        assert_eq!((spooled.counts.sum(), spooled.billable), (many, many));
        assert!(state.read(&batch).unwrap() == expected, "{many} lines");
    }
}

#[test]
fn large_updates_come_back_too() {
    let state = State::new();
    let batch = key("7");
    let message = "x".repeat(700_000);
    let update = Update {
        provider_message: &message,
        ..Update::new(Outcome::Valid)
    };
    let mut writer = state.begin(&batch);
    for _ in 0..8 {
        writer.add(&update).unwrap();
    }
    writer.finish().unwrap();
    let read = String::from_utf8(state.read(&batch).unwrap()).unwrap();
    assert_eq!(read.lines().count(), 8);
    assert!(read.lines().all(|line| line.contains(&message)));
}

#[test]
fn updates_are_counted_by_outcome_and_code() {
    let state = State::new();
    let mut writer = state.begin(&key("7"));
    for _ in 0..2 {
        writer.add(&example()).unwrap();
    }
    writer.add(&Update::new(Outcome::Closed)).unwrap();
    let spooled = writer.finish().unwrap();
    assert_eq!(spooled.billable, 2);
    let rows: Vec<(String, String, u64)> = spooled
        .counts
        .into_rows()
        .into_iter()
        .map(|row| (row.outcome, row.code, row.count))
        .collect();
    assert_eq!(
        rows,
        [
            ("new_number".to_owned(), "NAN".to_owned(), 2),
            ("closed".to_owned(), String::new(), 1),
        ]
    );
}

#[test]
fn nothing_of_an_update_can_be_read_in_the_file() {
    let state = State::new();
    let batch = key("7");
    let mut writer = state.begin(&batch);
    writer.add(&example()).unwrap();
    writer.finish().unwrap();
    let path = state.spools.path(&batch);
    let bytes = fs::read(&path).unwrap();
    for text in ["9CCD3AE24DD9E254E0533F36CF0A356E", "new_number", "371449"] {
        let found = bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes());
        assert!(!found, "{text}");
    }
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.as_path()), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn a_spool_opens_as_its_own_batch_only() {
    let state = State::new();
    let (batch, other) = (key("7"), key("8"));
    let mut writer = state.begin(&batch);
    writer.add(&example()).unwrap();
    writer.finish().unwrap();
    fs::rename(state.spools.path(&batch), state.spools.path(&other)).unwrap();
    let error = state.read(&other).unwrap_err();
    assert!(matches!(error, SealError::WrongPlace { .. }), "{error}");
    let error = state.read(&batch).unwrap_err();
    assert!(matches!(error, SealError::Read { .. }), "{error}");
}

#[test]
fn a_spool_appears_when_it_is_complete_and_replaces_an_older_one() {
    let state = State::new();
    let batch = key("7");
    let mut first = state.begin(&batch);
    first.add(&example()).unwrap();
    assert!(!state.names().contains(&"7".to_owned()));
    first.finish().unwrap();
    assert_eq!(state.names(), ["7"]);

    let mut second = state.begin(&batch);
    second.add(&Update::new(Outcome::Closed)).unwrap();
    second.finish().unwrap();
    assert_eq!(state.names(), ["7"]);
    let read = String::from_utf8(state.read(&batch).unwrap()).unwrap();
    assert!(read.contains(r#""outcome":"closed""#), "{read}");
}

#[test]
fn a_spool_that_is_given_up_leaves_nothing() {
    let state = State::new();
    let mut writer = state.begin(&key("7"));
    for _ in 0..600 {
        writer.add(&example()).unwrap();
    }
    drop(writer);
    assert_eq!(state.names(), [""; 0]);
}

#[test]
fn whatever_ids_a_provider_invents_no_spool_touches_another() {
    let state = State::new();
    let ids = ["7", "7.part", ".7.part", "7/8", "../7", ""];
    let writers = ids.map(|id| state.begin(&key(id)));
    for (id, mut writer) in ids.into_iter().zip(writers) {
        let update = Update {
            provider_code: id,
            ..Update::new(Outcome::Valid)
        };
        writer.add(&update).unwrap();
        writer.finish().unwrap();
    }
    for id in ids {
        let line: Value = serde_json::from_slice(&state.read(&key(id)).unwrap()).unwrap();
        assert_eq!(line["provider_code"].as_str().unwrap_or_default(), id);
    }
}

#[test]
fn deleting_is_no_error_when_nothing_is_there() {
    let state = State::new();
    let batch = key("7");
    let mut writer = state.begin(&batch);
    writer.add(&example()).unwrap();
    writer.finish().unwrap();
    state.spools.delete(&batch).unwrap();
    state.spools.delete(&batch).unwrap();
    assert_eq!(state.names(), [""; 0]);
}
