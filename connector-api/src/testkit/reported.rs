//! Updates as a test sees them: owned, and comparable.

use chrono::{DateTime, Utc};

use crate::card::Pan;
use crate::update::{Card, Update};

/// An update as it was reported, with its texts owned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// The provider's record id.
    pub record: String,
    /// The reference.
    pub reference: String,
    /// The outcome's word.
    pub outcome: String,
    /// The provider's code, reason and words.
    pub provider: (String, String, String),
    /// Whether the provider charges.
    pub billable: Option<bool>,
    /// The merchant number.
    pub se_number: String,
    /// The card that was asked about.
    pub old: ReportedCard,
    /// The new card, where the outcome carries one.
    pub new: Option<ReportedCard>,
    /// Customer, payment instrument, creator, state and message of each related record.
    pub related: Vec<[String; 5]>,
    /// When the provider reported it.
    pub reported_at: Option<DateTime<Utc>>,
}

/// A card as it was reported, with its texts owned and its number masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of `Card`")]
pub struct ReportedCard {
    pub token: String,
    pub pan: Option<Pan>,
    pub pan_masked: String,
    pub expiry: String,
    pub brand: String,
    pub funding: String,
    pub customer: String,
    pub payment_instrument: String,
    pub instrument_identifier: String,
    pub instrument_identifier_created: Option<bool>,
}

impl From<&Update<'_>> for Reported {
    fn from(update: &Update<'_>) -> Self {
        Self {
            record: update.record.to_owned(),
            reference: update.reference.to_owned(),
            outcome: update.outcome.as_str().to_owned(),
            provider: (
                update.provider_code.to_owned(),
                update.provider_reason.to_owned(),
                update.provider_message.to_owned(),
            ),
            billable: update.billable,
            se_number: update.se_number.to_owned(),
            old: ReportedCard::from(&update.old),
            new: update.outcome.new_card().map(ReportedCard::from),
            related: update
                .related
                .iter()
                .map(|one| {
                    [
                        one.customer,
                        one.payment_instrument,
                        one.creator,
                        one.state,
                        one.message,
                    ]
                    .map(str::to_owned)
                })
                .collect(),
            reported_at: update.reported_at,
        }
    }
}

impl From<&Card<'_>> for ReportedCard {
    fn from(card: &Card<'_>) -> Self {
        Self {
            token: card.token.to_owned(),
            pan: card.pan.clone(),
            pan_masked: card.pan_masked.to_owned(),
            expiry: card
                .expiry
                .map(|expiry| expiry.to_string())
                .unwrap_or_default(),
            brand: card.brand.map_or("", |brand| brand.as_str()).to_owned(),
            funding: card.funding.to_owned(),
            customer: card.customer.to_owned(),
            payment_instrument: card.payment_instrument.to_owned(),
            instrument_identifier: card.instrument_identifier.to_owned(),
            instrument_identifier_created: card.instrument_identifier_created,
        }
    }
}
