//! A card to ask about, and what makes a row one.

use chrono::{Datelike, NaiveDate};
use reissue_connector_api::{Expiry, NotAPan, Pan};

use crate::cards::{NotATokenKind, Number, TokenKind};

use super::rows::{Row, Wrong};

/// How long after its expiry a card is still asked about, in months. Longer than the year between two
/// bills of whoever pays yearly: a card that expired since the last one is what an updater is for.
const ASKED_AFTER_EXPIRY: i32 = 24;
/// The longest reference, in bytes.
const LONGEST_REFERENCE: usize = 255;
/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 128;
/// The longest merchant number, in bytes.
const LONGEST_SE_NUMBER: usize = 20;

const SPREADSHEET: &str = "a spreadsheet rounded this to scientific notation, and its digits are lost: \
                           export the column as text";

/// A valid card of a source.
#[derive(Debug)]
pub struct Card<'a> {
    /// The line of the file in which it begins.
    pub line: u64,
    /// The customer's own name for it, unique in the file.
    pub reference: &'a str,
    /// What names it to the provider.
    pub identifier: Identifier<'a>,
    /// Its expiry; known where the identifier is its number.
    pub expiry: Option<Expiry>,
    /// The merchant number, or an empty text.
    pub se_number: &'a str,
    /// The day on which it is next charged, where the source says so.
    pub next_billing: Option<NaiveDate>,
}

/// What names a card.
#[derive(Debug)]
pub enum Identifier<'a> {
    /// Its number.
    Pan(Pan),
    /// The provider's handle for it.
    Token {
        /// What sort of handle.
        kind: TokenKind,
        /// The handle.
        token: &'a str,
    },
}

impl Identifier<'_> {
    /// What a provider is asked with.
    pub fn number(&self) -> Number<'_> {
        match self {
            Self::Pan(pan) => Number::Pan(pan),
            Self::Token { kind, token } => Number::Token(*kind, token),
        }
    }
}

impl<'a> Card<'a> {
    /// The card of a row, as of today.
    pub(super) fn of(line: u64, row: &Row<'a>, today: NaiveDate) -> Result<Self, Wrong> {
        let identifier = identifier(row)?;
        Ok(Self {
            line,
            reference: reference(row, &identifier)?,
            expiry: expiry(row, &identifier, today)?,
            se_number: se_number(row, &identifier)?,
            identifier,
            next_billing: next_billing(row)?,
        })
    }
}

/// What names the card of a row.
pub(super) fn identifier<'a>(row: &Row<'a>) -> Result<Identifier<'a>, Wrong> {
    match (row.pan, row.token) {
        ("", "") => Err(Wrong::new(
            "pan",
            "",
            "there is neither a card number nor a token",
        )),
        (pan, "") => match Pan::parse(pan) {
            Ok(pan) => Ok(Identifier::Pan(pan)),
            Err(NotAPan::NotDigits) if is_scientific(pan) => {
                Err(Wrong::new("pan", pan, SPREADSHEET))
            }
            Err(why) => Err(Wrong::new("pan", pan, why.to_string())),
        },
        ("", token) if is_scientific(token) => Err(Wrong::new("token", token, SPREADSHEET)),
        ("", token) => {
            if token.len() > LONGEST_TOKEN || !token.bytes().all(|each| each.is_ascii_graphic()) {
                let reason = "a token is at most 128 letters, digits and signs, without spaces";
                return Err(Wrong::new("token", token, reason));
            }
            let kind = row.token_kind.parse();
            let kind = kind.map_err(|why: NotATokenKind| {
                Wrong::new("token_kind", row.token_kind, why.to_string())
            })?;
            Ok(Identifier::Token { kind, token })
        }
        (pan, _) => {
            let reason = "there are a card number and a token, and one of them names a card";
            Err(Wrong::new("pan", pan, reason))
        }
    }
}

fn reference<'a>(row: &Row<'a>, identifier: &Identifier<'_>) -> Result<&'a str, Wrong> {
    let reference = row.reference;
    let wrong = match identifier {
        _ if reference.is_empty() => "the reference is missing",
        _ if reference.len() > LONGEST_REFERENCE => "a reference is at most 255 bytes long",
        _ if reference.contains(char::is_control) => {
            "a reference has no line breaks or other control characters; most likely a quotation mark \
             is out of place"
        }
        _ if is_scientific(reference) => SPREADSHEET,
        // References are shown, in updates and elsewhere.
        _ if is_card_number(reference, identifier) => {
            "the reference is the card number, and it must be another name of the card"
        }
        _ => return Ok(reference),
    };
    Err(Wrong::new("reference", reference, wrong))
}

fn expiry(
    row: &Row<'_>,
    identifier: &Identifier<'_>,
    today: NaiveDate,
) -> Result<Option<Expiry>, Wrong> {
    // A customer and a way to pay have theirs at the provider.
    let needed = match identifier {
        Identifier::Pan(_) => true,
        Identifier::Token { kind, .. } => *kind == TokenKind::InstrumentIdentifier,
    };
    if row.expiry.is_empty() && !needed {
        return Ok(None);
    }
    let expiry: Expiry = match row.expiry.parse() {
        Ok(expiry) => expiry,
        Err(_) if row.expiry.is_empty() => {
            return Err(Wrong::new("expiry", "", "the expiry is missing"));
        }
        Err(why) => return Err(Wrong::new("expiry", row.expiry, format!("{why}"))),
    };
    let ago = (today.year() - i32::from(expiry.year())) * 12 + today.month() as i32
        - i32::from(expiry.month());
    if ago > ASKED_AFTER_EXPIRY {
        let reason =
            "the card expired more than two years ago, and asking about it would be in vain";
        return Err(Wrong::new("expiry", row.expiry, reason));
    }
    Ok(Some(expiry))
}

fn se_number<'a>(row: &Row<'a>, identifier: &Identifier<'_>) -> Result<&'a str, Wrong> {
    let number = row.se_number;
    if is_card_number(number, identifier) {
        let reason =
            "the merchant number (se_number) is the card number; most likely columns are swapped";
        return Err(Wrong::new("se_number", number, reason));
    }
    if number.len() > LONGEST_SE_NUMBER || !number.bytes().all(|each| each.is_ascii_alphanumeric())
    {
        let reason = "a merchant number (se_number) is at most 20 letters and digits";
        return Err(Wrong::new("se_number", number, reason));
    }
    Ok(number)
}

fn next_billing(row: &Row<'_>) -> Result<Option<NaiveDate>, Wrong> {
    if row.next_billing.is_empty() {
        return Ok(None);
    }
    match day(row.next_billing) {
        Some(day) => Ok(Some(day)),
        None => Err(Wrong::new(
            "next_billing",
            row.next_billing,
            "a day is written 2027-04-30",
        )),
    }
}

/// In this one form, which takes a tenth of the time of reading any that ISO 8601 knows.
fn day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let number = |text: &str, digits| {
        let plain = text.len() == digits && text.bytes().all(|each| each.is_ascii_digit());
        plain.then(|| text.parse().ok())?
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    NaiveDate::from_ymd_opt(year as i32, month, day)
}

/// Whether a spreadsheet wrote the text: `4.11E+15`, in some countries `4,11E+15`.
fn is_scientific(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|each| each.is_ascii_digit());
    text.split_once(['E', 'e'])
        .and_then(|(number, power)| Some((number, power.strip_prefix('+')?)))
        .is_some_and(|(number, power)| {
            let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
            is_digits(whole) && is_digits(part) && is_digits(power)
        })
}

/// Whether the text holds the card's own number.
fn is_card_number(text: &str, identifier: &Identifier<'_>) -> bool {
    matches!(identifier, Identifier::Pan(pan) if contains_digits(text, pan.expose()))
}

/// Whether the digits stand in the text in that order, whatever stands between them.
fn contains_digits(text: &str, digits: &str) -> bool {
    if text.len() < digits.len() {
        return false;
    }
    let mut own = text.bytes().filter(u8::is_ascii_digit);
    let first = own.clone().count().checked_sub(digits.len());
    first.is_some_and(|last_start| {
        (0..=last_start).any(|_| {
            let here = own.clone().take(digits.len()).eq(digits.bytes());
            own.next();
            here
        })
    })
}
