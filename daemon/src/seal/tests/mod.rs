//! What the sealing promises, tried on real files.

mod any_order;
mod format;
mod keyring;
mod round_trip;
mod tampering;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::{Keyring, MasterKey, SealError, SealedReader, SealedWriter};

const PLACE: &str = "spool/acme-uk/15797780137010000506182090";

/// A directory with a keyring.
struct State {
    dir: TempDir,
    master: MasterKey,
    keyring: Keyring,
}

impl State {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let keyring = Keyring::create(&dir.path().join("keyring.json"), &master, noon(1)).unwrap();
        Self {
            dir,
            master,
            keyring,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Seals the frames in a file of the given name.
    fn seal(&self, name: &str, frames: &[impl AsRef<[u8]>]) -> PathBuf {
        let path = self.path(name);
        let mut writer = SealedWriter::create(&path, &self.keyring, PLACE).unwrap();
        let mut buffer = Vec::new();
        for frame in frames {
            buffer.extend_from_slice(frame.as_ref());
            writer.write_frame(&mut buffer).unwrap();
        }
        writer.finish().unwrap();
        path
    }

    /// Opens the file as what [`seal`](Self::seal) sealed it as.
    fn open(&self, path: &Path) -> Result<Vec<Vec<u8>>, SealError> {
        let (frames, error) = read_all(SealedReader::open(path, &self.keyring, PLACE)?);
        error.map_or(Ok(frames), Err)
    }

    /// Writes `bytes` as a file and reads it: the frames that it gave, and the error that ended
    /// them.
    fn open_altered(&self, bytes: &[u8]) -> (Vec<Vec<u8>>, SealError) {
        let path = self.path("altered");
        fs::write(&path, bytes).unwrap();
        match SealedReader::open(&path, &self.keyring, PLACE) {
            Ok(reader) => {
                let (frames, error) = read_all(reader);
                (frames, error.expect("an altered file must not prove whole"))
            }
            Err(error) => (Vec::new(), error),
        }
    }
}

/// The frames, up to the end or an error.
fn read_all(mut reader: SealedReader) -> (Vec<Vec<u8>>, Option<SealError>) {
    let mut frames = Vec::new();
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => frames.push(frame.to_vec()),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(reader.next_frame().is_err(), "went on after: {error}");
                return (frames, Some(error));
            }
        }
    }
}

fn noon(day: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}
