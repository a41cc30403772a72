//! BlueSnap's codes in ours. A code that is not known is kept and concludes nothing.

use reissue_connector_api::{Brand, Card, Fault, Outcome, Refused, Update};

use crate::wire::{self, Record};

/// What BlueSnap said at once of the cards of a question.
#[derive(Default)]
pub(crate) struct Tally {
    records: u64,
    accepted: u64,
    /// The cards that it will never answer.
    pub(crate) refused: Vec<Refused>,
}

impl Tally {
    /// Counts a card. A code that is not known says nothing of it: an answer may still come.
    pub(crate) fn take(&mut self, record: Record) -> Result<(), Fault> {
        self.records += 1;
        match record.code.as_str() {
            "000" => self.accepted += 1,
            // Number, expiry, payment type, card that is not supported.
            "301" | "320" | "330" | "390" => self.refused.push(Refused {
                key: record.key,
                code: record.code,
                text: record.message,
            }),
            code => tracing::warn!(card = record.key, code, "An acknowledgement is not known."),
        }
        Ok(())
    }

    /// How many cards it accepted, if it said anything of any.
    pub(crate) fn accepted(&self) -> Option<u64> {
        (self.records > 0).then_some(self.accepted)
    }
}

/// A record of the results.
pub(crate) fn update(record: &Record) -> Update<'_> {
    let (outcome, billable) = outcome(record);
    Update {
        reference: &record.key,
        provider_code: &record.code,
        provider_message: &record.message,
        billable,
        old: card(&record.old),
        ..Update::new(outcome)
    }
}

/// What a code means for the card, and whether it is charged, where BlueSnap's price list says so. One
/// that promises a new card and gives none is unknown, but still charged.
fn outcome(record: &Record) -> (Outcome<'_>, Option<bool>) {
    let new = record.new.as_ref().map(card);
    match (record.code.as_str(), new) {
        ("500", Some(new)) if new.pan.is_some() => (Outcome::NewNumber(new), Some(true)),
        ("502", Some(new)) if new.expiry.is_some() => (Outcome::NewExpiry(new), Some(true)),
        ("500" | "502", _) => (Outcome::Unknown, Some(true)),
        ("501", _) => (Outcome::Closed, Some(true)),
        ("503", _) => (Outcome::NotParticipating, Some(false)),
        ("504", _) => (Outcome::ContactCardholder, None),
        ("505", _) => (Outcome::NoMatch, None),
        ("506", _) => (Outcome::Valid, None),
        ("507", _) => (Outcome::OptedOut, None),
        _ => (Outcome::Unknown, None),
    }
}

fn card(card: &wire::Card) -> Card<'_> {
    Card {
        pan: card.number.clone(),
        expiry: card.expiry,
        brand: (!card.brand.is_empty()).then(|| Brand::from_word(&card.brand)),
        funding: &card.funding,
        ..Card::default()
    }
}
