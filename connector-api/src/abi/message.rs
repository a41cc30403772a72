//! The JSON documents that cross the boundary.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Account;
use crate::batch::{Batch, Window};
use crate::enrolment::Progress;
use crate::manifest::Manifest;
use crate::notification::Notification;
use crate::submission::Submission;

/// The answer to `describe`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Description {
    /// The connector's manifest.
    pub manifest: Manifest,
    /// The JSON schema of the account's `settings`.
    pub settings: Value,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Open<A> {
    pub(crate) settings: Value,
    pub(crate) account: A,
}

/// `open` as the connector reads it and as the daemon writes it.
pub(crate) type OpenOwned = Open<Account>;

#[derive(Serialize, Deserialize)]
pub(crate) struct Discover {
    pub(crate) job: String,
    pub(crate) window: Window,
}

/// What `submit`, `reconcile`, `subscribe` and `unsubscribe` ask.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfSubmission {
    pub(crate) job: String,
    pub(crate) submission: Submission,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Collect {
    pub(crate) batch: Batch,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Enrol {
    pub(crate) so_far: Progress,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Receive {
    pub(crate) notification: Notification,
}

/// The verbs by the names that cross the boundary.
pub(crate) mod verb {
    pub(crate) const ENROL: &str = "enrol";
    pub(crate) const DISCOVER: &str = "discover";
    pub(crate) const SUBMIT: &str = "submit";
    pub(crate) const RECONCILE: &str = "reconcile";
    pub(crate) const SUBSCRIBE: &str = "subscribe";
    pub(crate) const UNSUBSCRIBE: &str = "unsubscribe";
    pub(crate) const RECEIVE: &str = "receive";
    pub(crate) const COLLECT: &str = "collect";
}
