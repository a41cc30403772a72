//! Kills the daemon at a named point: before, after or in the middle of one of the calls that change
//! what a crash leaves behind. A preloaded library does it (`shim/killpoint.c`), so the daemon that is
//! tested is the one that is shipped.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::preload::Preload;
use crate::world::World;

/// The library, built for one world.
#[derive(Debug)]
pub struct KillPoint {
    library: Preload,
    /// The world's folder, and a slash.
    folder: String,
    orders: u64,
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

impl Moment {
    fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Torn => "torn",
            Self::Fails => "fails",
        }
    }
}

impl KillPoint {
    /// Kills daemons of this world.
    pub fn new(world: &World) -> Self {
        Self {
            library: Preload::build("killpoint", &world.path("")),
            folder: world.path("").display().to_string(),
            orders: 0,
        }
    }

    /// The environment of a daemon that dies when it is [ordered](Self::order) to.
    pub fn on_order(&self) -> Vec<(String, String)> {
        if !self.order_path().exists() {
            self.write_order(0, 0, "");
        }
        self.library.environment([
            ("KILLPOINT_IN", self.folder.clone()),
            ("KILLPOINT_LIST", self.calls_path()),
            ("KILLPOINT_ORDER", self.order_path().display().to_string()),
        ])
    }

    /// Counts the calls of a daemon that is running from here on, and has it die at this one, if any.
    pub fn order(&mut self, call: Option<(u64, Moment)>) {
        self.orders += 1;
        fs::write(self.calls_path(), "").unwrap();
        match call {
            Some((call, moment)) => self.write_order(self.orders, call, moment.as_str()),
            None => self.write_order(self.orders, 0, ""),
        }
    }

    /// The number of the order comes last, because it is what the library looks at.
    fn write_order(&self, number: u64, call: u64, moment: &str) {
        let mut order = [0; 32];
        order[8..16].copy_from_slice(&call.to_ne_bytes());
        order[16..16 + moment.len()].copy_from_slice(moment.as_bytes());
        let mut file = File::options();
        let file = file.write(true).create(true).truncate(false);
        let file = file.open(self.order_path()).unwrap();
        file.write_all_at(&order[8..], 8).unwrap();
        file.write_all_at(&number.to_ne_bytes(), 0).unwrap();
    }

    /// The environment of a daemon whose calls are only listed.
    pub fn list(&self) -> Vec<(String, String)> {
        let _ = fs::remove_file(self.calls_path());
        self.environment("KILLPOINT_LIST", self.calls_path())
    }

    /// The environment of a daemon that dies at this call.
    pub fn at(&self, call: u64, moment: Moment) -> Vec<(String, String)> {
        self.environment("KILLPOINT_AT", format!("{call}:{}", moment.as_str()))
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

    fn order_path(&self) -> PathBuf {
        PathBuf::from(format!("{}order", self.folder))
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
