//! Batches: taken, worked on for a while, kept for ten days, gone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::cards::{self, Answer, Row, spelled};
use super::merchant::micros;
use super::request::{NewBatch, Question};
use super::say::Failure;
use super::{Cardsync, Known, Spelling};

/// How long results are kept once they are there.
const KEPT: TimeDelta = TimeDelta::days(10);

/// A batch as the provider keeps it.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    /// The merchant's id.
    pub(super) merchant: String,
    created: DateTime<Utc>,
    completed: DateTime<Utc>,
    pub(super) cards: Vec<Question>,
}

impl Cardsync {
    pub(super) fn take(
        &self,
        merchant: &str,
        wanted: NewBatch,
        now: DateTime<Utc>,
    ) -> Result<Value, Failure> {
        wanted.check()?;
        let known = &mut *self.known();
        if !known.merchant(merchant)?.is_active(now) {
            return Err(Failure::new("merchant is not enrolled"));
        }
        let batch = Batch {
            id: known.ids.next(),
            merchant: merchant.to_owned(),
            created: now,
            completed: now + self.results_after,
            cards: wanted.cards,
        };
        // Cards are counted later.
        let shown = batch.show("pending", now, &Tally::default(), self.options.spelling);
        known.batches.push(Arc::new(batch));
        Ok(shown)
    }

    /// The batch and, if they were asked for, its results as `bent` lets them through.
    pub(super) fn batch(
        &self,
        merchant: &str,
        id: &str,
        results: Option<impl FnOnce(Vec<Row>) -> Vec<Row>>,
        now: DateTime<Utc>,
    ) -> Result<Value, Failure> {
        let batch = self
            .find(id)
            .filter(|batch| batch.merchant == merchant && now < batch.completed + KEPT);
        let batch = batch.ok_or_else(|| Failure::unknown(id))?;
        let spelling = self.options.spelling;
        if now < batch.completed {
            let tally = Tally::of(&[], batch.cards.len());
            return Ok(batch.show("pending", batch.created, &tally, spelling));
        }
        let rows = self.results(&batch);
        let tally = Tally::of(&rows, batch.cards.len());
        let mut shown = batch.show("completed", batch.completed, &tally, spelling);
        if let Some(bent) = results {
            let rows = bent(rows);
            shown["cards"] =
                match rows.is_empty() && id.ends_with(|last: char| last.is_ascii_digit()) {
                    true => Value::Null,
                    false => json!(rows),
                };
        }
        Ok(shown)
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Batch>> {
        let known = self.known();
        known.batches.iter().find(|batch| batch.id == id).cloned()
    }

    /// What the results hold, not in the order in which the cards were submitted.
    pub(super) fn results(&self, batch: &Batch) -> Vec<Row> {
        let Known { answers, .. } = &*self.known();
        let rows = batch.cards.iter().rev();
        rows.filter_map(|asked| {
            let answer = answer(answers, &asked.card)?;
            Some(answer.row(asked, self.options.spelling))
        })
        .collect()
    }
}

fn answer(answers: &HashMap<String, Answer>, card: &str) -> Option<Answer> {
    answers
        .get(card)
        .cloned()
        .or_else(|| cards::published(card))
}

impl Batch {
    /// For a person to see.
    pub(super) fn told(&self, now: DateTime<Utc>) -> Value {
        json!({
            "id": self.id,
            "merchant": self.merchant,
            "cards": self.cards.len(),
            "created": self.created,
            "completed": self.completed,
            "purged": self.completed + KEPT,
            "state": match now {
                now if now < self.completed => "pending",
                now if now < self.completed + KEPT => "completed",
                _ => "purged",
            },
        })
    }

    fn show(
        &self,
        status: &str,
        updated: DateTime<Utc>,
        tally: &Tally,
        spelling: Spelling,
    ) -> Value {
        json!({
            "batch_id": self.id,
            "status": status,
            "stats": tally.stats(spelling),
            "created_at": micros(self.created),
            "updated_at": micros(updated),
        })
    }
}

/// The counters of a batch.
#[derive(Debug, Default)]
pub(super) struct Tally {
    submitted: usize,
    pub(super) statuses: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn of(rows: &[Row], submitted: usize) -> Self {
        let mut statuses = BTreeMap::new();
        for row in rows {
            *statuses.entry(row.status.clone()).or_default() += 1;
        }
        Self {
            submitted,
            statuses,
        }
    }

    pub(super) fn stats(&self, spelling: Spelling) -> Value {
        let listed: usize = self.statuses.values().sum();
        let mut stats = json!({
            "number_submitted": self.submitted,
            "no_change": match listed {
                0 if self.statuses.is_empty() => 0,
                listed => self.submitted - listed,
            },
        });
        for word in [
            "updated_card",
            "updated_expiry",
            "no_match",
            "valid",
            "contact",
            "contact_closed",
        ] {
            let word = spelled(word, spelling);
            stats[word] = self.statuses.get(word).copied().unwrap_or_default().into();
        }
        stats
    }
}
