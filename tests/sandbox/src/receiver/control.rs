//! The receivers' part of the control interface; see the table in [`super`].

use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::Value;

use super::signature::Secret;
use crate::World;
use crate::control::Refusal;
use crate::submitted::{Lines, lines};

pub(crate) fn control() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/receiver/{name}", get(show))
        .route("/_sandbox/receiver/{name}/pages", get(pages))
        .route("/_sandbox/receiver/{name}/updates", get(updates))
        .route("/_sandbox/receiver/{name}/alarms", get(alarms))
        .route("/_sandbox/receiver/{name}/secrets", post(secrets))
}

async fn show(State(world): State<Arc<World>>, Path(name): Path<String>) -> Json<Value> {
    Json(world.receivers.with(&name, |inbox| inbox.show()))
}

async fn pages(State(world): State<Arc<World>>, Path(name): Path<String>) -> Lines {
    world
        .receivers
        .with(&name, |inbox| lines(inbox.pages().iter()))
}

async fn updates(State(world): State<Arc<World>>, Path(name): Path<String>) -> Lines {
    world
        .receivers
        .with(&name, |inbox| lines(inbox.updates().iter()))
}

async fn alarms(State(world): State<Arc<World>>, Path(name): Path<String>) -> Lines {
    world
        .receivers
        .with(&name, |inbox| lines(inbox.alarms().iter()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    secrets: Vec<String>,
}

async fn secrets(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    Json(order): Json<Secrets>,
) -> Result<StatusCode, Refusal> {
    let secrets = order.secrets.iter().map(|secret| Secret::parse(secret));
    let secrets = secrets.collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(|why| Refusal(StatusCode::BAD_REQUEST, why))?;
    world.receivers.with(&name, |inbox| inbox.secrets = secrets);
    Ok(StatusCode::NO_CONTENT)
}
