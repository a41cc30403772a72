//! The provider's answers. Only the one that says "not ready" has an XML declaration; results do not name their
//! batch, and write years with two digits, though the schema wants both otherwise.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use quick_xml::escape::escape;

use super::NAMESPACE;
use super::batch::{Batch, Row};
use super::cards::{kind, message};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// What is said at once of a batch that was taken.
pub(super) fn acknowledgement(batch: &Batch, leak: Option<&str>) -> Response {
    let mut body = tag("account-update-batch-id", &batch.id);
    body += &tag("response-code", "0");
    body += &tag("response-message", leak.unwrap_or("Valid Format"));
    for (asked, (code, words)) in &batch.cards {
        let number = tag("card-number", &asked.card);
        let expiry = tag("expiration-month", &asked.month) + &tag("expiration-year", &asked.year);
        let card = number + &expiry;
        body += &update(&asked.id, code, leak.unwrap_or(words), &card, None);
    }
    document(DECLARATION, &body)
}

/// That there are no results yet, which is HTTP 200 too.
pub(super) fn not_ready(batch: &Batch, leak: Option<&str>) -> Response {
    let words = format!(
        "The account update file for batch Id {} is not ready yet. Please try again later.",
        batch.id
    );
    let body = tag("response-code", "20005") + &tag("response-message", leak.unwrap_or(&words));
    document(DECLARATION, &body)
}

/// The results.
pub(super) fn results(rows: &[Row], now: DateTime<Utc>, leak: Option<&str>) -> Response {
    let day = format!("Merchant Fiscal Day: {}", now.format("%m%d%Y"));
    let mut body = tag("response-code", "0") + &tag("response-message", leak.unwrap_or(&day));
    for row in rows {
        // Which sub-type is not known: those of the documented results differ before and after.
        let old = card(&row.asked.card, &row.asked.exp, "DEBIT");
        let new = row
            .new
            .as_ref()
            .map(|new| card(&new.card, &new.exp, "CREDIT"));
        let words = leak.unwrap_or_else(|| message(&row.code));
        body += &update(&row.asked.id, &row.code, words, &old, new.as_deref());
    }
    document("", &body)
}

/// A refusal in the provider's own shape. `property` is what was wrong, where that can be said.
pub(super) fn refusal(status: StatusCode, description: &str, property: Option<&str>) -> Response {
    let name = status.canonical_reason().unwrap_or("Error");
    let mut message = tag("error-name", &name.to_ascii_uppercase().replace(' ', "_"));
    message += &tag("code", "10000");
    message += &tag("description", description);
    if let Some(name) = property {
        message += &format!("<invalid-property>{}</invalid-property>", tag("name", name));
    }
    let body = format!(
        "{DECLARATION}<messages xmlns=\"{NAMESPACE}\"><message>{message}</message></messages>"
    );
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}

fn document(declaration: &str, body: &str) -> Response {
    let body = format!(
        "{declaration}<batch-account-update xmlns=\"{NAMESPACE}\">\n{body}</batch-account-update>\n"
    );
    ([(CONTENT_TYPE, "application/xml;charset=UTF-8")], body).into_response()
}

fn update(id: &str, code: &str, words: &str, old: &str, new: Option<&str>) -> String {
    let mut update = tag("merchant-updater-id", id)
        + &tag("update-response-code", code)
        + &tag("update-response-message", words);
    for (name, card) in [("original-card", Some(old)), ("updated-card", new)] {
        if let Some(card) = card {
            let written = write!(
                update,
                "<{name}>\n<credit-card>\n{card}</credit-card>\n</{name}>\n"
            );
            written.expect("writing to memory cannot fail");
        }
    }
    format!("<account-update>\n{update}</account-update>\n")
}

fn card(number: &str, exp: &str, sub_type: &str) -> String {
    let (month, year) = exp.split_once('/').unwrap_or((exp, ""));
    tag("card-number", number)
        + &tag("card-type", kind(number).unwrap_or("OTHER"))
        + &tag("card-sub-type", sub_type)
        + &tag("expiration-month", month)
        + &tag("expiration-year", year)
}

fn tag(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>\n", escape(text))
}
