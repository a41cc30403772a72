//! A journal that does not hold what was already written is not gone on with: batches would be
//! delivered again, and submissions sent again, without anybody having decided so.

use super::*;

fn behind(state: &State) -> String {
    match state.try_open().err() {
        Some(error @ StoreError::Behind { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn commit(state: &State, records: &[Vec<Event>]) {
    let store = state.open();
    for record in records {
        store.commit(record).unwrap();
    }
}

#[test]
fn an_older_journal_is_behind() {
    let state = State::new();
    let history = history();
    commit(&state, &history[..5]);
    let older = state.copy();
    commit(&state, &history[5..]);
    fs::remove_dir_all(state.journal()).unwrap();
    copy_directory(&older.journal(), &state.journal());

    let expected = format!(
        "record 12 was already written, but the journal in {journal}, which ends at record 5, does \
         not hold it: an older journal or another one was put in its place. Put the right one back; \
         to go on from this one on purpose, move {index} aside (batches delivered since then may be \
         delivered again)",
        journal = state.journal().display(),
        index = state.index().display(),
    );
    assert_eq!(behind(&state), expected);
    assert_eq!(behind(&state), expected, "and it stays so");

    // What the message says to do on purpose.
    fs::rename(state.index(), state.0.path().join("aside")).unwrap();
    assert_eq!(answers(&state.open()), answers(&older.open()));
}

#[test]
fn no_journal_at_all_is_behind() {
    let state = State::lived();
    fs::remove_dir_all(state.journal()).unwrap();
    assert!(behind(&state).contains("ends at record 0,"));
}

#[test]
fn a_last_record_that_was_acknowledged_and_is_cut_off_is_behind() {
    let state = State::lived();
    let journal = fs::read(state.journal_file()).unwrap();
    fs::write(state.journal_file(), &journal[..journal.len() - 1]).unwrap();
    assert!(behind(&state).contains("ends at record 11,"));
}

#[test]
fn another_history_is_behind_even_when_it_is_as_long_or_longer() {
    for more in [0, 1] {
        let state = State::lived();
        let other = State::new();
        commit(&other, &vec![history()[0].clone(); history().len() + more]);
        fs::remove_dir_all(state.journal()).unwrap();
        copy_directory(&other.journal(), &state.journal());
        let ends_at = format!("ends at record {},", history().len() + more);
        assert!(behind(&state).contains(&ends_at));
    }
}

#[test]
fn the_right_journal_put_back_is_gone_on_with() {
    let state = State::lived();
    let expected = answers(&state.open());
    let aside = state.0.path().join("aside");
    fs::rename(state.journal(), &aside).unwrap();
    behind(&state);
    fs::remove_dir_all(state.journal()).unwrap();
    fs::rename(&aside, state.journal()).unwrap();
    assert_eq!(answers(&state.open()), expected);
}
