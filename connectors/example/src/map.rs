//! Example's words in ours: states, codes, cards. A word that is not known is kept and concludes
//! nothing.

use reissue_connector_api::lenient::time;
use reissue_connector_api::{Brand, Card, Found, FoundState, Outcome, Totals, Update};

use crate::wire::{self, Record, Report};

/// A report of the list.
pub(crate) fn found(report: &Report) -> Found {
    let mut found = Found::new(&report.id, state(report));
    found.created = time(&report.created_at);
    found.purge = time(&report.purged_at);
    found.totals = Totals {
        records: report.records.0,
        ..Totals::default()
    };
    found
}

/// How far a report has got.
pub(crate) fn state(report: &Report) -> FoundState {
    match report.state.as_str() {
        "ready" => FoundState::Ready,
        "failed" => FoundState::Failed(report.reason.clone()),
        _ => FoundState::Running,
    }
}

/// A record of the report.
pub(crate) fn update<'a>(record: &'a Record<'a>) -> Update<'a> {
    Update {
        record: &record.id,
        reference: &record.card.token,
        provider_code: &record.code,
        old: card(&record.card),
        ..Update::new(outcome(record))
    }
}

/// What a code means for the card. One that promises a new card and gives none is unknown.
fn outcome<'a>(record: &'a Record<'a>) -> Outcome<'a> {
    let new = record.new_card.as_ref().map(card);
    match (record.code.as_str(), new) {
        ("replaced", Some(new)) if !new.token.is_empty() => Outcome::NewNumber(new),
        ("extended", Some(new)) if new.expiry.is_some() => Outcome::NewExpiry(new),
        ("closed", _) => Outcome::Closed,
        ("ask_cardholder", _) => Outcome::ContactCardholder,
        ("current", _) => Outcome::Valid,
        ("not_found", _) => Outcome::NoMatch,
        _ => Outcome::Unknown,
    }
}

fn card<'a>(card: &'a wire::Card<'a>) -> Card<'a> {
    Card {
        token: &card.token,
        pan_masked: &card.number,
        expiry: card.expires.parse().ok(),
        brand: (!card.network.is_empty()).then(|| Brand::from_word(&card.network)),
        ..Card::default()
    }
}
