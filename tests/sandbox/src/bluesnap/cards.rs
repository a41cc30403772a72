//! Cards: which are accepted, and what becomes of them.
//!
//! The first three are those of the documented results. The vendor publishes no others with results; the rest of the
//! table are its and the networks' published test numbers, dealt out so that every code occurs. Every other card did
//! not change.

use serde::Deserialize;

use crate::number::{is_number, replacement};

use super::question::Question;

/// Number and code.
const CARDS: [(&str, &str); 12] = [
    ("4012888888881881", "506"),
    ("4111111111111111", "502"),
    ("5555555555554444", "500"),
    ("4263982640269299", "500"),
    ("5425233430109903", "502"),
    ("374245455400126", "501"),
    ("4007702835532454", "503"),
    ("378282246310005", "504"),
    ("6011111111111117", "505"),
    ("5105105105105100", "507"),
    ("4222222222222", "501"),
    // A code of the future: codes may be added at any time.
    ("371449635398431", "599"),
];

/// Number, new number and new expiry of those that are documented.
const CHANGES: [(&str, &str, &str); 2] = [
    ("4111111111111111", "4111111111111111", "08/19"),
    ("5555555555554444", "5156430030000095", "01/18"),
];

/// What becomes of a card, as `POST /_sandbox/bluesnap/answers` takes it beside the card.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answer {
    pub(super) code: String,
    /// What replaces the card; made up unless given, where the code promises something.
    new: Option<New>,
}

/// Number and expiry, which is `MM/YY`.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    pub(super) card: String,
    pub(super) exp: String,
}

impl Answer {
    /// What becomes of a card that nobody said anything about.
    pub(super) fn published(card: &str) -> Self {
        let code = CARDS.iter().find(|(number, _)| *number == card);
        let new = CHANGES.iter().find(|(number, ..)| *number == card);
        Self {
            code: code.map_or("506", |(_, code)| code).to_owned(),
            new: new.map(|(_, card, exp)| New {
                card: (*card).to_owned(),
                exp: (*exp).to_owned(),
            }),
        }
    }

    /// What replaces the card; none where the code promises nothing.
    pub(super) fn replaced(&self, asked: &Question) -> Option<New> {
        let card = match self.code.as_str() {
            "500" => replacement(&asked.card),
            "502" => asked.card.clone(),
            _ => return self.new.clone(),
        };
        let year: u32 = asked.year.parse().unwrap_or_default();
        let exp = format!("{}/{:02}", asked.month, (year + 3) % 100);
        Some(self.new.clone().unwrap_or(New { card, exp }))
    }
}

/// What is said at once of a card.
pub(super) fn acknowledged(asked: &Question) -> (&'static str, &'static str) {
    let two_digits = |text: &str, from: u32, to: u32| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            && text
                .parse()
                .is_ok_and(|number| (from..=to).contains(&number))
    };
    let is_expiry = two_digits(&asked.month, 1, 12)
        && asked.year.len() == 4
        && two_digits(&asked.year, 2000, 2099);
    match kind(&asked.card) {
        _ if !is_number(&asked.card) => ("301", "Invalid account number"),
        _ if !is_expiry => ("320", "Invalid expiration date"),
        None => ("390", "Card not supported"),
        Some(kind) if asked.kind.as_ref().is_some_and(|given| given != kind) => {
            ("330", "Invalid payment type")
        }
        Some(_) => ("000", "Approved"),
    }
}

/// The network, if it is one of the four.
pub(super) fn kind(card: &str) -> Option<&'static str> {
    let bank: u32 = card.get(..4)?.parse().ok()?;
    match bank {
        4000..=4999 => Some("VISA"),
        2221..=2720 | 5100..=5599 => Some("MASTERCARD"),
        3400..=3499 | 3700..=3799 => Some("AMEX"),
        6011 | 6440..=6599 => Some("DISCOVER"),
        _ => None,
    }
}

/// The vendor's words for a code. The one of 504 repeats itself.
pub(super) fn message(code: &str) -> &'static str {
    match code {
        "500" => "The account number was changed",
        "501" => "The account was closed",
        "502" => "The expiration date was changed",
        "503" => "The issuing bank does not participate in the update program",
        "504" => {
            "Contact the cardholder for updated information. Contact the cardholder for updated information"
        }
        "505" => "No match found",
        "506" => "No changes found",
        "507" => "The cardholder opted out of the update program",
        _ => "See the documentation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_card_is_accepted() {
        for (card, _) in CARDS {
            let asked = Question {
                id: "1".into(),
                card: card.into(),
                kind: None,
                month: "12".into(),
                year: "2030".into(),
            };
            assert_eq!(acknowledged(&asked).0, "000", "{card}");
        }
    }
}
