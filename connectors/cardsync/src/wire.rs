//! CardSync's messages as documented, read as they really come: `msg` became `message`, and
//! `contact_closed` became `closed`, and both may stand in one answer.
//!
//! Short documents are read as a generic value first, which survives a key that comes twice; only the
//! list of results is streamed.

use reissue_connector_api::Totals;
use reissue_connector_api::lenient::{Count, Text, owned};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What every answer is wrapped in.
pub(crate) struct Envelope {
    /// Whether what was asked was done. Failures have been seen to be called `failed` and `failure`.
    pub(crate) is_success: bool,
    /// What it says.
    pub(crate) words: String,
    /// What was asked for.
    pub(crate) data: Value,
}

impl Envelope {
    /// None if it does not say whether it is a success.
    pub(crate) fn read(mut document: Value) -> Option<Self> {
        let status = text(&document["status"]);
        if status.is_empty() {
            return None;
        }
        let words = ["msg", "message"].map(|key| text(&document[key]));
        let said = words.into_iter().find(|words| !words.is_empty());
        Some(Self {
            is_success: status.eq_ignore_ascii_case("success"),
            words: said.unwrap_or(status),
            data: document["data"].take(),
        })
    }
}

/// One card of a request.
#[derive(Serialize)]
pub(crate) struct Question<'a> {
    /// The merchant number of American Express, for a subscription.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) se_number: &'a str,
    /// Our key of the card.
    pub(crate) id: &'a str,
    /// The full number.
    pub(crate) card: &'a str,
    /// Month and year, `MM/YY`.
    pub(crate) exp: String,
}

/// Who accepts the terms for whom.
#[derive(Serialize)]
pub(crate) struct Terms<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) account_type: &'static str,
    pub(crate) account_type_id: &'a str,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) version: u32,
}

/// Where CardSync is to call us, and when.
#[derive(Serialize)]
pub(crate) struct Webhook<'a> {
    pub(crate) trigger_id: u64,
    pub(crate) url: &'a str,
}

/// A call to our webhook, as far as it is of use.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    /// An integer in the examples, a text in the schema.
    pub(crate) trigger_id: Count,
    #[serde(deserialize_with = "owned")]
    pub(crate) event_id: String,
    /// Of this call.
    #[serde(deserialize_with = "owned")]
    pub(crate) id: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) trigger_date: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) expires: String,
}

/// The merchant that was created, as far as it is of use.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Merchant {
    #[serde(deserialize_with = "owned")]
    pub(crate) id: String,
    /// What the second version calls `id`.
    #[serde(deserialize_with = "owned")]
    pub(crate) merchant_id: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) api_key: String,
}

/// An enrolment. It has a time of activation too, which may be missing from an active one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Enrolment {
    #[serde(deserialize_with = "owned")]
    pub(crate) id: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) status: String,
}

/// A batch, as the answers to creating it and to asking for it show it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Batch {
    #[serde(deserialize_with = "owned")]
    pub(crate) batch_id: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) status: String,
    pub(crate) stats: Stats,
    #[serde(deserialize_with = "owned")]
    pub(crate) created_at: String,
    #[serde(deserialize_with = "owned")]
    pub(crate) updated_at: String,
}

/// The counters of a batch: all zero until CardSync has counted.
#[derive(Default)]
pub(crate) struct Stats(Value);

impl Stats {
    /// In our words.
    pub(crate) fn counts(&self) -> Totals {
        let submitted = self.count("number_submitted").filter(|&count| count > 0);
        if submitted.is_none() {
            return Totals::default();
        }
        Totals {
            accepted: submitted,
            updated: self.sum(&["updated_card", "updated_expiry"]),
            records: self.listed(),
            ..Totals::default()
        }
    }

    /// How many cards the list of results should hold: all but those counted as `no_change`.
    pub(crate) fn listed(&self) -> Option<u64> {
        let closed = self.count("contact_closed").max(self.count("closed"));
        let others = [
            "updated_card",
            "updated_expiry",
            "no_match",
            "valid",
            "contact",
        ];
        match (self.sum(&others), closed) {
            (Some(others), Some(closed)) => Some(others.saturating_add(closed)),
            (others, closed) => others.or(closed),
        }
    }

    fn sum(&self, counters: &[&str]) -> Option<u64> {
        let counts = counters.iter().filter_map(|name| self.count(name));
        counts.reduce(u64::saturating_add)
    }

    fn count(&self, name: &str) -> Option<u64> {
        Count::deserialize(&self.0[name]).unwrap_or_default().0
    }
}

impl<'de> Deserialize<'de> for Stats {
    /// One page of the documents calls it a list.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(from)? {
            Value::Array(mut list) if !list.is_empty() => list.swap_remove(0),
            one => one,
        }))
    }
}

/// One card of the results.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Row<'a> {
    /// Our key of the card.
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    /// The new number of an updated card; of any other nobody knows what it is.
    pub(crate) card: Text<'a>,
    /// Likewise, `MM/YY`.
    pub(crate) exp: Text<'a>,
    pub(crate) status: Text<'a>,
    /// The merchant number that the card is subscribed at; missing from one of the examples.
    pub(crate) se_number: Text<'a>,
}

/// A text in a short document.
pub(crate) fn text(value: &Value) -> String {
    owned(value).unwrap_or_default()
}
