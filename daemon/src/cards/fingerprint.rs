//! Fingerprints: how a card is recognised without being kept.

use std::num::ParseIntError;

use serde::{Deserialize, Serialize};

use crate::seal::{Keyring, MacKey};

use super::Number;

/// A keyed MAC of a card's number or token. Sorted by its bytes, which say nothing about the card.
/// In events it is hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; Self::BYTES]);

impl Fingerprint {
    /// Its length.
    pub const BYTES: usize = 16;

    /// The bytes, for a sealed file or an event.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// A fingerprint that was written down as these bytes.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        format!("{:032x}", u128::from_be_bytes(fingerprint.0))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = ParseIntError;

    fn try_from(text: String) -> Result<Self, ParseIntError> {
        u128::from_str_radix(&text, 16).map(|number| Self(number.to_be_bytes()))
    }
}

/// Makes the fingerprints of one account's cards.
///
/// A card number has the same fingerprint in every account: it is the same card, whoever is asked.
/// A token means something in its provider's vault alone, so there the connector and the merchant
/// belong to it, and so does its kind: a vault may number customers and instruments alike.
pub struct Fingerprints {
    pan: MacKey,
    pair: MacKey,
    /// In the order of [`TokenKind::ALL`](super::TokenKind::ALL).
    token: [MacKey; 3],
}

impl Fingerprints {
    /// Of the cards of `merchant` at `connector`. What names the merchant must not change, or its
    /// tokens are forgotten: the account's name, where nothing better is known.
    pub fn of(keyring: &Keyring, connector: &str, merchant: &str) -> Self {
        use super::TokenKind;
        let token =
            |kind: TokenKind| keyring.mac_key(&["token", connector, merchant, kind.as_str()]);
        Self {
            pan: keyring.mac_key(&["pan"]),
            pair: keyring.mac_key(&["pair"]),
            token: TokenKind::ALL.map(token),
        }
    }

    /// The fingerprint of a card.
    pub fn fingerprint(&self, number: &Number<'_>) -> Fingerprint {
        Fingerprint(match number {
            Number::Pan(pan) => self.pan.sign(pan.expose().as_bytes()),
            Number::Token(kind, token) => self.token[*kind as usize].sign(token.as_bytes()),
        })
    }

    /// The fingerprint of a card together with a merchant number, under which it is subscribed.
    pub fn pair(&self, card: Fingerprint, se_number: &str) -> Fingerprint {
        let mut pair = Vec::from(card.0);
        pair.extend_from_slice(se_number.as_bytes());
        Fingerprint(self.pair.sign(&pair))
    }
}
