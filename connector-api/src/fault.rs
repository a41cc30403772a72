//! What can go wrong in a call, in words the ledger can act on.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::seconds;

/// Why a call failed. The ledger decides from the kind alone what happens next, and it is the only
/// place that tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The account's settings are wrong; a person must edit them.
    Settings,
    /// The provider did not accept our credentials.
    Credentials,
    /// The provider refused this request or this batch.
    Refused,
    /// The provider asks us to come later, or has a fault of its own.
    Busy,
    /// No answer: no route, no connection, a time-out, a connection that broke.
    Unreachable,
    /// The provider no longer has the batch.
    Gone,
    /// The daemon is stopping and asked the call to end.
    Cancelled,
    /// The connector does not do this.
    Unsupported,
    /// An answer that is not what the provider's documents promise. A kind that this side does not
    /// know counts as this: it holds the batch and loses nothing.
    #[serde(other)]
    Garbled,
}

impl Kind {
    /// The word of the ledger, the logs and the status page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Credentials => "credentials",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Garbled => "garbled",
            Self::Gone => "gone",
            Self::Cancelled => "cancelled",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A failed call. A refusal of single cards is a value (`Refused`), not a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What sort of failure.
    pub kind: Kind,
    /// Whether the request may have reached the provider. When it may, a paid request is never
    /// repeated by itself.
    #[serde(default)]
    pub sent: bool,
    /// One sentence for a person: what we were doing and what came instead. Never a card number,
    /// never a secret, never a body.
    pub message: String,
    /// When the provider says to come back.
    #[serde(
        default,
        with = "seconds::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// A fault of the given kind before anything was sent.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            sent: false,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The provider's answer is not what its documents promise.
    pub fn garbled(message: impl Into<String>) -> Self {
        Self::new(Kind::Garbled, message).sent()
    }

    /// The provider refused this request or batch.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message).sent()
    }

    /// The settings are wrong; `message` names the key.
    pub fn settings(message: impl Into<String>) -> Self {
        Self::new(Kind::Settings, message)
    }

    /// The connector does not do this.
    pub fn unsupported(what: &str) -> Self {
        Self::new(Kind::Unsupported, format!("this connector does not {what}"))
    }

    /// The same fault after the request may have left.
    pub fn sent(mut self) -> Self {
        self.sent = true;
        self
    }

    /// The same fault with the provider's wish for when to come back.
    pub fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.message)
    }
}

impl std::error::Error for Fault {}
