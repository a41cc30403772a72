//! Batches: taken, worked on for days, kept until 45 days after they were taken, gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::BlueSnap;
use super::cards::{Answer, New, acknowledged};
use super::question::{NewBatch, Question};

/// How long a batch is known, from when it was taken.
const KEPT: TimeDelta = TimeDelta::days(45);

/// A batch as the provider keeps it.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    /// The API user.
    pub(super) merchant: String,
    pub(super) created: DateTime<Utc>,
    completed: DateTime<Utc>,
    /// All of them in order, and what was said of each at once.
    pub(super) cards: Vec<(Question, (&'static str, &'static str))>,
}

/// A card of the results.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) asked: Asked,
    pub(super) code: String,
    pub(super) new: Option<New>,
}

/// The card of the question, as the results repeat it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) card: String,
    /// `MM/YY`
    pub(super) exp: String,
}

impl BlueSnap {
    /// Takes a batch, or says why not: what becomes of an id that comes again is not documented, and here the first
    /// one stands.
    pub(super) fn take(
        &self,
        merchant: &str,
        wanted: NewBatch,
        now: DateTime<Utc>,
    ) -> Result<Arc<Batch>, String> {
        let cards = wanted.cards.into_iter().map(|card| {
            let said = acknowledged(&card);
            (card, said)
        });
        let batch = Arc::new(Batch {
            id: wanted.id,
            merchant: merchant.to_owned(),
            created: now,
            completed: now + self.results_after,
            cards: cards.collect(),
        });
        let key = (merchant.to_owned(), batch.id.clone());
        let mut known = self.known();
        if known.batches.contains_key(&key) {
            return Err("account-update-batch-id must be unique".into());
        }
        known.batches.insert(key, batch.clone());
        Ok(batch)
    }

    /// The batch, as long as it is known.
    pub(super) fn find(&self, merchant: &str, id: &str, now: DateTime<Utc>) -> Option<Arc<Batch>> {
        let key = (merchant.to_owned(), id.to_owned());
        let batch = self.known().batches.get(&key).cloned();
        batch.filter(|batch| now < batch.created + KEPT)
    }

    /// All batches, the first first.
    pub(super) fn batches(&self) -> Vec<Arc<Batch>> {
        let mut batches: Vec<_> = self.known().batches.values().cloned().collect();
        batches.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        batches
    }

    /// What the results hold: every card that was accepted.
    pub(super) fn results(&self, batch: &Batch) -> Vec<Row> {
        let known = self.known();
        let row = |asked: &Question| {
            let answer = known.answers.get(&asked.card).cloned();
            let answer = answer.unwrap_or_else(|| Answer::published(&asked.card));
            Row {
                asked: Asked {
                    id: asked.id.clone(),
                    card: asked.card.clone(),
                    exp: format!("{}/{}", asked.month, &asked.year[2..]),
                },
                new: answer.replaced(asked),
                code: answer.code,
            }
        };
        batch.accepted().map(row).collect()
    }
}

impl Batch {
    /// The cards that were accepted.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &Question> {
        let cards = self.cards.iter();
        cards
            .filter(|(_, (code, _))| *code == "000")
            .map(|(card, _)| card)
    }

    pub(super) fn is_complete(&self, now: DateTime<Utc>) -> bool {
        self.completed <= now
    }

    /// For a person to see.
    pub(super) fn told(&self, now: DateTime<Utc>) -> Value {
        json!({
            "id": self.id,
            "merchant": self.merchant,
            "cards": self.cards.len(),
            "accepted": self.accepted().count(),
            "created": self.created,
            "completed": self.completed,
            "purged": self.created + KEPT,
            "state": match now {
                now if self.created + KEPT <= now => "purged",
                now if self.is_complete(now) => "completed",
                _ => "pending",
            },
        })
    }
}

/// How often each code stands in the results.
pub(super) fn codes(rows: &[Row]) -> BTreeMap<&str, u64> {
    let mut codes = BTreeMap::new();
    for row in rows {
        *codes.entry(row.code.as_str()).or_default() += 1;
    }
    codes
}
