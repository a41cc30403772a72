//! The account's settings: the tables that CardSync wants to know a merchant by, in its own field
//! names, and the two keys.

use reissue_connector_api::{Account, ExposeSecret, Fault, SecretString};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret;

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The merchant that enrolment creates. Not needed with a `merchant_key`.
    pub merchant: Option<Merchant>,
    /// What the merchant is enrolled with. Not needed for one that is enrolled already.
    pub enrolment: Option<Enrolment>,
    /// The id of a merchant that exists already, beside its `merchant_key`: CardSync takes note of
    /// who accepted the terms under this id. One that enrolment creates is remembered.
    pub merchant_id: Option<String>,
}

/// A merchant as CardSync is told of it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Its name, which no other merchant at CardSync may have.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its web site.
    pub website: String,
    /// Its telephone number.
    pub phone: String,
    /// The extension, if any.
    #[serde(default)]
    pub phone_ext: String,
    /// Where receipts are mailed to.
    pub receipt_email: String,
    /// Its time zone, such as `UTC`.
    pub timezone: String,
    /// The fee schedule of the partner, the same for all its merchants.
    pub fee_schedule_id: String,
    /// Whom CardSync may turn to.
    pub primary_contact: Contact,
    /// The merchant's first user at CardSync.
    pub user: User,
}

/// Whom CardSync may turn to.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Company.
    pub company: String,
    /// First line of the address.
    pub address_line_1: String,
    /// Second line of the address, if any.
    #[serde(default)]
    pub address_line_2: String,
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, such as `US`.
    pub country: String,
    /// Telephone number.
    pub phone: String,
    /// Mail address.
    pub email: String,
}

/// The merchant's first user at CardSync.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name to log in with, which no other user at CardSync may have.
    pub username: String,
    /// Mail address.
    pub email: String,
    /// Status, `active` in CardSync's documents.
    pub status: String,
    /// Role, `admin` in CardSync's documents.
    pub role: String,
}

/// What a merchant is enrolled with.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The business's name before the law.
    pub legal_business_name: String,
    /// How it bills, `both` in CardSync's documents.
    pub type_of_biller: String,
    /// How many cards it has on file.
    pub total_number_of_records: u32,
    /// How many of them are Visa cards.
    pub number_of_visa: u32,
    /// How many of them are Mastercard cards.
    pub number_of_mastercard: u32,
    /// How many of them are Discover cards.
    pub number_of_discover: u32,
    /// How many of them are American Express cards.
    pub number_of_amex: u32,
    /// How often it will ask: `daily`, `weekly` or `monthly`.
    pub delivery_frequency: String,
    /// The merchant category code, digits in quotes.
    pub mcc: String,
}

/// What CardSync takes empty.
const MAY_BE_EMPTY: [&str; 2] = ["phone_ext", "address_line_2"];

impl Settings {
    /// Makes sure that an account with these keys can be enrolled.
    ///
    /// # Errors
    /// `settings`, naming the key.
    pub(crate) fn check(&self, has_partner_key: bool, has_merchant_key: bool) -> Result<(), Fault> {
        if !has_merchant_key {
            if !has_partner_key {
                return Err(Fault::settings(format!(
                    "the secret `{}` is missing, with which enrolment creates the merchant: give \
                     it under `secrets`, or the `{}` of a merchant that exists already",
                    secret::PARTNER_KEY,
                    secret::MERCHANT_KEY
                )));
            }
            required(self.merchant.as_ref(), "merchant")?;
            required(self.enrolment.as_ref(), "enrolment")?;
        }
        let tables = [
            ("merchant", serde_json::to_value(&self.merchant)),
            ("enrolment", serde_json::to_value(&self.enrolment)),
            ("merchant_id", serde_json::to_value(&self.merchant_id)),
        ];
        for (name, table) in tables {
            filled_in(name, &table.unwrap_or_default())?;
        }
        match &self.enrolment {
            Some(enrolment) if !enrolment.mcc.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(Fault::settings(
                    "`enrolment.mcc` is not a merchant category code: it has digits only",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// The table, which this enrolment needs.
///
/// # Errors
/// `settings`, naming the table.
pub(crate) fn required<'s, T>(table: Option<&'s T>, name: &str) -> Result<&'s T, Fault> {
    table.ok_or_else(|| {
        Fault::settings(format!(
            "the table `{name}` is missing, which CardSync must be told to enrol the merchant: \
             `reissue connectors inspect cardsync` lists its keys"
        ))
    })
}

/// The secret of that name, if it is given, fit for a header.
///
/// # Errors
/// `settings`, naming the secret.
pub(crate) fn key(account: &Account, name: &str) -> Result<Option<SecretString>, Fault> {
    let Some(given) = account.secrets.0.get(name) else {
        return Ok(None);
    };
    // A secret in a file may end in a line feed.
    let key = given.expose_secret().trim_end();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::settings(format!(
            "the secret `{name}` is empty or holds something other than letters, digits and signs: \
             copy the key as CardSync gave it, without a word before it"
        )));
    }
    Ok(Some(SecretString::from(key)))
}

fn filled_in(path: &str, value: &Value) -> Result<(), Fault> {
    match value {
        Value::String(text) if text.trim().is_empty() => Err(Fault::settings(format!(
            "`{path}` is empty: CardSync wants to know it"
        ))),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !MAY_BE_EMPTY.contains(&name.as_str()))
            .try_for_each(|(name, value)| filled_in(&format!("{path}.{name}"), value)),
        _ => Ok(()),
    }
}
