//! The provider's part of the control interface.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Json, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};

use crate::World;
use crate::control::Refusal;
use crate::submitted::{self, Lines, Question};

use super::batch::Batch;
use super::batches::Order;
use super::{JSON, call, expected};

/// `POST /_sandbox/batches`, `GET /_sandbox/expected/BATCH`, `GET /_sandbox/expected/BATCH/ids`, and
/// `GET /_sandbox/report/BATCH`: the report as the provider gives it, to whoever asks; and what was submitted.
pub(crate) fn control() -> Router<Arc<World>> {
    Router::new()
        // A report to serve as it is may be large.
        .route(
            "/_sandbox/batches",
            post(order).layer(DefaultBodyLimit::disable()),
        )
        .route("/_sandbox/expected/{batch}", get(expect))
        .route("/_sandbox/expected/{batch}/ids", get(ids))
        .route("/_sandbox/report/{batch}", get(report))
        .route("/_sandbox/smartpayfuse/submitted", get(submitted))
        .route(
            "/_sandbox/smartpayfuse/submitted/cards",
            get(submitted_tokens),
        )
}

async fn order(
    State(world): State<Arc<World>>,
    Json(order): Json<Order>,
) -> Result<impl IntoResponse, Refusal> {
    let batch = world
        .smartpayfuse
        .batches
        .order(order, world.clock.now())
        .map_err(|why| Refusal(StatusCode::BAD_REQUEST, why))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": batch.id }))))
}

async fn expect(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let batch = find(&world, &id)?;
    expected::expected(&batch)
        .map(Json)
        .map_err(|why| Refusal(StatusCode::CONFLICT, why))
}

async fn ids(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let batch = find(&world, &id)?;
    let ids = expected::ids(&batch).map_err(|why| Refusal(StatusCode::CONFLICT, why))?;
    let body = Body::from_stream(stream::iter(ids.map(Ok::<_, Infallible>)));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body))
}

async fn report(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let batch = find(&world, &id)?;
    let body = call::report_body(&batch, None)
        .ok_or_else(|| Refusal(StatusCode::NOT_FOUND, format!("batch {id} has no report")))?;
    Ok(([(CONTENT_TYPE, JSON)], body))
}

async fn submitted(State(world): State<Arc<World>>) -> Json<Value> {
    let batches = world.smartpayfuse.batches.newest_first(world.clock.now());
    Json(submitted::counts(questions(&world, &batches)))
}

async fn submitted_tokens(State(world): State<Arc<World>>) -> Lines {
    let batches = world.smartpayfuse.batches.newest_first(world.clock.now());
    submitted::cards(questions(&world, &batches))
}

fn questions<'a>(
    world: &'a World,
    batches: &'a [Arc<Batch>],
) -> impl Iterator<Item = Question<'a>> {
    let asked = batches.iter().rev().filter_map(|batch| {
        let submission = batch.submission.as_ref()?;
        Some(submission.tokens.iter().map(move |token| (batch, token)))
    });
    asked.flatten().map(|(batch, token)| Question {
        merchant: &world.smartpayfuse.credentials.merchant,
        card: token,
        batch: &batch.id,
        id: None,
        exp: None,
    })
}

fn find(world: &World, id: &str) -> Result<Arc<Batch>, Refusal> {
    let batch = world.smartpayfuse.batches.find(id, world.clock.now());
    batch.ok_or_else(|| {
        Refusal(
            StatusCode::NOT_FOUND,
            format!("there is no batch {id}: see /_sandbox/state"),
        )
    })
}
