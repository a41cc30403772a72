//! What the daemon can be asked, as data.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use reissue_connector_api::Signatory;
use serde::{Deserialize, Serialize};

use crate::ledger::event::Resolution;
use crate::ledger::{Batch, State};

/// A filter of `reissue batch list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BatchFilter {
    /// The state's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl BatchFilter {
    /// Whether a batch passes.
    pub fn passes(&self, batch: &Batch) -> bool {
        self.state.is_none_or(|state| state == batch.state)
            && self
                .account
                .as_ref()
                .is_none_or(|account| *account == batch.key.account)
    }
}

/// Names one batch.
#[derive(Debug, Serialize, Deserialize)]
pub struct BatchName {
    /// Its key, or the provider's id.
    pub batch: String,
}

/// That [`BatchName`] names none.
pub fn no_batch(name: &str) -> String {
    format!(
        "no batch, or more than one, is called `{name}`; `reissue batch list` shows them as ACCOUNT/ID"
    )
}

/// `reissue updates BATCH [--aside]`.
#[derive(Debug, Serialize, Deserialize)]
pub struct UpdatesOf {
    /// Its key.
    pub batch: String,
    /// Whether those that are set aside are wanted, in place of those that are delivered.
    #[serde(default)]
    pub aside: bool,
}

/// `reissue batch resolve BATCH --as …`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResolveRequest {
    /// Its key, or the provider's id.
    pub batch: String,
    /// What becomes of it.
    pub decision: Decision,
}

/// What a person decides about a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The provider has the submission, under this id; a change of subscriptions under none.
    Accepted(String),
    /// One of those that the ledger records as they are.
    Resolution(Resolution),
}

impl FromStr for Decision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "deliver" => Ok(Self::Resolution(Resolution::Deliver)),
            "not-sent" => Ok(Self::Resolution(Resolution::NotSent)),
            "abandon" => Ok(Self::Resolution(Resolution::Abandon)),
            // A change of subscriptions has no id at the provider.
            "accepted" => Ok(Self::Accepted(String::new())),
            _ => match text.strip_prefix("accepted:").map(str::trim) {
                Some(id) if !id.is_empty() => Ok(Self::Accepted(id.to_owned())),
                _ => Err(
                    "write deliver, abandon, not-sent or accepted:PROVIDER_ID, with the id that the \
                     provider gave it"
                        .into(),
                ),
            },
        }
    }
}

/// `reissue batch redeliver BATCH`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RedeliverRequest {
    /// Its key, or the provider's id.
    pub batch: String,
    /// The sinks; the account's own if there is none.
    pub sinks: Vec<String>,
}

/// `reissue connectors release NAME`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Release {
    /// A connector's name, or how the SHA-256 of its file begins.
    pub connector: String,
}

/// `reissue enrol ACCOUNT`.
#[derive(Debug, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The account.
    pub account: String,
    /// Who accepts the provider's terms with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory: Option<Signatory>,
    /// Whether it is settled with the provider what became of a request whose answer was lost.
    #[serde(default)]
    pub settled: bool,
    /// Whether the webhook is to have another secret.
    #[serde(default)]
    pub rotate_webhook: bool,
}

/// `reissue run SCHEDULE`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunRequest {
    /// The schedule.
    pub schedule: String,
    /// How far back to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Whether to answer only when its batches are delivered, held or waiting for the provider.
    pub wait: bool,
}

/// Names one account.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountName {
    /// Its name.
    pub account: String,
}

/// `reissue subscriptions ACCOUNT [--pairs]`.
#[derive(Debug, Serialize, Deserialize)]
pub struct SubscriptionsOf {
    /// The account.
    pub account: String,
    /// Whether every pair is wanted, beside the counts.
    pub pairs: bool,
}

/// `reissue subscriptions ACCOUNT --may-lack N`.
#[derive(Debug, Serialize, Deserialize)]
pub struct MayLack {
    /// The account.
    pub account: String,
    /// How many of the pairs that it had before its source may lack.
    pub missing: u64,
}

/// `reissue plan SCHEDULE`.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlanRequest {
    /// The schedule.
    pub schedule: String,
}
