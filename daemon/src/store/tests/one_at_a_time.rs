//! One state directory, one daemon.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_second_store_in_this_process_is_refused() {
    let state = State::new();
    let first = state.open();
    let error = JournaledStore::open(state.0.path(), clock).err().unwrap();
    assert!(matches!(error, StoreError::InUse(_)));
    assert_eq!(
        error.to_string(),
        format!(
            "another reissue daemon uses {}: stop it first, or give this one its own state_dir",
            state.0.path().display()
        )
    );
    drop(first);
    state.open();
}

#[test]
fn nobody_else_can_read_the_state() {
    let state = State::new();
    let inner = state.0.path().join("inner");
    drop(JournaledStore::open(&inner, clock).unwrap());
    state.open().commit(&history()[0]).unwrap();
    for (path, mode) in [
        (inner.clone(), 0o700),
        (inner.join("journal"), 0o700),
        (state.journal_file(), 0o600),
    ] {
        let permissions = fs::metadata(&path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{}", path.display());
    }
}
