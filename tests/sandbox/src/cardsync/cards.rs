//! Cards: which are taken, which have results, and what the results are.

use serde::{Deserialize, Serialize};

use crate::number::replacement;

use super::Spelling;
use super::request::Question;

/// The published test cards. The vendor replaced the first list by the second in 2023, and both work here.
const CARDS: [(&str, &[&str]); 6] = [
    (
        "updated_card",
        &[
            "4012000000000016",
            "5442980000000016",
            "6011000000000012",
            "4457010000000009",
            "5194560012341234",
            "6011010000000003",
        ],
    ),
    (
        "updated_expiry",
        &[
            "4012000000000024",
            "5442980000000024",
            "6011000000000020",
            "4457000300000007",
            "5112010000000003",
            "6011010140000004",
        ],
    ),
    (
        "no_match",
        &[
            "4012000000000032",
            "5442980000000032",
            "6011000000000038",
            "4457010200000247",
            "5112000200000002",
        ],
    ),
    (
        "valid",
        &[
            "4012000000000040",
            "5442980000000040",
            "6011000000000046",
            "4100200300011001",
            "5112002200000008",
            "6500102012345662",
        ],
    ),
    (
        "contact",
        &[
            "4012000000000057",
            "5442980000000057",
            "6011000000000053",
            "4457010140000141",
            "6011102087026223",
        ],
    ),
    (
        CLOSED,
        &[
            "4012000000000065",
            "5442980000000065",
            "6011000000000061",
            "4457000900000001",
            "5435101234510196",
            "6011010100000002",
        ],
    ),
];

/// American Express cards are not asked about but subscribed.
const AMEX: [(&str, &str); 3] = [
    ("342132335566772", "updated_card"),
    ("376655111122997", "updated_expiry"),
    ("349900006577234", CLOSED),
];

/// In the first spelling.
const CLOSED: &str = "contact_closed";

/// What becomes of a card, as `POST /_sandbox/cardsync/answers` takes it beside the card.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answer {
    pub(super) status: String,
    /// What the results hold for it; made up unless given.
    new: Option<New>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    card: String,
    exp: String,
}

/// A card of the results.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) se_number: Option<String>,
    pub(super) card: String,
    pub(super) exp: String,
    pub(super) status: String,
}

/// What is published of a card that is asked about; none if it did not change.
pub(super) fn published(card: &str) -> Option<Answer> {
    let mut cards = CARDS.iter();
    let (status, _) = cards.find(|(_, cards)| cards.contains(&card))?;
    Some(Answer::of(status))
}

/// What is published of a card that is subscribed; none if nothing happens to it.
pub(super) fn published_amex(card: &str) -> Option<Answer> {
    let (_, status) = AMEX.iter().find(|(published, _)| *published == card)?;
    Some(Answer::of(status))
}

impl Answer {
    fn of(status: &str) -> Self {
        Self {
            status: status.to_owned(),
            new: None,
        }
    }

    /// The row of the results. What it holds for a card that was not updated is not documented: here it is the
    /// card that was asked about, for clients to make nothing of.
    pub(super) fn row(&self, asked: &Question, spelling: Spelling) -> Row {
        let made_up = || New {
            card: match self.status.as_str() {
                "updated_card" => replacement(&asked.card),
                _ => asked.card.clone(),
            },
            exp: match self.status.as_str() {
                "updated_card" | "updated_expiry" => prolonged(&asked.exp),
                _ => asked.exp.clone(),
            },
        };
        let New { card, exp } = self.new.clone().unwrap_or_else(made_up);
        Row {
            id: asked.id.clone(),
            se_number: None,
            card,
            exp,
            status: spelled(&self.status, spelling).to_owned(),
        }
    }
}

/// A word or a counter in the provider's spelling.
pub(super) fn spelled(word: &str, spelling: Spelling) -> &str {
    match (word, spelling) {
        (CLOSED, Spelling::V2) => "closed",
        (word, _) => word,
    }
}

/// `MM/YY`.
pub(super) fn is_expiry(exp: &str) -> bool {
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    exp.split_once('/')
        .is_some_and(|(month, year)| two(month) && two(year) && ("01"..="12").contains(&month))
}

/// Three years later.
fn prolonged(exp: &str) -> String {
    let (month, year) = exp.split_once('/').unwrap_or((exp, "0"));
    let year: u32 = year.parse().unwrap_or_default();
    format!("{month}/{:02}", (year + 3) % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::is_number;

    #[test]
    fn every_published_card_is_a_number() {
        let asked = CARDS.iter().flat_map(|(_, cards)| *cards);
        for card in asked.chain(AMEX.iter().map(|(card, _)| card)) {
            assert!(is_number(card), "{card}");
        }
    }

    #[test]
    fn an_expiry_is_a_month_and_two_digits_of_a_year() {
        assert!(is_expiry("12/24") && is_expiry("01/50"));
        for wrong in ["1/24", "13/24", "00/24", "12/2024", "12-24", "ab/cd", ""] {
            assert!(!is_expiry(wrong), "{wrong}");
        }
        assert_eq!(prolonged("12/98"), "12/01");
    }
}
