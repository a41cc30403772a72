//! What the provider accepts: the documented fields, all of them and no others.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::number::is_number;

use super::cards;
use super::say::Failure;

/// The most cards in a batch.
const LARGEST: usize = 10_000;

/// `POST /api/merchant`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMerchant {
    pub(super) name: String,
    description: String,
    website: String,
    phone: String,
    phone_ext: String,
    receipt_email: String,
    timezone: String,
    fee_schedule_id: String,
    primary_contact: Contact,
    pub(super) user: User,
    pub(super) accept_tos: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    first_name: String,
    last_name: String,
    company: String,
    address_line_1: String,
    address_line_2: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
    phone: String,
    email: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) username: String,
    email: String,
    status: String,
    role: String,
    pub(super) create_api_key: bool,
}

/// `POST /api/accept-tos`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    pub(super) name: String,
    pub(super) title: String,
    account_type: String,
    account_type_id: String,
    #[serde(rename = "type")]
    kind: String,
    version: u32,
}

/// `POST /api/cardsync/enrollment`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enrolment {
    legal_business_name: String,
    type_of_biller: String,
    total_number_of_records: u32,
    number_of_visa: u32,
    number_of_mastercard: u32,
    number_of_discover: u32,
    number_of_amex: u32,
    delivery_frequency: String,
    mcc: String,
}

/// `POST /api/cardsync/batch`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBatch {
    pub(super) cards: Vec<Question>,
}

/// One card that is asked about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// The merchant's; nobody makes sure that it is unique.
    pub(super) id: String,
    pub(super) card: String,
    pub(super) exp: String,
}

/// The body as that request.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|e| Failure::new(format!("invalid request: {e}")))
}

impl NewMerchant {
    pub(super) fn check(&self) -> Result<(), Failure> {
        filled_in(self, &["phone_ext", "address_line_2"])
    }
}

impl Terms {
    pub(super) fn check(&self, merchant: &str) -> Result<(), Failure> {
        for (given, name, expected) in [
            (self.account_type.as_str(), "account_type", "merchant"),
            (&self.account_type_id, "account_type_id", merchant),
            (&self.kind, "type", "cardsync"),
        ] {
            if given != expected {
                return Err(Failure::new(format!("invalid {name}")));
            }
        }
        if self.version != 2 || self.name.is_empty() || self.title.is_empty() {
            return Err(Failure::new("invalid terms"));
        }
        Ok(())
    }
}

impl Enrolment {
    pub(super) fn check(&self) -> Result<(), Failure> {
        filled_in(self, &[])?;
        let daily = ["daily", "weekly", "monthly"].contains(&self.delivery_frequency.as_str());
        if !daily || !self.mcc.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failure::new("invalid enrollment"));
        }
        Ok(())
    }
}

impl NewBatch {
    /// One bad card and nothing is taken: what becomes of the others is not documented.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if !(1..=LARGEST).contains(&self.cards.len()) {
            return Err(Failure::new(format!(
                "a batch has 1 to {LARGEST} cards, not {}",
                self.cards.len()
            )));
        }
        let is_good =
            |it: &Question| !it.id.is_empty() && is_number(&it.card) && cards::is_expiry(&it.exp);
        match self.cards.iter().position(|card| !is_good(card)) {
            None => Ok(()),
            Some(at) => Err(Failure::new(format!("card {} is invalid", at + 1))),
        }
    }
}

fn filled_in(request: &impl Serialize, may_be_empty: &[&str]) -> Result<(), Failure> {
    fn empty(value: &Value, may_be_empty: &[&str]) -> Option<String> {
        let members = value.as_object()?.iter();
        let mut members = members.filter(|(name, _)| !may_be_empty.contains(&name.as_str()));
        members.find_map(|(name, value)| match value.as_str() {
            Some(text) => text.is_empty().then(|| name.clone()),
            None => empty(value, may_be_empty),
        })
    }
    let request = serde_json::to_value(request).expect("it is plain data");
    match empty(&request, may_be_empty) {
        None => Ok(()),
        Some(name) => Err(Failure::new(format!("{name} is required"))),
    }
}
