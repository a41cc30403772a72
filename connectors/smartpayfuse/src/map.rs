//! The provider's words in ours: batch sources to jobs, statuses to states, response codes to
//! outcomes. A word that is not known is kept and concludes nothing.

use reissue_connector_api::lenient::time;
use reissue_connector_api::{Brand, Card, Expiry, Found, FoundState, Outcome};

use crate::jobs;
use crate::wire::{Batch, ResponseRecord, SourceRecord};

/// The job that lists batches of a source; none for a source that is not documented.
pub(crate) fn job_of(source: &str) -> Option<&'static str> {
    match source.to_ascii_uppercase().as_str() {
        "AMEX_MAINTENANCE" => Some(jobs::AMEX_DAILY),
        "SCHEDULER" => Some(jobs::HARVEST),
        // The provider's own enumeration misspells one of them.
        "AMEX_REGISTRY_API" | "AMEX_REGISTRY_API_SYNC" | "AMEX_REGISTRY" | "AMEX_REGSITRY" => {
            Some(jobs::REGISTRY_REPORTS)
        }
        "TOKEN_API" => Some(jobs::ONE_OFF_REPORTS),
        // Another product, answered by encrypted files: known, and nobody's here.
        "CREDIT_CARD_FILE_UPLOAD" => Some("card-file-upload"),
        _ => None,
    }
}

/// A row of the list.
pub(crate) fn found(row: &Batch<'_>) -> Found {
    let mut found = Found::new(row.batch_id.as_str(), state(row))
        .fact("source", row.batch_source.as_str())
        .fact("endpoints", row.batch_ca_endpoints.0.join(", "))
        .fact("reference", row.merchant_reference.as_str());
    found.submission = submission(row);
    found.created = time(&row.batch_created_date);
    found.totals = row.totals.counts(None);
    found
}

/// The submission that a batch says it is: what the provider makes by itself carries the merchant's name
/// in the same place.
pub(crate) fn submission(batch: &Batch<'_>) -> Option<String> {
    let reference = batch.merchant_reference.as_str();
    (was_submitted(batch) && !reference.is_empty()).then(|| reference.to_owned())
}

/// Whether somebody submitted a batch.
pub(crate) fn was_submitted(batch: &Batch<'_>) -> bool {
    let job = job_of(&batch.batch_source);
    matches!(job, Some(jobs::REGISTRY_REPORTS | jobs::ONE_OFF_REPORTS))
}

/// How far a batch has got. The description is boilerplate that may contradict the counters, so it
/// explains a failure and decides nothing.
pub(crate) fn state(batch: &Batch<'_>) -> FoundState {
    let status = batch.status.as_str();
    match status.to_ascii_lowercase().as_str() {
        "complete" | "completed" => FoundState::Ready,
        "rejected" | "declined" | "failed" => FoundState::Failed(if batch.description.is_empty() {
            status.to_owned()
        } else {
            format!("{status}: {}", batch.description)
        }),
        _ => FoundState::Running,
    }
}

/// Whether a complete batch may be without a report: a registration has one only if some of its
/// tokens were refused, though its row in the list links to one in any case.
pub(crate) fn is_registration(job: &str, status: &Batch<'_>) -> bool {
    matches!(job, jobs::REGISTRY_REPORTS | jobs::AMEX_REGISTRATION)
        || job_of(&status.batch_source) == Some(jobs::REGISTRY_REPORTS)
}

/// What an answer means for the card, and whether it is charged.
///
/// The same reason means different things under different responses, so the pair decides. `DEC` was
/// refused before anybody was asked and `ERR` after; neither changes a card, so there a reason that
/// was added since is harmless. An answer without the new card that its code promises is unknown,
/// but still charged.
pub(crate) fn outcome<'a>(answer: &'a ResponseRecord<'a>) -> (Outcome<'a>, Option<bool>) {
    match (&code(&answer.response), answer.reason.as_str()) {
        (b"NAN", "800") => (new_number(answer), Some(true)),
        (b"NED", "800") => (new_expiry(answer), Some(true)),
        (b"ACL", "800") => (Outcome::Closed, Some(true)),
        (b"CCH", "800") => (Outcome::ContactCardholder, Some(true)),
        (b"CUR", "800") => (Outcome::Valid, Some(false)),
        (b"NUP", _) => (Outcome::NoMatch, Some(false)),
        (b"UNA", _) => (Outcome::Inconclusive, Some(false)),
        (b"DEC", "862") => (Outcome::OptedOut, Some(false)),
        (b"DEC", _) => (Outcome::Rejected, Some(false)),
        (b"ERR", _) => (Outcome::Failed, Some(false)),
        _ => (Outcome::Unknown, None),
    }
}

/// The card that an answer is about.
pub(crate) fn old_card<'a>(source: &'a SourceRecord<'a>) -> Card<'a> {
    Card {
        token: &source.token,
        pan_masked: &source.card_number,
        expiry: expiry(&source.card_expiry_year, &source.card_expiry_month),
        brand: brand(&source.card_type),
        customer: &source.customer_id,
        payment_instrument: &source.payment_instrument_id,
        instrument_identifier: &source.instrument_identifier_id,
        ..Card::default()
    }
}

fn new_number<'a>(answer: &'a ResponseRecord<'a>) -> Outcome<'a> {
    let named = [
        &answer.token,
        &answer.card_number,
        &answer.instrument_identifier_id,
    ];
    if named.iter().all(|name| name.is_empty()) {
        return Outcome::Unknown;
    }
    Outcome::NewNumber(new_card(answer))
}

fn new_expiry<'a>(answer: &'a ResponseRecord<'a>) -> Outcome<'a> {
    let card = new_card(answer);
    match card.expiry {
        Some(_) => Outcome::NewExpiry(card),
        None => Outcome::Unknown,
    }
}

fn new_card<'a>(answer: &'a ResponseRecord<'a>) -> Card<'a> {
    Card {
        token: &answer.token,
        pan_masked: &answer.card_number,
        expiry: expiry(&answer.card_expiry_year, &answer.card_expiry_month),
        brand: brand(&answer.card_type),
        instrument_identifier: &answer.instrument_identifier_id,
        instrument_identifier_created: answer.instrument_identifier_created.0,
        ..Card::default()
    }
}

/// Three capitals; anything else is no code.
fn code(response: &str) -> [u8; 3] {
    let code = <[u8; 3]>::try_from(response.as_bytes()).unwrap_or_default();
    code.map(|byte| byte.to_ascii_uppercase())
}

fn expiry(year: &str, month: &str) -> Option<Expiry> {
    Expiry::from_texts(year, month).ok()
}

fn brand(card_type: &str) -> Option<Brand<'_>> {
    match card_type {
        "" => None,
        "001" => Some(Brand::Visa),
        "002" => Some(Brand::Mastercard),
        "003" => Some(Brand::Amex),
        other => Some(Brand::Other(other)),
    }
}
