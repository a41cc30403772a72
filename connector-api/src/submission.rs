//! Cards out: what we ask about, and what the provider says at once.

use serde::{Deserialize, Deserializer, Serialize};

use crate::batch::Found;
use crate::card::{Expiry, Pan};
use crate::fault::Fault;
use crate::run::Run;
use crate::word;

/// Our durable intent to ask about cards, or to change subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Our id: unique, at most 25 characters of `[a-z0-9-]`, safe in a URL. Where the provider takes
    /// an id or a reference of ours, this is it.
    pub id: String,
    /// How many cards it holds.
    pub cards: u32,
}

impl Submission {
    /// Takes the cards one by one from the daemon, which reads them from its sealed file. Each may
    /// be taken once in a call.
    pub fn for_each(
        &self,
        run: &Run<'_>,
        mut with: impl FnMut(CardToAsk<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while run.next_card(&mut with)? {}
        Ok(())
    }
}

/// One card to ask about.
#[derive(Debug, Clone)]
pub struct CardToAsk<'a> {
    /// A short key of ours that the provider gets instead of the customer's reference.
    pub key: &'a str,
    /// The full number, for providers that take numbers.
    pub pan: Option<&'a Pan>,
    /// The provider's token, for providers that take tokens.
    pub token: &'a str,
    /// What sort of token, in the words of the source: `customer`, `payment_instrument`,
    /// `instrument_identifier`.
    pub token_kind: &'a str,
    /// Month and year.
    pub expiry: Option<Expiry>,
    /// The merchant number, for providers that need one.
    pub se_number: &'a str,
}

/// The provider took a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The batch that it became.
    pub found: Found,
    /// How many cards the provider says it accepted, where it counts at once.
    #[serde(default)]
    pub accepted: Option<u64>,
    /// The cards that it refused at once.
    #[serde(default)]
    pub refused: Vec<Refused>,
}

/// A card that the provider refused at submission. It becomes a `rejected` update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Our key of the card.
    pub key: String,
    /// The provider's code.
    pub code: String,
    /// The provider's words.
    #[serde(default)]
    pub text: String,
}

/// What a provider knows of a submission whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "one a call, and a box would be in every connector's way"
)]
pub enum Reconciled {
    /// It has it.
    Accepted(Receipt),
    /// It does not show it now, which does not prove that it was not received.
    NotSeen,
    /// There is no way to ask; a word that we do not know counts as this.
    Unknowable,
}

impl<'de> Deserialize<'de> for Reconciled {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (word, content) = word::read(from)?;
        Ok(match word.as_str() {
            "accepted" => Self::Accepted(word::content(content)?),
            "not-seen" => Self::NotSeen,
            _ => Self::Unknowable,
        })
    }
}
