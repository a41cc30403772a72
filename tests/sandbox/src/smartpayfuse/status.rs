//! `GET /accountupdater/v1/batches/{id}/status`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::batch::{Batch, Source};
use super::{PATH, views};

/// Describes one batch; `leak` takes the place of the description.
pub(super) fn status(batch: &Batch, origin: &str, leak: Option<&str>, now: DateTime<Utc>) -> Value {
    let url = format!("{origin}{PATH}/{}", batch.id);
    let complete = batch.is_complete(now);
    let mut status = json!({
        "_links": { "self": { "href": format!("{url}/status") } },
        "batchCaEndpoints": batch.source.endpoints().join(","),
        "batchCreatedDate": views::dots(batch.created),
        "batchId": batch.id,
        "batchSource": batch.source,
        "description": leak.unwrap_or_else(|| description(batch, complete)),
        "status": views::word(batch, now, views::complete_in_status(batch)),
    });
    if let Some(reference) = batch.reference() {
        status["merchantReference"] = json!(reference);
    }
    if complete {
        // The published example of a one-off batch links to itself.
        let last = if batch.source == Source::TokenApi {
            "status"
        } else {
            "report"
        };
        status["_links"]["report"] = json!([{ "href": format!("{url}/{last}") }]);
    }
    if let Some(totals) = views::totals_in_status(batch, now) {
        status["totals"] = totals;
    }
    if let Some(billing) = views::billing_in_status(batch, now) {
        status["billing"] = billing;
    }
    status
}

/// Boilerplate: it promises updates and a report where there are none.
fn description(batch: &Batch, complete: bool) -> &'static str {
    match (batch.source, complete) {
        (_, false) => "Batch is being processed.",
        (Source::TokenApi, true) => "Batch processing complete. Report URL now available.",
        _ => "Updates have been applied to your tokens. A batch report is available.",
    }
}
