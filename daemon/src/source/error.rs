//! Why a source or one of its files cannot be used, as sentences for the person who has to mend it.
//! None of them holds anything that stands in a file but the names of its columns.

use std::io;
use std::path::PathBuf;

use super::rows::Kind;
use crate::seal::SealError;

/// What is wrong with a file of a source, or with its directory. Nothing of such a file counts.
#[derive(Debug)]
pub struct SourceError {
    /// The file, or the directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Why,
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.why.source()
    }
}

/// What is wrong with a file, or with a directory.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The directory is missing or closed.
    #[error("it cannot be looked into; make the directory, and let the daemon's user read it")]
    Closed(#[source] io::Error),
    /// A file could be read, but not be deleted after.
    #[error(
        "the daemon's user may not write here, so it could not delete what it has read; let it"
    )]
    ReadOnly,
    /// The journal and the reject file name it.
    #[error("its name is not UTF-8; rename it")]
    Name,
    /// A link would be deleted in place of the file that it leads to.
    #[error("it is a link; rename the file itself in, not a link to it")]
    Link,
    /// The configuration names the files of one directory.
    #[error("it is a directory, and only files are read; put the files beside it, or rename it")]
    Directory,
    /// A pipe, a socket or a device, none of which has an end.
    #[error("it is not a regular file; rename a file of cards in")]
    NotAFile,
    /// Most likely an export that failed.
    #[error("it is empty; remove it, and rename a complete file in")]
    Empty,
    /// The configuration does not say what opens it.
    #[error(
        "it is encrypted, and its source has no `identity`; name the age identity that opens it"
    )]
    NoIdentity,
    /// It is encrypted to somebody else, or not at all.
    #[error(
        "the source's `identity` does not open it; encrypt it with age, to the recipient that \
         `age-keygen -y` prints"
    )]
    NotForUs(#[source] age::DecryptError),
    /// A part of an encrypted file is missing or altered.
    #[error("it is not a whole age file; encrypt it anew")]
    Damaged(#[source] io::Error),
    /// The operating system refused to read it.
    #[error("it cannot be read; let the daemon's user read it")]
    Unreadable(#[source] io::Error),
    /// It was taken away.
    #[error(
        "it went away while it was read, and nothing of it counts; once a file has its name, leave it \
         to the daemon"
    )]
    Vanished,
    /// It was written to, or another took its place.
    #[error(
        "it changed while it was read, and nothing of it counts yet; write under a hidden name and \
         rename, or make `settle` longer"
    )]
    Changed,
    /// It was changed too short a time ago, and has been for long.
    #[error(
        "it is still being written to, and nothing of it counts yet; write under a hidden name, and \
         rename it once it is complete"
    )]
    Growing,
    /// What some spreadsheets call Unicode.
    #[error("it is UTF-16; save it as UTF-8 (a spreadsheet calls that CSV UTF-8)")]
    Utf16,
    /// Its first line does not name the columns of a card.
    #[error("its first line is not the header of a file of cards: {0}")]
    Header(String),
    /// A record without end.
    #[error(
        "line {line} is longer than 16 KiB; most likely a quotation mark there, or above it, is never \
         closed"
    )]
    TooLong {
        /// Where the record begins.
        line: u64,
    },
    /// More than one kind of card.
    #[error(
        "line {line} has {kind}, and line {first_line} has {first_kind}; write a file for each kind"
    )]
    Mixed {
        /// The first line of another kind.
        line: u64,
        /// Its kind.
        kind: Kind,
        /// The first line with a card.
        first_line: u64,
        /// Its kind.
        first_kind: Kind,
    },
    /// The rejects could not be made durable, so the file does not count.
    #[error("its reject file cannot be written")]
    Rejects(#[source] SealError),
    /// It was read and should go.
    #[error("it was read and cannot be deleted; let the daemon's user write into its directory")]
    NotDeleted(#[source] io::Error),
    /// It was read and should be kept elsewhere.
    #[error(
        "it was read and cannot be moved to {}; that must be on the same file system, and writable by \
         the daemon's user", to.display()
    )]
    NotMoved {
        /// The directory in `keep_done`.
        to: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Its directory could not be made durable after, or the one in `keep_done` not be made.
    #[error("it was read, and what became of it could not be made durable")]
    NotDurable(#[source] SealError),
}

impl Why {
    /// The error, with the file that it is about.
    pub(super) fn about(self, path: impl Into<PathBuf>) -> SourceError {
        SourceError {
            path: path.into(),
            why: self,
        }
    }

    /// Whether it may be otherwise when the source is next looked at, with nobody doing anything.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Vanished | Self::Changed | Self::Rejects(_))
    }

    /// Why a read failed.
    pub(super) fn reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished,
            _ => Self::Unreadable(error),
        }
    }
}
