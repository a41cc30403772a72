//! How the provider's views bend the facts of a batch: the same field has other types, words, formats and gaps in the
//! list, the status and the report. What is not fixed by the view varies over the batches, so that a client meets all
//! of it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::batch::{Batch, Source};

/// `2020-01-23T11:16:13Z`
pub(super) fn colons(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2020-02-13T13.59.13Z`: the status alone writes time this way.
pub(super) fn dots(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H.%M.%SZ").to_string()
}

/// The status word: the views do not agree on how to say that a batch is complete.
pub(super) fn word(batch: &Batch, now: DateTime<Utc>, when_complete: &str) -> String {
    match &batch.status {
        Some(word) => word.clone(),
        None if batch.is_complete(now) => when_complete.to_owned(),
        None => "PROCESSING".to_owned(),
    }
}

/// `COMPLETE`, `COMPLETED` or `Completed`.
pub(super) fn complete_in_status(batch: &Batch) -> &'static str {
    match (batch.source, batch.variant() % 3) {
        (Source::TokenApi, _) | (_, 1) => "COMPLETED",
        (_, 2) => "Completed",
        _ => "COMPLETE",
    }
}

/// The list: nothing for registrations, one counter for a quiet day or an unfinished batch, now and then a gap.
pub(super) fn totals_in_list(batch: &Batch, now: DateTime<Utc>) -> Option<Value> {
    let totals = batch.counts.totals.as_ref()?;
    if batch.counts.fixed {
        return Some(json!(totals));
    }
    let quiet =
        batch.source == Source::AmexMaintenance && totals.get("caResponses") == Some(&json!(0));
    match batch.source {
        Source::AmexRegistryApi => None,
        _ if quiet || !batch.is_complete(now) => Some(only(totals, &["acceptedRecords"])),
        _ if batch.variant().is_multiple_of(4) => Some(without(totals, "caResponsesOmitted")),
        _ => Some(json!(totals)),
    }
}

/// The status: fewer while the batch is processed; one-off batches write numbers as text with a comma inside.
pub(super) fn totals_in_status(batch: &Batch, now: DateTime<Utc>) -> Option<Value> {
    let totals = batch.counts.totals.as_ref()?;
    if batch.counts.fixed {
        return Some(json!(totals));
    }
    Some(match batch.source {
        _ if !batch.is_complete(now) => only(totals, &["acceptedRecords", "rejectedRecords"]),
        Source::TokenApi => as_text(totals, "caResponsesOmitted"),
        _ => json!(totals),
    })
}

/// Only one-off batches show billing in their status, as text too.
pub(super) fn billing_in_status(batch: &Batch, now: DateTime<Utc>) -> Option<Value> {
    let billing = batch.counts.billing.as_ref()?;
    (batch.source == Source::TokenApi && batch.is_complete(now)).then(|| as_text(billing, "cch"))
}

/// The report: the daily one lacks `acceptedRecords`, that of a registration has nothing else but the refusals.
pub(super) fn totals_in_report(batch: &Batch) -> Option<Value> {
    let totals = batch.counts.totals.as_ref()?;
    Some(match batch.source {
        _ if batch.counts.fixed => json!(totals),
        Source::AmexMaintenance => without(totals, "acceptedRecords"),
        Source::AmexRegistryApi => only(totals, &["acceptedRecords", "rejectedRecords"]),
        Source::Scheduler | Source::TokenApi => json!(totals),
    })
}

/// The report up to its first record, with the text of a leak where the merchant's reference stands.
pub(super) fn report_head(batch: &Batch, leak: Option<&str>) -> Vec<u8> {
    let mut head = Head {
        version: "1.0",
        report_created_date: colons(batch.ready_at),
        batch_id: &batch.id,
        batch_source: batch.source,
        batch_ca_endpoints: batch.source.endpoints().join(","),
        batch_created_date: colons(batch.created),
        merchant_reference: leak.or(batch.reference()),
        totals: totals_in_report(batch),
        billing: batch.counts.billing.as_ref(),
    };
    if batch.source == Source::AmexMaintenance {
        head.merchant_reference = leak;
    }
    let mut head = serde_json::to_vec(&head).expect("it is plain data");
    head.pop();
    head.extend_from_slice(b",\"records\":[");
    head
}

/// In the documented order: a client that reads a stream meets the totals first.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    version: &'static str,
    report_created_date: String,
    batch_id: &'a str,
    batch_source: Source,
    batch_ca_endpoints: String,
    batch_created_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<&'a Map<String, Value>>,
}

/// A record with the text of a leak where the provider would never put a card number, and where it would mask one.
pub(super) fn leaking(record: &[u8], text: &str) -> Vec<u8> {
    let mut record: Value = serde_json::from_slice(record).expect("records are JSON");
    record["sourceRecord"]["cardNumber"] = json!(text);
    let answer = &mut record["responseRecord"];
    if answer["cardNumber"].is_string() {
        answer["cardNumber"] = json!(text);
    }
    answer["additionalUpdates"] = json!([{ "state": "CLOSED", "message": text }]);
    record.to_string().into()
}

fn only(counters: &Map<String, Value>, names: &[&str]) -> Value {
    let kept = counters
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()));
    Value::Object(
        kept.map(|(name, count)| (name.clone(), count.clone()))
            .collect(),
    )
}

fn without(counters: &Map<String, Value>, name: &str) -> Value {
    let mut kept = counters.clone();
    kept.remove(name);
    Value::Object(kept)
}

/// Every counter but the last as text with a comma inside: `"9,"`.
fn as_text(counters: &Map<String, Value>, last: &str) -> Value {
    let text = |(name, count): (&String, &Value)| {
        let count = if name == last {
            count.clone()
        } else {
            json!(format!("{count},"))
        };
        (name.clone(), count)
    };
    Value::Object(counters.iter().map(text).collect())
}
