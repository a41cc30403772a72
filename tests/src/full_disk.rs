//! A disk that is full while a person leaves it so. A preloaded library does it (`shim/full.c`).

use std::fs;
use std::path::PathBuf;

use crate::preload::Preload;
use crate::world::World;

/// A place in a world that can fill up.
#[derive(Debug)]
pub struct FullDisk {
    environment: Vec<(String, String)>,
    mark: PathBuf,
}

impl FullDisk {
    /// A disk that holds this place of the world, and still has space.
    pub fn new(world: &World, place: &str) -> Self {
        let mark = world.path("full");
        let told = [
            ("FULL_IN", world.path(place).display().to_string()),
            ("FULL_WHILE", mark.display().to_string()),
        ];
        let library = Preload::build("full", &world.path(""));
        Self {
            environment: library.environment(told),
            mark,
        }
    }

    /// The environment of a daemon that uses it.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// From now on nothing more fits.
    pub fn fill(&self) {
        fs::write(&self.mark, "").unwrap();
    }

    /// There is space again.
    pub fn clear(&self) {
        fs::remove_file(&self.mark).unwrap();
    }
}
