//! Libraries in C that are preloaded into the daemon, to do to it what the world does to a process.
//! The daemon that is tested stays the one that is shipped.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/shim");

/// A library in a world's folder.
#[derive(Debug)]
pub(crate) struct Preload(PathBuf);

impl Preload {
    /// Compiles `shim/NAME.c` with the system's C compiler, which a Rust toolchain needs too.
    pub(crate) fn build(name: &str, folder: &Path) -> Self {
        let library = folder.join(format!("{name}.so"));
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror"])
            .arg(format!("{SOURCES}/{name}.c"))
            .arg("-o")
            .arg(&library)
            .status();
        assert!(built.unwrap().success(), "{name}.c does not compile");
        Self(library)
    }

    /// The environment of a process that has it, with what the library is told.
    pub(crate) fn environment<const N: usize>(
        &self,
        told: [(&str, String); N],
    ) -> Vec<(String, String)> {
        let library = ("LD_PRELOAD", self.0.display().to_string());
        let all = std::iter::once(library).chain(told);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
