//! The provider's part of the control interface: what was submitted, and what a client should have got.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::World;
use crate::control::{Order, Refusal};
use crate::submitted::{self, Lines, Question, lines};

use super::amex;
use super::batch::{Batch, Tally};
use super::cards::{Answer, Row};

/// See the table in [`super`].
pub(crate) fn control() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/cardsync", get(state))
        .route("/_sandbox/cardsync/submitted", get(submitted))
        .route("/_sandbox/cardsync/submitted/cards", get(submitted_cards))
        .route("/_sandbox/cardsync/expected/{batch}", get(expected))
        .route(
            "/_sandbox/cardsync/expected/{batch}/cards",
            get(expected_cards),
        )
        .route("/_sandbox/cardsync/answers", post(answers))
        .merge(amex::control())
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let now = world.clock.now();
    let known = world.cardsync.known();
    let merchants: Vec<Value> = known.merchants.iter().map(|it| it.show(now)).collect();
    let batches: Vec<Value> = known.batches.iter().map(|it| it.told(now)).collect();
    Json(json!({ "merchants": merchants, "batches": batches }))
}

async fn submitted(State(world): State<Arc<World>>) -> Json<Value> {
    let known = world.cardsync.known();
    Json(submitted::counts(questions(&known.batches)))
}

async fn submitted_cards(State(world): State<Arc<World>>) -> Lines {
    let known = world.cardsync.known();
    submitted::cards(questions(&known.batches))
}

fn questions(batches: &[Arc<Batch>]) -> impl Iterator<Item = Question<'_>> {
    batches.iter().flat_map(|batch| {
        batch.cards.iter().map(|asked| Question {
            merchant: &batch.merchant,
            card: &asked.card,
            batch: &batch.id,
            id: Some(&asked.id),
            exp: Some(asked.exp.clone()),
        })
    })
}

async fn expected(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let Expected {
        merchant,
        cards,
        rows,
    } = results(&world, &id)?;
    let tally = Tally::of(&rows, cards);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for (status, count) in &tally.statuses {
        *outcomes.entry(outcome(status)).or_default() += count;
    }
    Ok(Json(json!({
        "batch": id,
        "merchant": merchant,
        "cards": cards,
        "results": rows.len(),
        "absent": cards - rows.len(),
        "codes": tally.statuses,
        "outcomes": outcomes,
        "stats": tally.stats(world.cardsync.options.spelling),
    })))
}

async fn expected_cards(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Lines, Refusal> {
    Ok(lines(results(&world, &id)?.rows.iter()))
}

/// What there is to get out of a batch or an event.
struct Expected {
    merchant: String,
    /// How many were asked about, or subscribed.
    cards: usize,
    rows: Vec<Row>,
}

fn results(world: &World, id: &str) -> Result<Expected, Refusal> {
    if let Some(batch) = world.cardsync.find(id) {
        return Ok(Expected {
            merchant: batch.merchant.clone(),
            cards: batch.cards.len(),
            rows: world.cardsync.results(&batch),
        });
    }
    let known = world.cardsync.known();
    let event = known.events.iter().find(|event| event.id == id);
    let expected = event.map(|event| Expected {
        merchant: event.merchant.clone(),
        cards: event.subscribed,
        rows: event.rows.clone(),
    });
    expected.ok_or_else(|| {
        let why = format!(
            "there is no batch and no event {id}: see /_sandbox/cardsync and /_sandbox/cardsync/events"
        );
        Refusal(StatusCode::NOT_FOUND, why)
    })
}

/// The provider's published words.
fn outcome(status: &str) -> &'static str {
    match status {
        "updated_card" => "new_number",
        "updated_expiry" => "new_expiry",
        "no_match" => "no_match",
        "valid" => "valid",
        "contact" => "contact_cardholder",
        "contact_closed" | "closed" => "closed",
        _ => "unknown",
    }
}

async fn answers(
    State(world): State<Arc<World>>,
    Json(order): Json<Order<Answer>>,
) -> Result<StatusCode, Refusal> {
    let (card, answer) = order.of_a_card()?;
    world.cardsync.known().answers.insert(card, answer);
    Ok(StatusCode::CREATED)
}
