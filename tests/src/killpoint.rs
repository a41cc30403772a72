//! Kills the daemon at a named point: before, after or in the middle of one of the calls that change
//! what a crash leaves behind. A preloaded library does it (`shim/killpoint.c`), so the daemon that is
//! tested is the one that is shipped.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::World;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/shim/killpoint.c");

/// The library, built into a folder.
#[derive(Debug)]
pub struct KillPoint {
    library: PathBuf,
}

/// One of the counted calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Counts from 1.
    pub number: u64,
    /// `write`, `fsync`, `fdatasync` or `rename`.
    pub name: String,
    /// The file, below the world's folder.
    pub path: String,
}

/// When to kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the call.
    Before,
    /// After it, before the daemon learns how it went.
    After,
    /// When half of a write's bytes are written.
    Torn,
}

impl KillPoint {
    /// Compiles the library with the system's C compiler, which a Rust toolchain needs too.
    pub fn build(folder: &Path) -> Self {
        let library = folder.join("killpoint.so");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-Wall", "-Werror", SOURCE, "-o"])
            .arg(&library)
            .status();
        assert!(built.unwrap().success(), "{SOURCE} does not compile");
        Self { library }
    }

    /// The daemon's environment in which the calls are only listed.
    pub fn list(&self, world: &World) -> Vec<(String, String)> {
        let _ = fs::remove_file(world.path("calls"));
        self.environment(world, "KILLPOINT_LIST", world.path("calls").display())
    }

    /// The daemon's environment in which it dies at this call.
    pub fn at(&self, world: &World, call: u64, moment: Moment) -> Vec<(String, String)> {
        let moment = match moment {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Torn => "torn",
        };
        self.environment(world, "KILLPOINT_AT", format!("{call}:{moment}"))
    }

    /// The calls of the daemon that listed them.
    pub fn calls(&self, world: &World) -> Vec<Call> {
        let list = fs::read_to_string(world.path("calls")).unwrap();
        let folder = world.path("");
        let folder = folder.to_str().unwrap();
        let call = |line: &str| {
            let mut fields = line.splitn(3, ' ');
            Call {
                number: fields.next().unwrap().parse().unwrap(),
                name: fields.next().unwrap().to_owned(),
                path: fields.next().unwrap().replace(folder, ""),
            }
        };
        list.lines().map(call).collect()
    }

    fn environment(
        &self,
        world: &World,
        order: &str,
        value: impl fmt::Display,
    ) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("KILLPOINT_IN", world.path("").display().to_string()),
            (order, value.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

impl Call {
    /// When a kill at this call leaves something that no other kill does.
    pub fn moments(&self) -> &'static [Moment] {
        match self.name.as_str() {
            "write" => &[Moment::Torn],
            _ => &[Moment::Before, Moment::After],
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.number, self.name, self.path)
    }
}
