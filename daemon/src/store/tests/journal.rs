//! The journal: what a crash tears is cut off, what anything else breaks is not gone on with.

use super::*;
use crate::store::journal::Journal;
use crate::store::{Entry, Reading};

/// Every record of a journal, as it is read.
fn read(journal: &Path) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    Journal::open(journal, |entry| entries.push(entry.clone()))?;
    Ok(entries)
}

fn events(entries: &[Entry]) -> Vec<Vec<Event>> {
    entries.iter().map(|entry| entry.events.clone()).collect()
}

#[test]
fn a_line_is_a_hash_and_the_record() {
    let state = State::new();
    at("2026-11-22T06:30:04Z");
    state.open().commit(&history()[0]).unwrap();
    assert_eq!(
        fs::read_to_string(state.journal_file()).unwrap(),
        "e2f591841e23081e013f36764a21c335 {\"sequence\":1,\"at\":\"2026-11-22T06:30:04Z\",\
         \"events\":[{\"event\":\"daemon_started\",\"version\":\"1\"}]}\n"
    );
}

#[test]
fn a_last_record_that_is_torn_at_any_byte_is_cut_off() {
    let state = State::lived();
    let whole = fs::read(state.journal_file()).unwrap();
    let records = events(&read(&state.journal()).unwrap());
    assert_eq!(records, history());
    let (before, last) = records.split_at(records.len() - 1);
    let last_line = lines(&whole).last().unwrap().clone();

    for length in last_line.clone() {
        fs::write(state.journal_file(), &whole[..length]).unwrap();
        assert_eq!(events(&read(&state.journal()).unwrap()), before, "{length}");
        let mended = fs::read(state.journal_file()).unwrap();
        assert_eq!(mended, whole[..last_line.start], "{length}");

        let mut journal = Journal::open(&state.journal(), |_| {}).unwrap();
        let again = journal.append(clock(), last[0].clone()).unwrap();
        assert_eq!(again.sequence, records.len() as u64);
        assert_eq!(events(&read(&state.journal()).unwrap()), records);
    }
}

#[test]
fn a_last_record_whose_blocks_never_came_is_cut_off() {
    let state = State::lived();
    let whole = fs::read(state.journal_file()).unwrap();
    let last_line = lines(&whole).last().unwrap().clone();
    let middle = (last_line.start + last_line.end) / 2;
    for zeros in [
        last_line.start..last_line.end,
        last_line.start..middle,
        middle..last_line.end,
        middle..middle + 1,
    ] {
        let mut torn = whole.clone();
        torn[zeros].fill(0);
        fs::write(state.journal_file(), &torn).unwrap();
        let records = events(&read(&state.journal()).unwrap());
        assert_eq!(records, history()[..history().len() - 1]);
    }
}

#[test]
fn a_reading_passes_a_torn_record_over_and_changes_nothing() {
    let state = State::lived();
    let whole = fs::read(state.journal_file()).unwrap();
    fs::write(state.journal_file(), &whole[..whole.len() - 1]).unwrap();
    let reading = Reading::of(state.0.path()).unwrap();
    assert_eq!(answers(&reading).batches.len(), 6);
    let left = fs::read(state.journal_file()).unwrap();
    assert_eq!(left.len(), whole.len() - 1);
}

#[test]
fn a_flipped_bit_names_file_and_line_and_changes_nothing() {
    let state = State::lived();
    let whole = fs::read(state.journal_file()).unwrap();
    for (number, line) in lines(&whole).into_iter().enumerate() {
        for position in line {
            // Without its last line end the file looks torn.
            if position == whole.len() - 1 {
                continue;
            }
            let mut flipped = whole.clone();
            flipped[position] ^= 1;
            fs::write(state.journal_file(), &flipped).unwrap();
            match read(&state.journal()) {
                Err(StoreError::Broken { file, line, .. }) => {
                    assert_eq!((file, line), (state.journal_file(), number + 1));
                }
                other => panic!("byte {position}: {other:?}"),
            }
            assert_eq!(fs::read(state.journal_file()).unwrap(), flipped);
        }
    }
}

#[test]
fn a_record_that_is_missing_doubled_or_moved_breaks_the_chain() {
    let state = State::lived();
    let whole = fs::read(state.journal_file()).unwrap();
    let text: Vec<&[u8]> = lines(&whole).into_iter().map(|line| &whole[line]).collect();
    let mut missing = text.clone();
    missing.remove(3);
    let mut doubled = text.clone();
    doubled.insert(3, text[3]);
    let mut moved = text.clone();
    moved.swap(3, 4);
    for (edited, broken_at) in [(missing, 4), (doubled, 5), (moved, 4)] {
        fs::write(state.journal_file(), edited.concat()).unwrap();
        let error = read(&state.journal()).unwrap_err().to_string();
        let expected = format!(
            "the journal {} is broken at line {broken_at}: its hash does not follow from the line \
             before. Nothing was changed. Restore the journal directory from a backup; if that is \
             impossible, ask for help before you edit it",
            state.journal_file().display()
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn a_new_file_begins_each_month_and_the_chain_goes_on() {
    let state = State::new();
    let history = history();
    let store = state.open();
    let instants = [
        "2026-11-30T23:59:59.999999Z",
        "2026-12-01T00:00:00Z",
        // A clock that is set back does not reopen the file of November.
        "2026-11-30T12:00:00Z",
        "2027-02-01T00:00:00Z",
    ];
    for (instant, record) in instants.iter().zip(&history) {
        at(instant);
        assert_eq!(store.commit(record).unwrap(), utc(instant));
    }
    drop(store);

    let in_file = |name: &str| {
        let text = fs::read_to_string(state.journal().join(name)).unwrap();
        text.lines().count()
    };
    assert_eq!(in_file("2026-11.journal"), 1);
    assert_eq!(in_file("2026-12.journal"), 2);
    assert_eq!(in_file("2027-02.journal"), 1);
    assert_eq!(fs::read_dir(state.journal()).unwrap().count(), 3);

    let entries = read(&state.journal()).unwrap();
    assert_eq!(events(&entries), history[..4]);
    let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 4]);
    let at: Vec<DateTime<Utc>> = entries.iter().map(|entry| entry.at).collect();
    assert_eq!(at, instants.map(utc));
}

#[test]
fn a_month_that_is_missing_or_torn_in_the_past_breaks_the_chain() {
    let lived = || {
        let state = State::new();
        let store = state.open();
        for (month, record) in ["2026-11", "2026-12", "2027-01"].iter().zip(history()) {
            at(&format!("{month}-15T00:00:00Z"));
            store.commit(&record).unwrap();
        }
        drop(store);
        state
    };
    let broken_in = |state: &State| match state.try_open().err() {
        Some(StoreError::Broken { file, line: 1, .. }) => {
            file.file_name().unwrap().to_string_lossy().into_owned()
        }
        other => panic!("{other:?}"),
    };

    let state = lived();
    fs::remove_file(state.journal().join("2026-11.journal")).unwrap();
    assert_eq!(broken_in(&state), "2026-12.journal");

    let state = lived();
    fs::remove_file(state.journal().join("2026-12.journal")).unwrap();
    assert_eq!(broken_in(&state), "2027-01.journal");

    let state = lived();
    let november = state.journal().join("2026-11.journal");
    let text = fs::read_to_string(&november).unwrap();
    fs::write(&november, text.trim_end()).unwrap();
    assert_eq!(broken_in(&state), "2026-11.journal");
}

/// Where each line begins and ends, its line end included.
fn lines(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end;
            range
        })
        .collect()
}
