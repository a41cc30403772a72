//! The provider's part of the control interface: what was submitted, and what a client should have got.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::World;
use crate::control::Refusal;

use super::batch::{Batch, Tally};
use super::cards::{Answer, Row, is_number};

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
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let now = world.clock.now();
    let known = world.cardsync.known();
    let merchants: Vec<Value> = known.merchants.iter().map(|it| it.show(now)).collect();
    let batches: Vec<Value> = known.batches.iter().map(|it| it.told(now)).collect();
    Json(json!({ "merchants": merchants, "batches": batches }))
}

/// How often one merchant asked about one card.
#[derive(Debug, Serialize)]
struct Submitted<'a> {
    merchant: &'a str,
    card: &'a str,
    times: usize,
    asked: Vec<Asked<'a>>,
}

#[derive(Debug, Serialize)]
struct Asked<'a> {
    batch: &'a str,
    id: &'a str,
    exp: &'a str,
}

fn by_card(batches: &[Arc<Batch>]) -> Vec<Submitted<'_>> {
    let mut cards: HashMap<(&str, &str), Vec<Asked<'_>>> = HashMap::new();
    for batch in batches {
        for question in &batch.cards {
            let asked = cards.entry((&batch.merchant, &question.card));
            asked.or_default().push(Asked {
                batch: &batch.id,
                id: &question.id,
                exp: &question.exp,
            });
        }
    }
    let mut cards: Vec<_> = cards
        .into_iter()
        .map(|((merchant, card), asked)| Submitted {
            merchant,
            card,
            times: asked.len(),
            asked,
        })
        .collect();
    cards.sort_by_key(|one| (one.merchant, one.card));
    cards
}

async fn submitted(State(world): State<Arc<World>>) -> Json<Value> {
    let known = world.cardsync.known();
    let mut merchants: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for one in by_card(&known.batches) {
        let [questions, cards, most] = merchants.entry(one.merchant).or_default();
        *questions += one.times;
        *cards += 1;
        *most = one.times.max(*most);
    }
    let merchants = merchants
        .into_iter()
        .map(|(merchant, [questions, cards, most])| {
            let batches = known.batches.iter().filter(|it| it.merchant == merchant);
            let counts = json!({
                "batches": batches.count(),
                "questions": questions,
                "cards": cards,
                // Above 1, some card was paid twice.
                "most_for_one_card": most,
            });
            (merchant.to_owned(), counts)
        });
    Json(Value::Object(merchants.collect()))
}

async fn submitted_cards(State(world): State<Arc<World>>) -> impl IntoResponse {
    let known = world.cardsync.known();
    ndjson(&by_card(&known.batches))
}

async fn expected(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let (batch, rows) = results(&world, &id)?;
    let tally = Tally::of(&rows, batch.cards.len());
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for (status, count) in &tally.statuses {
        *outcomes.entry(outcome(status)).or_default() += count;
    }
    Ok(Json(json!({
        "batch": batch.id,
        "merchant": batch.merchant,
        "cards": batch.cards.len(),
        "results": rows.len(),
        "absent": batch.cards.len() - rows.len(),
        "codes": tally.statuses,
        "outcomes": outcomes,
        "stats": tally.stats(world.cardsync.options.spelling),
    })))
}

async fn expected_cards(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    Ok(ndjson(&results(&world, &id)?.1))
}

fn results(world: &World, id: &str) -> Result<(Arc<Batch>, Vec<Row>), Refusal> {
    let batch = world.cardsync.find(id).ok_or_else(|| {
        let why = format!("there is no batch {id}: see /_sandbox/cardsync");
        Refusal(StatusCode::NOT_FOUND, why)
    })?;
    let rows = world.cardsync.results(&batch);
    Ok((batch, rows))
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

#[derive(Debug, Deserialize)]
struct Order {
    card: String,
    #[serde(flatten)]
    answer: Answer,
}

async fn answers(
    State(world): State<Arc<World>>,
    Json(order): Json<Order>,
) -> Result<StatusCode, Refusal> {
    if !is_number(&order.card) {
        let why = format!("{:?} is no card number", order.card);
        return Err(Refusal(StatusCode::BAD_REQUEST, why));
    }
    let mut known = world.cardsync.known();
    known.answers.insert(order.card, order.answer);
    Ok(StatusCode::CREATED)
}

/// One JSON object a line.
fn ndjson(rows: &[impl Serialize]) -> ([(HeaderName, &'static str); 1], String) {
    let line = |row| serde_json::to_string(row).expect("it is plain data") + "\n";
    let lines: String = rows.iter().map(line).collect();
    ([(CONTENT_TYPE, "application/x-ndjson")], lines)
}
