//! A report as a fault lets it through: with fewer records, with a foreign one, with each twice.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use serde_json::{Value, json};

use crate::faults::Kind;

/// The answer with other records, if the fault wants that and it is a report. It is held in memory whole.
pub(super) async fn bent(fault: &Kind, answer: Response) -> Response {
    if !matches!(fault, Kind::Shorter | Kind::Foreign | Kind::Doubled) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut report: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(Value::Array(records)) = report.get_mut("records") else {
        return Response::from_parts(parts, body.into());
    };
    *records = records_of(fault, std::mem::take(records));
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(report.to_string()))
}

fn records_of(fault: &Kind, records: Vec<Value>) -> Vec<Value> {
    match fault {
        Kind::Shorter => records.into_iter().step_by(2).collect(),
        Kind::Doubled => records
            .into_iter()
            .flat_map(|record| [record.clone(), record])
            .collect(),
        _ => {
            let foreign = json!({
                "id": "999999999",
                "sourceRecord": {
                    "token": "F0F0F0F0F0F0F0F0E0533F36CF0A356E", "cardNumber": "400000XXXXXX0002",
                    "cardExpiryMonth": "12", "cardExpiryYear": "2026", "cardType": "001",
                },
                "responseRecord": { "response": "ACL", "reason": "800" },
            });
            records.into_iter().chain([foreign]).collect()
        }
    }
}
