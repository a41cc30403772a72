//! `/_sandbox/`: how a test or a person steers the sandbox. Only from the machine itself, as it needs no credentials.
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/state` | time, batches, scripted faults |
//! | `POST /_sandbox/clock` | `{"advance": "26h"}` |
//! | `POST /_sandbox/faults`, `DELETE` | script one fault: `{"match": {"endpoint": "report", "nth": 2}, "then": {"kind": "drop"}}`; forget all |
//! | `GET /_sandbox/requests` | the journal |
//!
//! Each provider adds its own: see [`crate::smartpayfuse`], [`crate::cardsync`] and [`crate::bluesnap`]. So do the
//! receivers of updates: see [`crate::receiver`].

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Json, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::World;
use crate::faults::Fault;
use crate::number::is_number;
use crate::{bluesnap, cardsync, receiver, smartpayfuse};

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/state", get(state))
        .route("/_sandbox/clock", post(advance))
        .route("/_sandbox/faults", post(script).delete(forget))
        .route("/_sandbox/requests", get(requests))
        .merge(cardsync::control())
        .merge(bluesnap::control())
        .merge(smartpayfuse::control())
        .merge(receiver::control())
        .layer(middleware::from_fn(only_from_here))
}

/// A refusal of the control interface.
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// What is to become of a card, as a person says it.
#[derive(Debug, Deserialize)]
pub(crate) struct Order<A> {
    card: String,
    #[serde(flatten)]
    answer: A,
}

impl<A> Order<A> {
    /// The card's number, and what becomes of it.
    pub(crate) fn of_a_card(self) -> Result<(String, A), Refusal> {
        if is_number(&self.card) {
            return Ok((self.card, self.answer));
        }
        let why = format!("{:?} is no card number", self.card);
        Err(Refusal(StatusCode::BAD_REQUEST, why))
    }
}

async fn only_from_here(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if peer.ip().to_canonical().is_loopback() {
        return next.run(request).await;
    }
    let why = format!("the control interface answers the loopback address only, not {peer}");
    Refusal(StatusCode::FORBIDDEN, why).into_response()
}

async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let now = world.clock.now();
    Json(json!({
        "now": now,
        "batches": world.smartpayfuse.show(now),
        "faults": world.faults.show(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

async fn advance(
    State(world): State<Arc<World>>,
    Json(order): Json<Advance>,
) -> Result<Json<Value>, Refusal> {
    let refuse = |why| Refusal(StatusCode::BAD_REQUEST, why);
    let by = duration(&order.advance).map_err(refuse)?;
    let now = world.clock.advance(by).ok_or_else(|| {
        refuse(format!(
            "the calendar ends before {} have passed",
            order.advance
        ))
    })?;
    Ok(Json(json!({ "now": now })))
}

/// A duration such as `26h`, or what is wrong with it.
pub(crate) fn duration(text: &str) -> Result<std::time::Duration, String> {
    humantime::parse_duration(text)
        .map_err(|e| format!("{text:?} is no duration such as \"26h\" or \"90s\": {e}"))
}

async fn script(
    State(world): State<Arc<World>>,
    Json(fault): Json<Fault>,
) -> Result<StatusCode, Refusal> {
    world
        .faults
        .script(fault)
        .map_err(|why| Refusal(StatusCode::BAD_REQUEST, why))?;
    Ok(StatusCode::CREATED)
}

async fn forget(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn requests(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.journal.show())
}
