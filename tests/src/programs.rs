//! The programs that the build left beside the tests.

use std::path::PathBuf;

/// A file of the build, such as `reissue` or a connector's `.so`.
///
/// # Panics
/// When it is not there: `cargo test` alone builds neither binaries of other crates nor connectors.
pub(crate) fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/PROFILE/deps/TEST
    let path = test.ancestors().nth(2).unwrap().join(name);
    assert!(
        path.exists(),
        "there is no {}: `cargo xtask test` builds what these tests start",
        path.display()
    );
    path
}
