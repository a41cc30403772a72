//! Events: what has become of a merchant's subscribed cards, kept for a while under an id that a webhook announces.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::batch::Tally;
use super::super::cards::{Row, published_amex};
use super::super::merchant::micros;
use super::super::say::{Failure, Said};
use super::super::{Cardsync, Known, Spelling};
use super::subscription::Key;
use crate::number::is_number;

/// How long results are kept, as the documents' prose says.
const KEPT: TimeDelta = TimeDelta::days(10);

/// What an event lives, by the webhook, falls so much short of a round time.
const SHORT: TimeDelta = TimeDelta::microseconds(280);

/// An event as the provider keeps it.
#[derive(Debug)]
pub(in crate::cardsync) struct Event {
    /// A UUID, unless somebody forged something else.
    pub(in crate::cardsync) id: String,
    pub(in crate::cardsync) merchant: String,
    pub(super) created: DateTime<Utc>,
    /// What the webhook says about its end.
    pub(super) expires: DateTime<Utc>,
    /// How many pairs the merchant had subscribed.
    pub(in crate::cardsync) subscribed: usize,
    pub(in crate::cardsync) rows: Vec<Row>,
    /// Somebody else made it up: it is announced, and there are no results.
    is_forged: bool,
    pub(super) announced: Announced,
}

/// What came of the calls that announce an event.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// Calls that are still to be made or answered.
    pub(super) under_way: u64,
    /// How often which status was answered; no answer is `none`, and no address to call `nowhere`.
    pub(super) answers: BTreeMap<String, u64>,
}

impl Cardsync {
    /// Something happens to these subscribed cards of a merchant, or to all of which it is known what; or why not.
    pub(super) fn happen<'a>(
        &self,
        known: &'a mut Known,
        merchant: String,
        cards: Option<&BTreeSet<String>>,
        lives: Duration,
        now: DateTime<Utc>,
    ) -> Result<&'a Event, String> {
        let lives = TimeDelta::from_std(lives).map_err(|e| e.to_string())?;
        let rows = self.rows(known, &merchant, cards)?;
        let subscribed = known.pairs.subscribed();
        let event = Event {
            id: known.ids.next_uuid(),
            subscribed: subscribed
                .filter(|(key, _)| key.merchant == merchant)
                .count(),
            merchant,
            created: now,
            expires: now + lives - SHORT,
            rows: rows.iter().map(|(_, row)| row.clone()).collect(),
            is_forged: false,
            announced: Announced::default(),
        };
        let numbers = rows.iter().filter(|(key, row)| key.card != row.card);
        for (key, row) in numbers.filter(|_| self.options.amex.follow_numbers) {
            known.pairs.follow(key, &row.card, &row.exp);
        }
        known.events.push(event);
        Ok(known.events.last().expect("it was pushed"))
    }

    fn rows(
        &self,
        known: &Known,
        merchant: &str,
        cards: Option<&BTreeSet<String>>,
    ) -> Result<Vec<(Key, Row)>, String> {
        let pairs = known.pairs.subscribed();
        let mut pairs = pairs.filter(|(key, _)| key.merchant == merchant);
        let mut missing = cards.cloned().unwrap_or_default();
        let mut rows = Vec::new();
        for (key, pair) in &mut pairs {
            if cards.is_some_and(|cards| !cards.contains(&key.card)) {
                continue;
            }
            let answer = known.answers.get(&key.card).cloned();
            let Some(answer) = answer.or_else(|| published_amex(&key.card)) else {
                continue;
            };
            missing.remove(&key.card);
            let row = answer.row(&pair.question(key), self.options.spelling);
            // Every second row says under which SE number its card is subscribed.
            let says = (known.events.len() + rows.len()).is_multiple_of(2);
            let se_number = says.then(|| key.se_number.clone());
            let row = Row { se_number, ..row };
            let row = if self.options.amex.odd_results {
                odd(row)
            } else {
                row
            };
            rows.push((key.clone(), row));
        }
        match (missing.first(), rows.is_empty() && cards.is_none()) {
            (Some(card), _) => Err(format!(
                "nothing happens to {card}: it is not subscribed, or neither published nor among the answers"
            )),
            (None, true) => Err(format!("nothing happens to any card of {merchant}")),
            (None, false) => Ok(rows),
        }
    }

    /// The results as `bent` lets them through. In what words the provider refuses an event is not documented.
    pub(in crate::cardsync) fn event(
        &self,
        merchant: &str,
        id: &str,
        bent: impl FnOnce(Vec<Row>) -> Vec<Row>,
        now: DateTime<Utc>,
    ) -> Result<Said, Failure> {
        let known = &mut *self.known();
        let event = find(&mut known.events, id).filter(|event| {
            let purged = event.purged(self.options.amex.purge_at_expiry);
            event.merchant == merchant && !event.is_forged && now < purged
        });
        let event = event.ok_or_else(|| Failure::invalid("invalid event_id"))?;
        let stats = event.stats(self.options.spelling);
        let data = json!({
            "status": "completed",
            "cards": bent(event.rows.clone()),
            "stats": stats,
            "created_at": micros(event.created),
            "updated_at": micros(event.created),
        });
        // The documents list the counters in both places.
        Ok(Said::from(data).beside("stats", stats))
    }
}

/// As one page of the documents shows a row: an SE number with a digit too many, a number that fails Luhn.
fn odd(row: Row) -> Row {
    let se_number = row.se_number.map(|se| format!("{}{}", &se[..3], &se[2..]));
    let last = row.card.bytes().last().map_or(0, |digit| digit - b'0');
    let failing = format!("{}{}", &row.card[..row.card.len() - 1], (last + 1) % 10);
    let card = match row.status.as_str() {
        "updated_card" if is_number(&row.card) => failing,
        _ => row.card,
    };
    Row {
        se_number,
        card,
        ..row
    }
}

pub(super) fn find<'a>(events: &'a mut [Event], id: &str) -> Option<&'a mut Event> {
    let mut events = events.iter_mut();
    events.find(|event| event.id.eq_ignore_ascii_case(id))
}

impl Event {
    pub(super) fn forged(id: String, merchant: String, now: DateTime<Utc>) -> Self {
        Self {
            id,
            merchant,
            created: now,
            expires: now + TimeDelta::days(1) - SHORT,
            subscribed: 0,
            rows: Vec::new(),
            is_forged: true,
            announced: Announced::default(),
        }
    }

    /// The counters as the results hold them.
    pub(super) fn stats(&self, spelling: Spelling) -> Value {
        Tally::of(&self.rows, self.subscribed).stats(spelling)
    }

    /// For a person to see.
    pub(super) fn told(&self, purge_at_expiry: bool, now: DateTime<Utc>) -> Value {
        let purged = self.purged(purge_at_expiry);
        json!({
            "id": self.id,
            "merchant": self.merchant,
            "cards": self.rows.len(),
            "created": self.created,
            "expires": self.expires,
            "purged": purged,
            "state": match self.is_forged {
                true => "forged",
                false if now < purged => "kept",
                false => "purged",
            },
            "under_way": self.announced.under_way,
            "answers": self.announced.answers,
        })
    }

    fn purged(&self, at_expiry: bool) -> DateTime<Utc> {
        match at_expiry {
            true => self.expires,
            false => self.created + KEPT,
        }
    }
}
