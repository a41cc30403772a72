//! Connectors that are made for a test, most of them bad: `zoo/NAME.c` or `zoo/NAME.rs`, compiled
//! into a world's connector directory. They are no part of any build, so nobody installs one by
//! mistake.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::built;
use crate::world::World;

const ZOO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/zoo");
const HEADERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../connector-api/include");

impl World {
    /// Puts an animal into the connector directory, as `libzoo.so`, in place of the one that is
    /// there. `with` goes to the compiler, such as `-DVERSION="2"`, which gives it another content.
    pub fn animal(&self, name: &str, with: &[&str]) -> PathBuf {
        let place = self.path("connectors/libzoo.so");
        fs::rename(self.bred(name, with), &place).unwrap();
        place
    }

    /// Makes an animal and leaves it outside of the connector directory.
    pub fn bred(&self, name: &str, with: &[&str]) -> PathBuf {
        let library = self.path("bred.so");
        let source = Path::new(ZOO).join(format!("{name}.c"));
        let mut compiler = match source.exists() {
            true => c(&source),
            false => rust(&source.with_extension("rs")),
        };
        let compiled = compiler.args(with).arg("-o").arg(&library).status();
        assert!(compiled.unwrap().success(), "{name} does not compile");
        fs::set_permissions(&library, Permissions::from_mode(0o644)).unwrap();
        library
    }
}

/// The system's C compiler, as a third party would call it.
fn c(source: &Path) -> Command {
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1"]);
    compiler
        .args(["-shared", "-fPIC", "-I", HEADERS])
        .arg(source);
    compiler
}

/// The compiler that built the tests, with the author's kit that they were built with.
fn rust(source: &Path) -> Command {
    let kit = built("libreissue_connector_api.rlib");
    let mut compiler = Command::new("rustc");
    compiler.args(["--edition", "2024", "--crate-type", "cdylib"]);
    compiler.arg("--extern");
    compiler.arg(format!("reissue_connector_api={}", kit.display()));
    compiler.arg("-L").arg(kit.with_file_name("deps"));
    compiler.arg(source);
    compiler
}
