//! The last of a disk is left alone. The index is written in the background and cannot be told to wait,
//! so a disk that is full to the last byte ends the daemon; one that is nearly full only pauses it.

use std::io;
use std::path::Path;

use rustix::fs::statvfs;

/// What is left free, in bytes: many times what the index writes for a day's batches.
const RESERVE: u64 = 16 * 1024 * 1024;

/// Whether more may be written to the disk of this directory. Where the system does not say how much is
/// free, the write itself will tell.
pub fn is_left(directory: &Path) -> bool {
    statvfs(directory).map_or(true, |disk| disk.f_bavail * disk.f_frsize > RESERVE)
}

/// The same, as the error of a write that is not even tried.
///
/// # Errors
/// `StorageFull`.
pub fn check(directory: &Path) -> io::Result<()> {
    match is_left(directory) {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::StorageFull,
            "less than 16 MiB are free on its disk, and these are left alone",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_space_is_told_before_it_is_written_to() {
        // This one has no blocks at all.
        let full = Path::new("/proc");
        assert!(!is_left(full));
        assert_eq!(check(full).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn where_nobody_can_tell_the_write_itself_will() {
        assert!(is_left(Path::new("/nowhere/at/all")));
        check(Path::new("/nowhere/at/all")).unwrap();
    }
}
