//! One state directory, one daemon.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::*;

/// Names the state directory to the same test in another process.
const OTHER: &str = "REISSUE_TEST_STATE";

#[test]
fn a_second_store_in_this_process_is_refused() {
    let state = State::new();
    let first = state.open();
    let error = state.try_open().err().unwrap();
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
fn a_second_store_in_another_process_is_refused() {
    if let Some(directory) = std::env::var_os(OTHER) {
        let opened = JournaledStore::open(Path::new(&directory), clock);
        println!("refused: {}", matches!(opened, Err(StoreError::InUse(_))));
        return;
    }
    let state = State::new();
    let _first = state.open();
    let other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("store::tests::one_at_a_time::a_second_store_in_another_process_is_refused")
        .env(OTHER, state.0.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&other.stdout);
    assert!(said.contains("refused: true"), "{said}");
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
