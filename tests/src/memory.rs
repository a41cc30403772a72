//! The memory of a daemon, to be looked through. A preloaded library writes it down (`shim/memory.c`).

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::preload::Preload;
use crate::world::World;

/// The memory of the daemon that was started with its environment.
#[derive(Debug)]
pub struct Memory {
    environment: Vec<(String, String)>,
    ask: PathBuf,
    done: PathBuf,
    dump: PathBuf,
}

impl Memory {
    /// The memory of a daemon that is not started yet.
    pub fn new(world: &World) -> Self {
        let [ask, done] = ["memory-ask", "memory-done"].map(|name| world.path(name));
        for fifo in [&ask, &done] {
            mknodat(CWD, fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        }
        let told = [
            ("MEMORY_ASK", ask.display().to_string()),
            ("MEMORY_DONE", done.display().to_string()),
        ];
        Self {
            environment: Preload::build("memory", &world.path("")).environment(told),
            dump: world.path("memory"),
            ask,
            done,
        }
    }

    /// The environment of the daemon.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// All that the daemon's memory holds at this moment.
    pub fn read(&self) -> Vec<u8> {
        // Opening waits for the other side.
        let mut ask = File::options().write(true).open(&self.ask).unwrap();
        writeln!(ask, "{}", self.dump.display()).unwrap();
        drop(ask);
        let mut done = File::open(&self.done).unwrap();
        done.read_exact(&mut [0]).unwrap();
        let memory = fs::read(&self.dump).unwrap();
        fs::remove_file(&self.dump).unwrap();
        memory
    }
}
