//! CardSync's words in ours: the states of enrolments and batches, and what became of a card. A word
//! that is not known is kept and concludes nothing.

use reissue_connector_api::lenient::time;
use reissue_connector_api::{Card, EnrolState, Found, FoundState, Outcome, Pan};

use crate::wire::{Batch, Row};

/// Where an enrolment stands. An active one counts at once, with or without a time of activation:
/// partners with Interim Activation get there in one step.
pub(crate) fn enrolment(status: &str) -> EnrolState {
    match status.to_ascii_lowercase().as_str() {
        "active" => EnrolState::Active,
        _ => EnrolState::Pending,
    }
}

/// A batch that was just created.
pub(crate) fn found(batch: &Batch) -> Found {
    let mut found = Found::new(&batch.batch_id, state(&batch.status));
    found.created = time(&batch.created_at);
    found.totals = batch.stats.counts();
    found
}

/// How far a batch has got. No word for a failure is documented.
pub(crate) fn state(status: &str) -> FoundState {
    match status.to_ascii_lowercase().as_str() {
        "completed" => FoundState::Ready,
        _ => FoundState::Running,
    }
}

/// What became of a card. An answer without what its word promises is unknown.
pub(crate) fn outcome<'a>(row: &Row<'_>) -> Outcome<'a> {
    let new = || Card {
        pan: Pan::received(&row.card).ok(),
        expiry: row.exp.parse().ok(),
        ..Card::default()
    };
    match row.status.to_ascii_lowercase().as_str() {
        "updated_card" => match new() {
            card if card.pan.is_some() => Outcome::NewNumber(card),
            _ => Outcome::Unknown,
        },
        "updated_expiry" => match new() {
            card if card.expiry.is_some() => Outcome::NewExpiry(card),
            _ => Outcome::Unknown,
        },
        "no_match" => Outcome::NoMatch,
        "valid" => Outcome::Valid,
        "contact" => Outcome::ContactCardholder,
        "contact_closed" | "closed" => Outcome::Closed,
        _ => Outcome::Unknown,
    }
}
