//! What answers cost by `[fees.NAME]`, in whole ten-thousandths. Estimates and sums for people; nothing is
//! decided by them.

use std::fmt;

use reissue_config::Fees;
use serde::{Deserialize, Serialize};

use super::event::OutcomeCount;
use super::tally::Tally;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// As decimal text, such as `12.50`.
    pub amount: String,
    /// The currency's ISO code.
    pub currency: String,
}

/// What asking about some cards may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// If each card gets the dearest answer.
    pub at_most: Cost,
    /// If they are answered as earlier ones were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Cost>,
    /// How many cards of the account were answered so far.
    pub learnt_from: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// What these answers cost.
pub fn cost(fees: &Fees, counts: &[OutcomeCount]) -> Cost {
    let counts = counts.iter();
    of(
        fees,
        sum(fees, counts.map(|row| (row.outcome.as_str(), row.count))),
    )
}

/// What asking about so many cards costs, where earlier ones of the account were answered so.
pub fn estimate(fees: &Fees, cards: u64, earlier: &Tally) -> Estimate {
    let cards = u128::from(cards);
    let collected = u128::from(earlier.collected);
    let answers = earlier.answers.iter();
    let paid = sum(
        fees,
        answers.map(|(outcome, count)| (outcome.as_str(), *count)),
    );
    let half = collected / 2;
    let expected = (paid * cards + half).checked_div(collected);
    Estimate {
        at_most: of(fees, cards * u128::from(fees.dearest().ten_thousandths)),
        expected: expected.map(|expected| of(fees, expected)),
        learnt_from: earlier.collected,
    }
}

fn sum<'o>(fees: &Fees, counts: impl Iterator<Item = (&'o str, u64)>) -> u128 {
    let costs = counts.map(|(outcome, count)| {
        u128::from(fees.price(outcome).ten_thousandths) * u128::from(count)
    });
    costs.sum()
}

fn of(fees: &Fees, ten_thousandths: u128) -> Cost {
    Cost {
        amount: decimal(ten_thousandths),
        currency: fees.currency.clone(),
    }
}

/// Two decimals, or more where they say something.
fn decimal(ten_thousandths: u128) -> String {
    let (whole, part) = (ten_thousandths / 10_000, ten_thousandths % 10_000);
    match part % 100 {
        0 => format!("{whole}.{:02}", part / 100),
        _ => format!("{whole}.{part:04}")
            .trim_end_matches('0')
            .to_owned(),
    }
}
