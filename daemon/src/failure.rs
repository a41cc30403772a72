//! How a command or the daemon fails: a sentence and an exit code that systemd decides by.

use crate::store::StoreError;

/// The exit codes of every command (`sysexits.h`, and 79 of our own).
pub mod exit {
    /// The daemon or a provider cannot be reached, or another daemon holds the state.
    pub const UNAVAILABLE: u8 = 69;
    /// The configuration, a secret or a key is wrong.
    pub const CONFIGURATION: u8 = 78;
    /// The state needs a person.
    pub const STATE: u8 = 79;
}

/// A failure with the exit code that systemd decides by.
#[derive(Debug)]
pub struct Failure {
    /// One of `exit`, or 1.
    pub code: u8,
    /// What to tell.
    pub message: String,
}

impl Failure {
    /// A failure of the configuration.
    pub fn configuration(message: impl std::fmt::Display) -> Self {
        Self {
            code: exit::CONFIGURATION,
            message: message.to_string(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::InUse(_) => exit::UNAVAILABLE,
            StoreError::Io(..) | StoreError::Full(_) | StoreError::Index(..) => 1,
            StoreError::Broken { .. } | StoreError::Behind { .. } => exit::STATE,
        };
        Self {
            code,
            message: format!("{:#}", anyhow::Error::new(error)),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            code: 1,
            message: format!("{error:#}"),
        }
    }
}
