//! `[fees.NAME]`: what a provider's answers cost.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::value::price::{self, Price};
use crate::fault::fault;

/// `[fees.NAME]`, by the name of the connector: what one answer of each outcome costs.
///
/// Nothing is paid by it: `reissue plan` estimates with it, and `reissue batch show` adds up.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// The currency of all prices, by its ISO code. Required.
    #[serde(deserialize_with = "currency")]
    #[schemars(with = "String", regex(pattern = "^[A-Z]{3}$"))]
    pub currency: String,
    /// A new number, perhaps with a new expiry. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub new_number: Option<Price>,
    /// The same number with a new expiry. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub new_expiry: Option<Price>,
    /// The account is closed. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub closed: Option<Price>,
    /// The issuer wants the cardholder to be asked. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub contact_cardholder: Option<Price>,
    /// Confirmed as current. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub valid: Option<Price>,
    /// The network does not know the card. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub no_match: Option<Price>,
    /// The issuer takes no part. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub not_participating: Option<Price>,
    /// The cardholder opted out. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub opted_out: Option<Price>,
    /// Asked about, and no answer came. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub no_change: Option<Price>,
    /// The provider could not tell. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub inconclusive: Option<Price>,
    /// What was asked was refused. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub rejected: Option<Price>,
    /// The provider failed on this card. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub failed: Option<Price>,
    /// A code that the connector does not know. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = price::PATTERN))]
    pub unknown: Option<Price>,
}

impl Fees {
    /// What an answer of that outcome costs: nothing where the table does not say.
    pub fn price(&self, outcome: &str) -> Price {
        let price = match outcome {
            "new_number" => self.new_number,
            "new_expiry" => self.new_expiry,
            "closed" => self.closed,
            "contact_cardholder" => self.contact_cardholder,
            "valid" => self.valid,
            "no_match" => self.no_match,
            "not_participating" => self.not_participating,
            "opted_out" => self.opted_out,
            "no_change" => self.no_change,
            "inconclusive" => self.inconclusive,
            "rejected" => self.rejected,
            "failed" => self.failed,
            "unknown" => self.unknown,
            _ => None,
        };
        price.unwrap_or_default()
    }

    /// What the dearest answer costs.
    pub fn dearest(&self) -> Price {
        let outcomes = [
            self.new_number,
            self.new_expiry,
            self.closed,
            self.contact_cardholder,
            self.valid,
            self.no_match,
            self.not_participating,
            self.opted_out,
            self.no_change,
            self.inconclusive,
            self.rejected,
            self.failed,
            self.unknown,
        ];
        outcomes.into_iter().flatten().max().unwrap_or_default()
    }
}

fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Code)
}

struct Code;

impl Visitor<'_> for Code {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        if text.len() == 3 && text.bytes().all(|each| each.is_ascii_uppercase()) {
            return Ok(text.to_owned());
        }
        let message = format_args!("`{text}` is not a currency");
        Err(fault(message, "write its three letters, such as \"GBP\""))
    }
}
