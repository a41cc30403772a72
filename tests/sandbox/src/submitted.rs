//! What clients asked about, counted: an inquiry costs money, so a test asks whether a card was paid for twice.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Value, json};

/// One question about one card.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Question<'a> {
    #[serde(skip)]
    pub(crate) merchant: &'a str,
    /// The card's number, or its token.
    #[serde(skip)]
    pub(crate) card: &'a str,
    pub(crate) batch: &'a str,
    /// The client's own id of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exp: Option<String>,
}

/// The counts of each merchant.
pub(crate) fn counts<'a>(questions: impl Iterator<Item = Question<'a>>) -> Value {
    #[derive(Default)]
    struct Count<'a> {
        batches: BTreeSet<&'a str>,
        times: BTreeMap<&'a str, u64>,
    }
    let mut merchants: BTreeMap<&str, Count<'_>> = BTreeMap::new();
    for question in questions {
        let count = merchants.entry(question.merchant).or_default();
        count.batches.insert(question.batch);
        *count.times.entry(question.card).or_default() += 1;
    }
    let shown = merchants.into_iter().map(|(merchant, count)| {
        let counts = json!({
            "batches": count.batches.len(),
            "questions": count.times.values().sum::<u64>(),
            "cards": count.times.len(),
            // Above 1, some card was paid for twice.
            "most_for_one_card": count.times.values().max(),
        });
        (merchant.to_owned(), counts)
    });
    Value::Object(shown.collect())
}

/// The same card by card, one JSON object a line.
pub(crate) fn cards<'a>(questions: impl Iterator<Item = Question<'a>>) -> Lines {
    #[derive(Serialize)]
    struct Card<'a> {
        merchant: &'a str,
        card: &'a str,
        times: usize,
        asked: Vec<Question<'a>>,
    }
    let mut cards: BTreeMap<(&str, &str), Vec<Question<'_>>> = BTreeMap::new();
    for question in questions {
        let asked = cards.entry((question.merchant, question.card));
        asked.or_default().push(question);
    }
    lines(cards.into_iter().map(|((merchant, card), asked)| Card {
        merchant,
        card,
        times: asked.len(),
        asked,
    }))
}

/// An answer of one JSON object a line.
pub(crate) type Lines = ([(HeaderName, &'static str); 1], String);

/// One JSON object a line.
pub(crate) fn lines(rows: impl Iterator<Item = impl Serialize>) -> Lines {
    let line = |row| serde_json::to_string(&row).expect("it is plain data") + "\n";
    (
        [(CONTENT_TYPE, "application/x-ndjson")],
        rows.map(line).collect(),
    )
}
