//! Kills the daemon at a named point: before, after or in the middle of one of the calls that change
//! what a crash leaves behind. A preloaded library does it (`shim/killpoint.c`), so the daemon that is
//! tested is the one that is shipped.

use std::fmt;
use std::fs;

use crate::preload::Preload;
use crate::world::World;

/// The library, built for one world.
#[derive(Debug)]
pub struct KillPoint {
    library: Preload,
    /// The world's folder, and a slash.
    folder: String,
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
    /// Nobody is killed: the disk refuses an fdatasync.
    Fails,
}

impl KillPoint {
    /// Kills daemons of this world.
    pub fn new(world: &World) -> Self {
        Self {
            library: Preload::build("killpoint", &world.path("")),
            folder: world.path("").display().to_string(),
        }
    }

    /// The environment of a daemon whose calls are only listed.
    pub fn list(&self) -> Vec<(String, String)> {
        let _ = fs::remove_file(self.calls_path());
        self.environment("KILLPOINT_LIST", self.calls_path())
    }

    /// The environment of a daemon that dies at this call.
    pub fn at(&self, call: u64, moment: Moment) -> Vec<(String, String)> {
        let moment = match moment {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Torn => "torn",
            Moment::Fails => "fails",
        };
        self.environment("KILLPOINT_AT", format!("{call}:{moment}"))
    }

    /// The calls of the daemon that listed them.
    pub fn calls(&self) -> Vec<Call> {
        let call = |line: &str| {
            let mut fields = line.splitn(3, ' ');
            Call {
                number: fields.next().unwrap().parse().unwrap(),
                name: fields.next().unwrap().to_owned(),
                path: fields.next().unwrap().replace(&self.folder, ""),
            }
        };
        let list = fs::read_to_string(self.calls_path()).unwrap();
        list.lines().map(call).collect()
    }

    fn calls_path(&self) -> String {
        format!("{}calls", self.folder)
    }

    fn environment(&self, order: &str, value: String) -> Vec<(String, String)> {
        self.library
            .environment([("KILLPOINT_IN", self.folder.clone()), (order, value)])
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
