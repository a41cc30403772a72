//! Fetching the secret that a [`SecretRef`] names.
//!
//! The value lives in memory that is wiped, from the first byte read: the buffer is allocated once
//! at its full size, because a buffer that grows leaves copies behind.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::SecretRef;
use crate::why::why;

/// Far above any key or password; a path to a device or a log file must not fill the memory.
const LARGEST: usize = 64 * 1024;

impl SecretRef {
    /// Fetches the secret, without one newline at its end (editors and `echo` leave one).
    ///
    /// `credentials_dir` is `$CREDENTIALS_DIRECTORY`, which systemd sets for a unit with credentials.
    ///
    /// # Errors
    /// The reference leads to nothing usable; the sentence names the reference and never the value.
    pub fn resolve(&self, credentials_dir: Option<&Path>) -> Result<SecretString, SecretProblem> {
        let bytes = match self {
            Self::Credential(name) => {
                let dir = credentials_dir.ok_or_else(|| SecretProblem::NoCredentials {
                    secret: self.clone(),
                })?;
                // systemd guards this directory itself.
                self.read(&dir.join(name), Guarded::BySystemd)?
            }
            Self::File(path) => self.read(path, Guarded::ByItsMode)?,
            Self::Env(name) => {
                let value = std::env::var_os(name).ok_or_else(|| SecretProblem::Missing {
                    secret: self.clone(),
                })?;
                Zeroizing::new(value.into_vec())
            }
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| SecretProblem::NotText {
            secret: self.clone(),
        })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(SecretProblem::Empty {
                secret: self.clone(),
            });
        }
        Ok(SecretString::from(text))
    }

    fn read(&self, path: &Path, guarded: Guarded) -> Result<Zeroizing<Vec<u8>>, SecretProblem> {
        let refuse = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => SecretProblem::Missing {
                secret: self.clone(),
            },
            _ => SecretProblem::Unreadable {
                secret: self.clone(),
                why: why(&error),
            },
        };
        let file = File::open(path).map_err(refuse)?;
        let mode = file.metadata().map_err(refuse)?.permissions().mode();
        if guarded == Guarded::ByItsMode && mode & 0o007 != 0 {
            return Err(SecretProblem::Open {
                secret: self.clone(),
                path: path.to_owned(),
            });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
        file.take(LARGEST as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(refuse)?;
        if bytes.len() > LARGEST {
            return Err(SecretProblem::TooLarge {
                secret: self.clone(),
            });
        }
        Ok(bytes)
    }
}

/// How to make what a reference names.
fn making(secret: &SecretRef) -> String {
    match secret {
        SecretRef::Credential(name) => format!("add LoadCredential={name}:/PATH to the unit"),
        SecretRef::File(_) => "make it, readable by the daemon's user alone".to_owned(),
        SecretRef::Env(_) => "set it for the daemon, or name another place".to_owned(),
    }
}

/// Who keeps others from reading the file.
#[derive(PartialEq)]
enum Guarded {
    BySystemd,
    ByItsMode,
}

/// Why a secret could not be fetched. Each sentence names the reference, none the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretProblem {
    /// A credential is named, but systemd gave this process none.
    #[error(
        "{secret} cannot be read: systemd gave this process no credentials \
         ($CREDENTIALS_DIRECTORY is not set); add LoadCredential= to the unit"
    )]
    NoCredentials {
        /// The reference.
        secret: SecretRef,
    },
    /// There is no such credential, file or variable.
    #[error("{secret} does not exist; {}", making(secret))]
    Missing {
        /// The reference.
        secret: SecretRef,
    },
    /// The system refused to read it.
    #[error("{secret} cannot be read: {why}")]
    Unreadable {
        /// The reference.
        secret: SecretRef,
        /// What the system said.
        why: String,
    },
    /// Every user of the machine may read or change it.
    #[error(
        "{secret} is open to every user of this machine; run: chmod o= '{}', and renew the secret",
        path.display()
    )]
    Open {
        /// The reference.
        secret: SecretRef,
        /// The file to close.
        path: PathBuf,
    },
    /// It holds nothing, or only an end of line.
    #[error("{secret} is empty; put the secret into it")]
    Empty {
        /// The reference.
        secret: SecretRef,
    },
    /// It is not UTF-8.
    #[error("{secret} is not text in UTF-8; store a binary key as base64")]
    NotText {
        /// The reference.
        secret: SecretRef,
    },
    /// It is too long to be a secret.
    #[error("{secret} is larger than 64 KiB; it is probably the wrong file")]
    TooLarge {
        /// The reference.
        secret: SecretRef,
    },
}
