//! A state directory serves one process.
//!
//! A test binary of its own: for a moment a process that is being started holds every lock of the
//! one that starts it, which would disturb tests that open and close stores meanwhile.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use reissue::store::{JournaledStore, StoreError};

/// Names the directory to this same test in another process.
const DIRECTORY: &str = "REISSUE_TEST_STATE";

fn clock() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

#[test]
fn a_second_process_is_refused() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let opened = JournaledStore::open(Path::new(&directory), clock);
        println!("refused: {}", matches!(opened, Err(StoreError::InUse(_))));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let in_another_process = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "a_second_process_is_refused"])
            .env(DIRECTORY, directory.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let store = JournaledStore::open(directory.path(), clock).unwrap();
    let said = in_another_process();
    assert!(said.contains("refused: true"), "{said}");
    drop(store);
    let said = in_another_process();
    assert!(said.contains("refused: false"), "{said}");
}
