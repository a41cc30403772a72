//! A card on file: what a source knows of it and a submission remembers.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use reissue_connector_api::{Card, CardToAsk, Expiry, Pan};
use serde::{Deserialize, Serialize};

/// A card that we may ask about.
#[derive(Debug, Clone, Copy)]
pub struct CardOnFile<'a> {
    /// What the customer knows the card by.
    pub reference: &'a str,
    /// What the provider is asked with.
    pub number: Number<'a>,
    /// Month and year, where known.
    pub expiry: Option<Expiry>,
    /// The merchant number, for providers that need one; empty without.
    pub se_number: &'a str,
    /// When the card is charged next, where known.
    pub next_billing: Option<NaiveDate>,
}

/// What a provider is asked with. Its `Debug` shows a card number masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<'a> {
    /// The full card number.
    Pan(&'a Pan),
    /// The provider's own handle for a stored card.
    Token(TokenKind, &'a str),
}

/// What sort of handle. The order is that of the records on disk: a new kind comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The vault's customer.
    Customer,
    /// The vault's payment instrument.
    PaymentInstrument,
    /// The vault's instrument identifier.
    InstrumentIdentifier,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [
        Self::Customer,
        Self::PaymentInstrument,
        Self::InstrumentIdentifier,
    ];

    /// Its word in sources and towards connectors.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::PaymentInstrument => "payment_instrument",
            Self::InstrumentIdentifier => "instrument_identifier",
        }
    }
}

/// A word that is no [`TokenKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token's kind is customer, payment_instrument or instrument_identifier")]
pub struct NotATokenKind;

impl FromStr for TokenKind {
    type Err = NotATokenKind;

    fn from_str(word: &str) -> Result<Self, NotATokenKind> {
        let mut kinds = Self::ALL.into_iter();
        kinds
            .find(|kind| kind.as_str() == word)
            .ok_or(NotATokenKind)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Number<'a> {
    /// Which kind of token, or none for a card number. A submission holds one kind.
    pub fn token_kind(&self) -> Option<TokenKind> {
        match self {
            Self::Pan(_) => None,
            Self::Token(kind, _) => Some(*kind),
        }
    }

    fn token(&self) -> &'a str {
        match self {
            Self::Pan(_) => "",
            Self::Token(_, token) => token,
        }
    }

    fn pan(&self) -> Option<&'a Pan> {
        match self {
            Self::Pan(pan) => Some(pan),
            Self::Token(..) => None,
        }
    }
}

impl<'a> CardOnFile<'a> {
    /// The card as a connector gets it: under our key, without the customer's reference.
    pub fn to_ask(&self, key: &'a str) -> CardToAsk<'a> {
        CardToAsk {
            key,
            pan: self.number.pan(),
            token: self.number.token(),
            token_kind: self.number.token_kind().map_or("", TokenKind::as_str),
            expiry: self.expiry,
            se_number: self.se_number,
        }
    }

    /// The card as the `old` of an update.
    pub fn as_old(&self) -> Card<'a> {
        let token = self.number.token();
        let mut card = Card {
            token,
            pan: self.number.pan().cloned(),
            expiry: self.expiry,
            ..Card::default()
        };
        match self.number.token_kind() {
            None => {}
            Some(TokenKind::Customer) => card.customer = token,
            Some(TokenKind::PaymentInstrument) => card.payment_instrument = token,
            Some(TokenKind::InstrumentIdentifier) => card.instrument_identifier = token,
        }
        card
    }
}
