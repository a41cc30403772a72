//! One normalised answer about one card: what a connector reports and a billing system consumes.

use chrono::{DateTime, Utc};

use crate::card::{Brand, Expiry, Pan};

/// One answer about one card, borrowed from the provider's message for the moment of `Run::emit`.
///
/// The daemon adds what only it knows: the account, the job, the batch, when it was collected and
/// when we asked. An empty text means that the provider gave none.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// The provider's id of this record; without one the position in the batch serves.
    pub record: &'a str,
    /// What the customer knows the card by: the submitted token, or our card key, which the daemon
    /// replaces by the customer's own reference.
    pub reference: &'a str,
    /// What the provider says about the card.
    pub outcome: Outcome<'a>,
    /// The provider's own code, kept as text.
    pub provider_code: &'a str,
    /// The provider's reason for the code.
    pub provider_reason: &'a str,
    /// The provider's words, if any.
    pub provider_message: &'a str,
    /// Whether the provider charges for this answer, where it says so.
    pub billable: Option<bool>,
    /// The merchant number that the answer belongs to, where a card has several.
    pub se_number: &'a str,
    /// The card that was asked about.
    pub old: Card<'a>,
    /// Other records of the provider that still point at the old card.
    pub related: &'a [Related<'a>],
    /// When the provider reported it.
    pub reported_at: Option<DateTime<Utc>>,
}

impl<'a> Update<'a> {
    /// An update with nothing but an outcome; fill in what the provider gives.
    pub fn new(outcome: Outcome<'a>) -> Self {
        Self {
            record: "",
            reference: "",
            outcome,
            provider_code: "",
            provider_reason: "",
            provider_message: "",
            billable: None,
            se_number: "",
            old: Card::default(),
            related: &[],
            reported_at: None,
        }
    }
}

/// What became of a card. Only the first two carry a new one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// A new number, perhaps with a new expiry.
    NewNumber(Card<'a>),
    /// The same number with a new expiry.
    NewExpiry(Card<'a>),
    /// The account is closed.
    Closed,
    /// The issuer wants the cardholder to be asked.
    ContactCardholder,
    /// Confirmed as current.
    Valid,
    /// The network does not know the card.
    NoMatch,
    /// The issuer takes no part.
    NotParticipating,
    /// The cardholder opted out.
    OptedOut,
    /// Asked about, and no answer came.
    NoChange,
    /// The provider could not tell.
    Inconclusive,
    /// What we asked was refused.
    Rejected,
    /// The provider failed on this card.
    Failed,
    /// A code that this connector does not know; nothing may be concluded from it.
    Unknown,
}

impl<'a> Outcome<'a> {
    /// Every word that can stand in updates.
    pub const WORDS: [&'static str; 13] = [
        "new_number",
        "new_expiry",
        "closed",
        "contact_cardholder",
        "valid",
        "no_match",
        "not_participating",
        "opted_out",
        "no_change",
        "inconclusive",
        "rejected",
        "failed",
        "unknown",
    ];

    /// The word that stands in updates.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NewNumber(_) => "new_number",
            Self::NewExpiry(_) => "new_expiry",
            Self::Closed => "closed",
            Self::ContactCardholder => "contact_cardholder",
            Self::Valid => "valid",
            Self::NoMatch => "no_match",
            Self::NotParticipating => "not_participating",
            Self::OptedOut => "opted_out",
            Self::NoChange => "no_change",
            Self::Inconclusive => "inconclusive",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome of that word; `card` is used by those that carry one, and a word of a newer
    /// connector is `Unknown`.
    pub fn from_word(word: &str, card: Option<Card<'a>>) -> Self {
        match (word, card) {
            ("new_number", Some(card)) => Self::NewNumber(card),
            ("new_expiry", Some(card)) => Self::NewExpiry(card),
            ("closed", _) => Self::Closed,
            ("contact_cardholder", _) => Self::ContactCardholder,
            ("valid", _) => Self::Valid,
            ("no_match", _) => Self::NoMatch,
            ("not_participating", _) => Self::NotParticipating,
            ("opted_out", _) => Self::OptedOut,
            ("no_change", _) => Self::NoChange,
            ("inconclusive", _) => Self::Inconclusive,
            ("rejected", _) => Self::Rejected,
            ("failed", _) => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// The new card, where the outcome carries one.
    pub fn new_card(&self) -> Option<&Card<'a>> {
        match self {
            Self::NewNumber(card) | Self::NewExpiry(card) => Some(card),
            _ => None,
        }
    }
}

/// What is known of a card, old or new. Everything is optional: providers differ.
#[derive(Debug, Clone, Default)]
pub struct Card<'a> {
    /// The provider's handle for the stored card.
    pub token: &'a str,
    /// The full number, where the provider returns it. It leaves the daemon sealed or encrypted.
    pub pan: Option<Pan>,
    /// The provider's masked number, as given; its length says nothing about the card's.
    pub pan_masked: &'a str,
    /// Month and year.
    pub expiry: Option<Expiry>,
    /// The network.
    pub brand: Option<Brand<'a>>,
    /// `credit`, `debit`, … in the provider's word.
    pub funding: &'a str,
    /// The vault's customer.
    pub customer: &'a str,
    /// The vault's payment instrument.
    pub payment_instrument: &'a str,
    /// The vault's instrument identifier.
    pub instrument_identifier: &'a str,
    /// Whether the vault made that identifier for this update.
    pub instrument_identifier_created: Option<bool>,
}

/// A record in the provider's vault that still points at the old card and needs follow-up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Related<'a> {
    /// The vault's customer.
    pub customer: &'a str,
    /// The vault's payment instrument.
    pub payment_instrument: &'a str,
    /// Who made it.
    pub creator: &'a str,
    /// Its state, in lower case.
    pub state: &'a str,
    /// The provider's words.
    pub message: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_the_outcome_of_its_word() {
        let outcomes = Outcome::WORDS.map(|word| Outcome::from_word(word, Some(Card::default())));
        assert_eq!(outcomes.each_ref().map(Outcome::as_str), Outcome::WORDS);
        for outcome in outcomes {
            // Does not compile with an outcome more, which needs its word in `WORDS` too.
            match outcome {
                Outcome::NewNumber(_)
                | Outcome::NewExpiry(_)
                | Outcome::Closed
                | Outcome::ContactCardholder
                | Outcome::Valid
                | Outcome::NoMatch
                | Outcome::NotParticipating
                | Outcome::OptedOut
                | Outcome::NoChange
                | Outcome::Inconclusive
                | Outcome::Rejected
                | Outcome::Failed
                | Outcome::Unknown => {}
            }
        }
    }
}
