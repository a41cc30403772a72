//! Lets go of what was written: a file of gigabytes would push everything else of the host out of the
//! page cache, and in a virtual machine the tenth gigabyte of cache costs more than the first.

use std::fs::File;
use std::num::NonZeroU64;

use rustix::fs::{Advice, fadvise};

/// A file is let go of in pieces of this size. Shorter ones, which are nearly all, stay in the cache,
/// where their reader finds them.
const PIECE: u64 = 64 * 1024 * 1024;

/// How far a file was written and let go of.
#[derive(Debug, Default)]
pub struct Behind {
    written: u64,
    let_go: u64,
}

impl Behind {
    /// So many bytes more were written to the file.
    pub fn wrote(&mut self, file: &File, bytes: usize) {
        self.written += bytes as u64;
        if self.written - self.let_go < 2 * PIECE {
            return;
        }
        // Linux begins to write out what the advice is given for, and drops what is on the disk
        // already: so each piece is named twice, and nobody waits. It is advice, and may fail.
        let _ = fadvise(
            file,
            self.let_go,
            NonZeroU64::new(2 * PIECE),
            Advice::DontNeed,
        );
        self.let_go += PIECE;
    }
}
