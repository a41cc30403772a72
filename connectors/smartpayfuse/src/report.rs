//! A batch's report: streamed, one update a record, however long it is.
//!
//! The keys of the report come in any order. What stands behind the records is still checked, but
//! the updates are out by then, so they lack the report's time.

use chrono::{DateTime, Utc};
use reissue_connector_api::json::{Item, JsonReader};
use reissue_connector_api::lenient::{Text, time};
use reissue_connector_api::{Fault, Outcome, Related, Response, Run, Totals, Update};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::map;
use crate::wire::{Billing, Counters, Record};

/// Emits an update for every record of the report of `batch` and returns the report's own counts.
///
/// # Errors
/// `garbled` with the position where the report is not whole, is no JSON, has no records although
/// it counts some, or belongs to another batch; and what reading and emitting say.
pub(crate) fn read(run: &Run<'_>, response: Response<'_>, batch: &str) -> Result<Totals, Fault> {
    let mut reader = JsonReader::new(response);
    let mut id = String::new();
    let mut created = None;
    let mut totals = Counters::default();
    let mut billing = None::<Billing>;
    let mut has_records = false;
    reader.object(|key, reader| {
        match key {
            "batchId" => id = text(&reader.value()?),
            "reportCreatedDate" => created = time(&text(&reader.value()?)),
            "totals" => totals = or_nothing(reader.value()?),
            "billing" => billing = Some(or_nothing(reader.value()?)),
            "records" => {
                has_records = true;
                reader.array(|item| report_one(run, item, created))?;
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    reader.end()?;

    if !id.is_empty() && id != batch {
        return Err(Fault::garbled(format!("the answer is about batch {id}")));
    }
    if !has_records && !totals.say_nothing_happened() {
        return Err(Fault::garbled("the answer has no `records`"));
    }
    Ok(totals.counts(billing.as_ref()))
}

/// A record that does not fit as it stands is read as a generic value, which takes the last of two
/// equal keys. One that does not fit even so is an unknown update.
fn report_one(
    run: &Run<'_>,
    item: &mut Item<'_>,
    reported_at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    if let Some(record) = item.read()? {
        return emit(run, &record, reported_at);
    }
    let value: Value = item.read()?.unwrap_or_default();
    if let Ok(record) = Record::deserialize(&value) {
        return emit(run, &record, reported_at);
    }
    run.emit(&Update {
        record: &text(&value["id"]),
        reference: &text(&value["sourceRecord"]["token"]),
        provider_code: &text(&value["responseRecord"]["response"]),
        provider_reason: &text(&value["responseRecord"]["reason"]),
        reported_at,
        ..Update::new(Outcome::Unknown)
    })
}

fn emit(
    run: &Run<'_>,
    record: &Record<'_>,
    reported_at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    let answer = &record.response_record;
    let related: Vec<Related<'_>> = answer
        .additional_updates
        .iter()
        .map(|other| Related {
            customer: &other.customer_id,
            payment_instrument: &other.payment_instrument_id,
            creator: &other.creator,
            state: &other.state,
            message: &other.message,
        })
        .collect();
    let (outcome, billable) = map::outcome(answer);
    run.emit(&Update {
        record: &record.id,
        reference: &record.source_record.token,
        provider_code: &answer.response,
        provider_reason: &answer.reason,
        billable,
        old: map::old_card(&record.source_record),
        related: &related,
        reported_at,
        ..Update::new(outcome)
    })
}

fn text(value: &Value) -> String {
    Text::deserialize(value)
        .map(|text| text.as_str().to_owned())
        .unwrap_or_default()
}

/// For what is good to know and stops nothing.
fn or_nothing<T: DeserializeOwned + Default>(value: Value) -> T {
    T::deserialize(value).unwrap_or_default()
}
