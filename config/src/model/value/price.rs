//! Prices: `"1.50"`.
//!
//! Whole ten-thousandths, because sums of binary fractions are not what an invoice says.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::fault::fault;

const HELP: &str = "write it in quotes, with a point and at most four decimals, such as \"1.50\"";

/// What a price looks like, for the schema.
pub(in crate::model) const PATTERN: &str = r"^[0-9]{1,9}(\.[0-9]{1,4})?$";

/// What one answer costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price {
    /// In ten-thousandths of the currency's unit.
    pub ten_thousandths: u64,
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Decimal)
    }
}

struct Decimal;

impl Visitor<'_> for Decimal {
    type Value = Price;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Price, E> {
        if text.starts_with('-') {
            let message = format_args!("the price `{text}` is below zero");
            return Err(fault(message, "a price is what an answer costs, 0 or more"));
        }
        price(text).ok_or_else(|| fault(format_args!("`{text}` is not a price"), HELP))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Price, E> {
        Err(not_in_quotes(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Price, E> {
        Err(not_in_quotes(number))
    }
}

fn not_in_quotes<E: Error>(number: impl fmt::Display) -> E {
    fault(format_args!("the price `{number}` is not in quotes"), HELP)
}

fn price(text: &str) -> Option<Price> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|each| each.is_ascii_digit())
    };
    if !digits(whole, 9) || !digits(part, 4) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = format!("{part:0<4}").parse().ok()?;
    Some(Price {
        ten_thousandths: whole * 10_000 + part,
    })
}

#[cfg(test)]
mod tests {
    use super::price;

    #[test]
    fn reads_decimals_exactly() {
        let is = |text, wanted| assert_eq!(price(text).map(|it| it.ten_thousandths), wanted);
        is("1.50", Some(15_000));
        is("0", Some(0));
        is("0.0001", Some(1));
        is("0.10", Some(1_000));
        is("999999999.9999", Some(9_999_999_999_999));
        for wrong in [
            "",
            ".5",
            "5.",
            "1,50",
            "1.00001",
            "1e3",
            "+1",
            " 1",
            "1.-5",
            "1234567890",
        ] {
            is(wrong, None);
        }
    }
}
