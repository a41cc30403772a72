//! What a client should have got from a batch: an oracle for tests and the demo, independent of any connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::batch::{Batch, Report};
use super::generate::Generated;

/// Records a chunk of the ids' stream holds.
const IDS_A_CHUNK: u64 = 1000;

/// Counts by code and by outcome, and a sum of the ids that shows a lost or doubled record without listing them.
pub(super) fn expected(batch: &Batch) -> Result<Value, String> {
    let mut tally = Tally::default();
    let id_sum = match &batch.report {
        Report::Generated(report) => {
            for (shape, count) in report.tally() {
                tally.add(shape.response, shape.reason, shape.additional, count);
            }
            report.id_sum()
        }
        Report::Verbatim(body) => {
            let rows = rows(batch, body)?;
            for Row { answer, .. } in &rows {
                tally.add(
                    &answer.response,
                    &answer.reason,
                    !answer.additional_updates.is_empty(),
                    1,
                );
            }
            rows.iter()
                .filter_map(|row| row.id.as_ref()?.parse::<u128>().ok())
                .sum()
        }
        Report::Absent => 0,
    };
    Ok(json!({
        "batch": batch.id,
        "source": batch.source,
        "records": tally.codes.values().sum::<u64>(),
        "codes": tally.codes,
        "outcomes": tally.outcomes,
        "with_additional_updates": tally.additional,
        // As text: it exceeds what a JSON number holds exactly.
        "record_id_sum": id_sum.to_string(),
        "totals": batch.counts.totals,
        "billing": batch.counts.billing,
    }))
}

/// One line of JSON a record: id (where it has one), token, response, reason.
pub(super) fn ids(batch: &Batch) -> Result<Box<dyn Iterator<Item = Bytes> + Send>, String> {
    Ok(match &batch.report {
        Report::Generated(report) => Box::new(generated_ids(report.clone())),
        Report::Verbatim(body) => {
            Box::new(rows(batch, body)?.into_iter().map(|row| row.line().into()))
        }
        Report::Absent => Box::new(std::iter::empty()),
    })
}

fn generated_ids(report: Arc<Generated>) -> impl Iterator<Item = Bytes> + Send {
    let chunks = (0..report.records).step_by(IDS_A_CHUNK as usize);
    chunks.map(move |start| {
        let mut record = Vec::new();
        let lines = (start..report.records.min(start + IDS_A_CHUNK)).map(|index| {
            record.clear();
            report.write(index, &mut record);
            serde_json::from_slice::<Row>(&record)
                .expect("records are as documented")
                .line()
        });
        lines.collect::<String>().into()
    })
}

fn rows(batch: &Batch, body: &[u8]) -> Result<Vec<Row>, String> {
    let document: Document = serde_json::from_slice(body)
        .map_err(|e| format!("the report given for batch {} is not as documented, so nothing can be expected of it: {e}", batch.id))?;
    Ok(document.records)
}

#[derive(Default)]
struct Tally {
    codes: BTreeMap<String, u64>,
    outcomes: BTreeMap<&'static str, u64>,
    additional: u64,
}

impl Tally {
    fn add(&mut self, response: &str, reason: &str, additional: bool, count: u64) {
        if count == 0 {
            return;
        }
        *self
            .codes
            .entry(format!("{response} {reason}"))
            .or_default() += count;
        *self.outcomes.entry(outcome(response, reason)).or_default() += count;
        self.additional += if additional { count } else { 0 };
    }
}

/// The provider's published table of codes.
fn outcome(response: &str, reason: &str) -> &'static str {
    match (response, reason) {
        ("NAN", _) => "new_number",
        ("NED", _) => "new_expiry",
        ("ACL", _) => "closed",
        ("CCH", _) => "contact_cardholder",
        ("CUR", _) => "valid",
        ("NUP", _) => "no_match",
        ("UNA", _) => "inconclusive",
        ("DEC", "862") => "opted_out",
        (
            "DEC",
            "801" | "802" | "803" | "804" | "805" | "806" | "810" | "850" | "851" | "852" | "853"
            | "861",
        ) => "rejected",
        ("ERR", "801" | "802" | "803" | "804" | "807" | "808" | "809" | "811") => "failed",
        _ => "unknown",
    }
}

#[derive(Deserialize)]
struct Document {
    records: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: Option<String>,
    #[serde(rename = "sourceRecord")]
    card: Card,
    #[serde(rename = "responseRecord")]
    answer: Answer,
}

#[derive(Deserialize)]
struct Card {
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    response: String,
    reason: String,
    #[serde(default)]
    additional_updates: Vec<Value>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: &'a Option<String>,
    token: &'a str,
    response: &'a str,
    reason: &'a str,
}

impl Row {
    fn line(&self) -> String {
        let Self { id, card, answer } = self;
        let line = Line {
            id,
            token: &card.token,
            response: &answer.response,
            reason: &answer.reason,
        };
        let mut line = serde_json::to_string(&line).expect("it is plain data");
        line.push('\n');
        line
    }
}
