//! The provider's messages as documented, read as they really come: counters as text with a comma
//! inside, one endpoint or a list, `null` for nothing, keys that come and go. Short documents are
//! read as a generic value first, which also survives a key that comes twice.

use std::borrow::Cow;

use reissue_connector_api::Totals;
use reissue_connector_api::lenient::{Count, Flag, OneOrMany, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A page of the list of batches.
pub(crate) struct Page {
    rows: Vec<Value>,
    total: Option<u64>,
    has_next: bool,
}

impl Page {
    /// None if it lists nothing and does not say that there is nothing.
    pub(crate) fn read(mut document: Value) -> Option<Self> {
        let count = |name: &str| Count::deserialize(&document[name]).unwrap_or_default().0;
        let total = count("total");
        let empty = total == Some(0) || count("count") == Some(0);
        let has_next = match &document["_links"] {
            Value::Array(links) => links.iter().any(|link| link["rel"] == "next"),
            links => links.get("next").is_some(),
        };
        let rows = match document.pointer_mut("/_embedded/batches").map(Value::take) {
            Some(Value::Array(rows)) => rows,
            _ if empty => Vec::new(),
            _ => return None,
        };
        Some(Self {
            rows,
            total,
            has_next,
        })
    }

    /// Its rows; one that cannot be read is there without an id.
    pub(crate) fn batches(&self) -> Vec<Batch<'_>> {
        let rows = self.rows.iter();
        rows.map(|row| Batch::deserialize(row).unwrap_or_default())
            .collect()
    }

    /// Whether the provider says that there is more than so many rows. The paging numbers contradict
    /// each other even in the provider's own example, so this is a reason to look, never to stop.
    pub(crate) fn promises_more_than(&self, seen: usize) -> bool {
        self.has_next || self.total.is_some_and(|total| total > seen as u64)
    }
}

/// A batch, as a row of the list and as the status document shows it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Batch<'a> {
    #[serde(borrow)]
    pub(crate) batch_id: Text<'a>,
    pub(crate) batch_created_date: Text<'a>,
    pub(crate) batch_source: Text<'a>,
    pub(crate) batch_ca_endpoints: OneOrMany,
    pub(crate) merchant_reference: Text<'a>,
    pub(crate) status: Text<'a>,
    /// In the status document only.
    pub(crate) description: Text<'a>,
    #[serde(deserialize_with = "or_nothing")]
    pub(crate) totals: Counters,
}

impl<'a> Batch<'a> {
    /// A status document; none if it has no status.
    pub(crate) fn read(document: &'a Value) -> Option<Self> {
        let batch = Self::deserialize(document).ok()?;
        (!batch.status.is_empty()).then_some(batch)
    }
}

/// `totals`. (The "ca" of the provider's names is the card association.)
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Counters {
    pub(crate) accepted_records: Count,
    pub(crate) rejected_records: Count,
    pub(crate) updated_records: Count,
    pub(crate) ca_responses: Count,
    pub(crate) ca_responses_omitted: Count,
}

impl Counters {
    /// In our words. Where no association answered, the records are refusals of the provider's own,
    /// which these counters do not cover.
    pub(crate) fn counts(&self, billing: Option<&Billing>) -> Totals {
        let answers = self.ca_responses.0.filter(|&answers| answers > 0);
        Totals {
            accepted: self.accepted_records.0,
            rejected: self.rejected_records.0,
            updated: self.updated_records.0,
            records: answers
                .zip(self.ca_responses_omitted.0)
                .and_then(|(answers, omitted)| answers.checked_sub(omitted)),
            billed: billing.and_then(Billing::sum),
        }
    }

    /// Whether there are counters and all of them are zero.
    pub(crate) fn say_nothing_happened(&self) -> bool {
        let counts = [
            self.accepted_records,
            self.rejected_records,
            self.updated_records,
            self.ca_responses,
        ];
        counts.contains(&Count(Some(0)))
            && counts.iter().all(|count| matches!(count.0, None | Some(0)))
    }
}

/// `billing`: how many answers of each sort are charged.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Billing {
    nan: Count,
    ned: Count,
    acl: Count,
    cch: Count,
}

impl Billing {
    fn sum(&self) -> Option<u64> {
        [self.nan, self.ned, self.acl, self.cch]
            .iter()
            .filter_map(|count| count.0)
            .reduce(u64::saturating_add)
    }
}

/// An element of a report's `records`. Borrows from the body: a report may hold ten million.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record<'a> {
    /// Absent in reports of registrations.
    #[serde(borrow, default)]
    pub(crate) id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "null_as_default")]
    pub(crate) source_record: SourceRecord<'a>,
    #[serde(borrow, default, deserialize_with = "null_as_default")]
    pub(crate) response_record: ResponseRecord<'a>,
}

/// The card that the answer is about.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SourceRecord<'a> {
    #[serde(borrow)]
    pub(crate) token: Text<'a>,
    pub(crate) card_number: Text<'a>,
    pub(crate) card_expiry_month: Text<'a>,
    pub(crate) card_expiry_year: Text<'a>,
    pub(crate) card_type: Text<'a>,
    pub(crate) customer_id: Text<'a>,
    pub(crate) payment_instrument_id: Text<'a>,
    pub(crate) instrument_identifier_id: Text<'a>,
}

/// The answer.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ResponseRecord<'a> {
    #[serde(borrow)]
    pub(crate) response: Text<'a>,
    pub(crate) reason: Text<'a>,
    pub(crate) token: Text<'a>,
    pub(crate) card_number: Text<'a>,
    pub(crate) card_expiry_month: Text<'a>,
    pub(crate) card_expiry_year: Text<'a>,
    pub(crate) card_type: Text<'a>,
    pub(crate) instrument_identifier_id: Text<'a>,
    pub(crate) instrument_identifier_created: Flag,
    #[serde(deserialize_with = "null_as_default")]
    pub(crate) additional_updates: Vec<AdditionalUpdate<'a>>,
}

/// Another record of the vault that still points at the old card.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AdditionalUpdate<'a> {
    #[serde(borrow)]
    pub(crate) customer_id: Text<'a>,
    pub(crate) payment_instrument_id: Text<'a>,
    pub(crate) creator: Text<'a>,
    #[serde(borrow, deserialize_with = "lower_case")]
    pub(crate) state: Cow<'a, str>,
    pub(crate) message: Text<'a>,
}

/// A token of a question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration_month: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration_year: Option<String>,
}

/// The answer to a submission.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Created<'a> {
    #[serde(borrow)]
    pub(crate) batch_id: Text<'a>,
    pub(crate) batch_item_count: Count,
}

impl<'a> Created<'a> {
    /// None if it names no batch.
    pub(crate) fn read(document: &'a Value) -> Option<Self> {
        let created = Self::deserialize(document).ok()?;
        (!created.batch_id.is_empty()).then_some(created)
    }
}

/// The body of a refusal. The API's own has a `code`, its gateway's a `reason`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Refusal<'a> {
    #[serde(borrow)]
    pub(crate) code: Text<'a>,
    pub(crate) reason: Text<'a>,
    pub(crate) message: Text<'a>,
    pub(crate) detail: Text<'a>,
    pub(crate) correlation_id: Text<'a>,
    #[serde(deserialize_with = "or_nothing")]
    pub(crate) fields: Vec<Field>,
}

/// A field that failed validation.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Field {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// For what is good to know: anything that does not fit is nothing.
fn or_nothing<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Value::deserialize(from).map(|value| T::deserialize(value).unwrap_or_default())
}

fn null_as_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(from).map(Option::unwrap_or_default)
}

fn lower_case<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Cow<'a, str>, D::Error> {
    let word = Text::<'a>::deserialize(from)?;
    Ok(match word.as_str() {
        "CLOSED" => Cow::Borrowed("closed"),
        "ACTIVE" => Cow::Borrowed("active"),
        other => Cow::Owned(other.to_ascii_lowercase()),
    })
}
