//! What can go wrong, as sentences for the person who has to mend it. No message ever holds key
//! material or content.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be sealed, opened or made durable.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The text behind `daemon.key` is not a key.
    #[error(
        "the key in daemon.key is not usable: expected 32 bytes in base64, found {found}; \
         `reissue keys init` makes a good one"
    )]
    NotAKey {
        /// What the text was instead, without showing it.
        found: String,
    },

    /// A good key, but another one.
    #[error(
        "{}: the key in daemon.key is not the one that made this keyring \
         (check value {found}, expected {expected}); give daemon.key the key with the expected check value",
        path.display()
    )]
    WrongMasterKey {
        /// The keyring.
        path: PathBuf,
        /// Check value of the key that was given.
        found: String,
        /// Check value of the key that made the keyring.
        expected: String,
    },

    /// A new keyring would end all data that the present one opens.
    #[error("{} exists already: keep it, or move it away if nothing sealed with it is needed any more", path.display())]
    KeyringExists {
        /// The keyring.
        path: PathBuf,
    },

    /// The keyring's file is not the JSON document that we write.
    #[error("{} is not a keyring that this version of Reissue can read: restore it from a backup", path.display())]
    KeyringUnreadable {
        /// The keyring.
        path: PathBuf,
        /// Where the document departs from the format.
        source: serde_json::Error,
    },

    /// A keyring of a later version.
    #[error("{} has format {format}, expected 1: run the version of Reissue that wrote it", path.display())]
    KeyringFormat {
        /// The keyring.
        path: PathBuf,
        /// The format that it says it has.
        format: u32,
    },

    /// An entry was edited, exchanged, added or removed without the master key.
    #[error("{} was altered since Reissue wrote it: restore it from a backup and find out who wrote to it", path.display())]
    KeyringAltered {
        /// The keyring.
        path: PathBuf,
    },

    /// The file does not begin as a sealed file does.
    #[error("{} is not a sealed file of this version of Reissue: restore it from a backup", path.display())]
    NotSealed {
        /// The file.
        path: PathBuf,
    },

    /// The file's wrapping key is not in the keyring.
    #[error(
        "{} is sealed under wrapping key {version}, which is not in the keyring: \
         restore the keyring that holds it; if that key was retired, the data is gone",
        path.display()
    )]
    WrappingKeyMissing {
        /// The file.
        path: PathBuf,
        /// The version that its header names.
        version: u16,
    },

    /// The data key does not unwrap for the place.
    #[error(
        "{} does not open as `{place}`: it was sealed as something else or under another keyring, or its header \
         was altered; restore the file, or the keyring, from a backup",
        path.display()
    )]
    WrongPlace {
        /// The file.
        path: PathBuf,
        /// What it was to be opened as.
        place: String,
    },

    /// A frame that is not what was sealed there.
    #[error(
        "frame {frame} of {} does not open: the file was altered, cut short or its frames were exchanged; \
         restore it from a backup",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which frame, counted from 1.
        frame: u64,
    },

    /// The file ends before its end frame.
    #[error(
        "{} ends too early, in {part}: restore it from a backup",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The part that is incomplete.
        part: String,
    },

    /// More in one frame than a reader is ready to hold.
    #[error("a frame of {bytes} bytes is too large for {}: at most 4 MiB, so seal fewer records in a frame", path.display())]
    FrameTooLarge {
        /// The file.
        path: PathBuf,
        /// Size of the frame, plaintext.
        bytes: usize,
    },

    /// The operating system refused to read.
    #[error("cannot read {}: check that it is there and that the daemon's user may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },

    /// The operating system refused to write.
    #[error("cannot write {}: check that its disk has room and that the daemon's user may write there", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl SealError {
    /// For `map_err` around reads of `path`.
    pub fn reading(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    /// For `map_err` around writes of `path`.
    pub fn writing(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}
