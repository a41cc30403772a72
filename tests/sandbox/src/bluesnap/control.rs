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

use super::batch::{Batch, Row, codes};
use super::cards::Answer;

/// See the table in [`super`].
pub(crate) fn control() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/bluesnap", get(state))
        .route("/_sandbox/bluesnap/submitted", get(submitted))
        .route("/_sandbox/bluesnap/submitted/cards", get(submitted_cards))
        .route("/_sandbox/bluesnap/expected/{batch}", get(expected))
        .route(
            "/_sandbox/bluesnap/expected/{batch}/cards",
            get(expected_cards),
        )
        .route("/_sandbox/bluesnap/answers", post(answers))
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let now = world.clock.now();
    let batches = world.bluesnap.batches();
    let batches: Vec<Value> = batches.iter().map(|batch| batch.told(now)).collect();
    Json(json!({ "batches": batches }))
}

async fn submitted(State(world): State<Arc<World>>) -> Json<Value> {
    let batches = world.bluesnap.batches();
    Json(submitted::counts(questions(&batches)))
}

async fn submitted_cards(State(world): State<Arc<World>>) -> Lines {
    let batches = world.bluesnap.batches();
    submitted::cards(questions(&batches))
}

fn questions(batches: &[Arc<Batch>]) -> impl Iterator<Item = Question<'_>> {
    batches.iter().flat_map(|batch| {
        batch.accepted().map(|asked| Question {
            merchant: &batch.merchant,
            card: &asked.card,
            batch: &batch.id,
            id: Some(&asked.id),
            exp: Some(format!("{}/{}", asked.month, asked.year)),
        })
    })
}

async fn expected(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let (batch, rows) = results(&world, &id)?;
    let codes = codes(&rows);
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, count) in &codes {
        *outcomes.entry(outcome(code)).or_default() += count;
    }
    Ok(Json(json!({
        "batch": batch.id,
        "merchant": batch.merchant,
        "cards": batch.cards.len(),
        "results": rows.len(),
        "rejected": batch.cards.len() - rows.len(),
        "codes": codes,
        "outcomes": outcomes,
    })))
}

async fn expected_cards(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Lines, Refusal> {
    Ok(lines(results(&world, &id)?.1.iter()))
}

/// Users may have the same id; then the first is meant.
fn results(world: &World, id: &str) -> Result<(Arc<Batch>, Vec<Row>), Refusal> {
    let mut batches = world.bluesnap.batches().into_iter();
    let batch = batches.find(|batch| batch.id == id).ok_or_else(|| {
        let why = format!("there is no batch {id}: see /_sandbox/bluesnap");
        Refusal(StatusCode::NOT_FOUND, why)
    })?;
    let rows = world.bluesnap.results(&batch);
    Ok((batch, rows))
}

/// The provider's published table of codes.
fn outcome(code: &str) -> &'static str {
    match code {
        "500" => "new_number",
        "501" => "closed",
        "502" => "new_expiry",
        "503" => "not_participating",
        "504" => "contact_cardholder",
        "505" => "no_match",
        "506" => "valid",
        "507" => "opted_out",
        _ => "unknown",
    }
}

async fn answers(
    State(world): State<Arc<World>>,
    Json(order): Json<Order<Answer>>,
) -> Result<StatusCode, Refusal> {
    let (card, answer) = order.of_a_card()?;
    world.bluesnap.known().answers.insert(card, answer);
    Ok(StatusCode::CREATED)
}
