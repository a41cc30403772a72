//! References to secrets. A secret itself is never written in the configuration: files of
//! configuration are copied, printed, compared and committed.

mod read;
mod resolve;

pub use resolve::SecretProblem;

use std::fmt;
use std::path::PathBuf;

/// Where a secret is found; written as a table with exactly one key.
///
/// Displays and debug-prints as the reference, which is not secret.
#[derive(Debug, Clone, PartialEq, Eq, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretRef {
    /// The name of a systemd credential: a file in `$CREDENTIALS_DIRECTORY`. The best choice under
    /// systemd, which can encrypt it at rest and shows it to this service only.
    Credential(String),
    /// The absolute path of a file that only the daemon's user and group may read.
    File(PathBuf),
    /// The name of an environment variable. The weakest choice: children inherit it.
    Env(String),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "credential `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Env(name) => write!(f, "environment variable `{name}`"),
        }
    }
}
