//! Subscriptions: which pairs of card and SE number a merchant pays for, and how each came to be there.
//!
//! One bad card and a request is refused as a whole: what becomes of the others is not documented.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::cards::is_expiry;
use super::super::request::Question;
use super::super::say::Failure;
use super::super::{Cardsync, Known};
use super::Again;
use crate::number::is_number;

/// The most pairs in a request.
const LARGEST: usize = 10_000;

/// `POST` and `DELETE /v2/subscribe`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cardsync) struct Subscription {
    cards: Vec<Card>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    se_number: String,
    /// The merchant's; nobody makes sure that it is unique.
    id: String,
    card: String,
    exp: String,
}

/// The books.
#[derive(Debug, Default)]
pub(in crate::cardsync) struct Pairs(BTreeMap<Key, Pair>);

/// What makes a pair: each card is subscribed, and charged, once for each SE number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Key {
    pub(super) merchant: String,
    pub(super) card: String,
    pub(super) se_number: String,
}

/// A pair, also one that is subscribed no longer or never was.
#[derive(Debug, Default, Serialize)]
pub(super) struct Pair {
    /// The merchant's id of it, as it was subscribed.
    pub(super) id: String,
    pub(super) exp: String,
    pub(super) subscribed: bool,
    /// How often it was subscribed, again or not.
    added: u64,
    /// How often it was subscribed while it was so already: above 0, it was charged twice unless the provider ignores it.
    added_again: u64,
    /// How often it was unsubscribed, known or not.
    removed: u64,
    /// How often it was unsubscribed while it was not subscribed.
    removed_unknown: u64,
}

impl Subscription {
    fn check(&self) -> Result<(), Failure> {
        if !(1..=LARGEST).contains(&self.cards.len()) {
            return Err(Failure::new(format!(
                "a request has 1 to {LARGEST} cards, not {}",
                self.cards.len()
            )));
        }
        match self.cards.iter().position(|card| !card.is_good()) {
            None => Ok(()),
            Some(at) => Err(Failure::new(format!("card {} is invalid", at + 1))),
        }
    }
}

impl Card {
    fn is_good(&self) -> bool {
        let is_amex = |card: &str| {
            card.len() == 15
                && (card.starts_with("34") || card.starts_with("37"))
                && is_number(card)
        };
        // The documents show ten digits, and once eleven.
        let is_se_number =
            |se: &str| [10, 11].contains(&se.len()) && se.bytes().all(|byte| byte.is_ascii_digit());
        !self.id.is_empty()
            && is_amex(&self.card)
            && is_expiry(&self.exp)
            && is_se_number(&self.se_number)
    }

    fn key(&self, merchant: &str) -> Key {
        Key {
            merchant: merchant.to_owned(),
            card: self.card.clone(),
            se_number: self.se_number.clone(),
        }
    }
}

impl Cardsync {
    pub(in crate::cardsync) fn subscribe(
        &self,
        merchant: &str,
        wanted: Subscription,
        now: DateTime<Utc>,
    ) -> Result<Value, Failure> {
        wanted.check()?;
        let known = &mut *self.known();
        if !known.merchant(merchant)?.is_active(now) {
            return Err(Failure::new("merchant is not enrolled"));
        }
        let again = self.options.amex.subscribed_again;
        let Known { pairs, .. } = known;
        let mut cards = wanted.cards.iter();
        if again == Again::Refused && cards.any(|card| pairs.has(&card.key(merchant))) {
            return Err(Failure::new("card is already subscribed"));
        }
        for card in wanted.cards {
            let pair = pairs.0.entry(card.key(merchant)).or_default();
            pair.added += 1;
            pair.added_again += u64::from(pair.subscribed);
            if !(pair.subscribed && again == Again::Ignored) {
                (pair.id, pair.exp) = (card.id, card.exp);
            }
            pair.subscribed = true;
        }
        Ok(Value::Null)
    }

    pub(in crate::cardsync) fn unsubscribe(
        &self,
        merchant: &str,
        unwanted: Subscription,
    ) -> Result<Value, Failure> {
        unwanted.check()?;
        let Known { pairs, .. } = &mut *self.known();
        let mut cards = unwanted.cards.iter();
        let refuses = self.options.amex.refuse_unknown_pairs;
        if refuses && cards.any(|card| !pairs.has(&card.key(merchant))) {
            return Err(Failure::new("card is not subscribed"));
        }
        for card in unwanted.cards {
            let pair = pairs.0.entry(card.key(merchant)).or_default();
            pair.removed += 1;
            pair.removed_unknown += u64::from(!pair.subscribed);
            if pair.added == 0 {
                (pair.id, pair.exp) = (card.id, card.exp);
            }
            pair.subscribed = false;
        }
        Ok(Value::Null)
    }
}

impl Pairs {
    /// Every pair that was ever named, with what was done to it.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Key, &Pair)> {
        self.0.iter()
    }

    /// What is subscribed now.
    pub(super) fn subscribed(&self) -> impl Iterator<Item = (&Key, &Pair)> {
        self.all().filter(|(_, pair)| pair.subscribed)
    }

    fn has(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|pair| pair.subscribed)
    }

    /// The subscription goes on with the card's new number.
    pub(super) fn follow(&mut self, key: &Key, card: &str, exp: &str) {
        let Some(pair) = self.0.get_mut(key) else {
            return;
        };
        pair.subscribed = false;
        let id = pair.id.clone();
        let followed = self.0.entry(Key {
            card: card.to_owned(),
            ..key.clone()
        });
        let followed = followed.or_default();
        (followed.id, followed.exp, followed.subscribed) = (id, exp.to_owned(), true);
    }
}

impl Pair {
    /// The pair as a question about its card.
    pub(super) fn question(&self, key: &Key) -> Question {
        Question {
            id: self.id.clone(),
            card: key.card.clone(),
            exp: self.exp.clone(),
        }
    }
}
