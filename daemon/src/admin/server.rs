//! HTTP over the admin socket for the command line, and over TCP for whoever watches the daemon's
//! health. The socket's permissions say who may ask; who asked is taken from the kernel.

use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::UnixListener;

use super::decide;
use super::observe::{Observer, connectors};
use super::refusal::Refusal;
use super::request::{BatchFilter, BatchName, RedeliverRequest, Release, ResolveRequest, no_batch};
use crate::clock;
use crate::connector::strikes;
use crate::generation::Reloader;
use crate::ledger::Batch;
use crate::ledger::context::Context;

/// What the routes share.
#[derive(Clone)]
pub struct Face {
    /// The running daemon.
    pub context: Arc<Context>,
    /// Builds another generation.
    pub reloader: Arc<Reloader>,
}

/// The routes of the admin socket.
pub fn routes(face: Face) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/batches", get(batches))
        .route("/v1/batch", get(batch))
        .route("/v1/batch/retry", post(retry))
        .route("/v1/batch/resolve", post(resolve))
        .route("/v1/batch/redeliver", post(redeliver))
        .route("/v1/updates", get(super::updates::updates))
        .route("/v1/connectors", get(loaded))
        .route("/v1/connectors/release", post(release))
        .route("/v1/run", post(super::run::run))
        .route("/v1/enrol", post(super::enrol::enrol))
        .route("/v1/plan", get(super::plan::plan))
        .route("/v1/subscriptions", get(super::subscriptions::show))
        .route(
            "/v1/subscriptions/may-lack",
            post(super::subscriptions::may_lack),
        )
        .route("/v1/suppressions", get(super::suppressions::show))
        .route(
            "/v1/suppressions/lift",
            post(super::suppressions::lift_given),
        )
        .route("/v1/reload", post(reload))
        .merge(health(Arc::clone(&face.context)))
        .with_state(face)
}

/// The routes of the TCP listener, which tell nothing but whether the daemon lives.
pub fn health<S: Clone + Send + Sync + 'static>(context: Arc<Context>) -> Router<S> {
    let alive = Arc::clone(&context);
    Router::new()
        .route(
            "/healthz",
            get(async move || match alive.is_alive() {
                true => (StatusCode::OK, "ok\n"),
                false => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the ledger does not move\n",
                ),
            }),
        )
        .route(
            "/readyz",
            get(async move || match context.stop.is_stopped() {
                false => (StatusCode::OK, "ready\n"),
                true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
            }),
        )
}

/// Who is at the other end of the socket.
#[derive(Debug, Clone)]
pub struct Peer(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|peer| peer.uid()))
    }
}

impl Peer {
    /// For the journal.
    pub(super) fn name(&self) -> String {
        self.0
            .map_or_else(|| "somebody".into(), |uid| format!("uid {uid}"))
    }
}

/// Runs what reads the state on a thread that may block.
pub(super) async fn look<T, F>(face: Face, with: F) -> Result<Json<T>, Refusal>
where
    T: Serialize + Send + 'static,
    F: FnOnce(&Observer<'_>) -> Result<T, Refusal> + Send + 'static,
{
    let looked = tokio::task::spawn_blocking(move || {
        let generation = face.context.generation();
        with(&Observer {
            config: &generation.config,
            records: &*face.context.store,
            context: Some(&face.context),
            now: clock::now(),
        })
    });
    looked.await.map_err(|_| Refusal::panicked())?.map(Json)
}

async fn status(Shared(face): Shared<Face>) -> Result<impl IntoResponse, Refusal> {
    look(face, |observer| Ok(observer.status()?)).await
}

async fn batches(
    Shared(face): Shared<Face>,
    Query(filter): Query<BatchFilter>,
) -> Result<impl IntoResponse, Refusal> {
    look(face, move |observer| {
        Ok(observer.batches(|batch| filter.passes(batch))?)
    })
    .await
}

async fn batch(
    Shared(face): Shared<Face>,
    Query(name): Query<BatchName>,
) -> Result<impl IntoResponse, Refusal> {
    look(face, move |observer| {
        observer
            .batch(&name.batch)?
            .ok_or_else(|| unknown_batch(&name.batch))
    })
    .await
}

async fn retry(
    Shared(face): Shared<Face>,
    Json(request): Json<BatchName>,
) -> Result<impl IntoResponse, Refusal> {
    about(face, request.batch, decide::retry).await
}

async fn resolve(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Json(request): Json<ResolveRequest>,
) -> Result<impl IntoResponse, Refusal> {
    about(face, request.batch, move |context, batch| {
        decide::resolve(context, batch, request.decision, peer.name())
    })
    .await
}

async fn redeliver(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Json(request): Json<RedeliverRequest>,
) -> Result<impl IntoResponse, Refusal> {
    about(face, request.batch, move |context, batch| {
        decide::redeliver(context, batch, request.sinks, peer.name())
    })
    .await
}

/// What a person decides about one batch.
async fn about(
    face: Face,
    name: String,
    decide: impl FnOnce(&Context, &Batch) -> Result<String, Refusal> + Send + 'static,
) -> Result<Json<String>, Refusal> {
    let context = Arc::clone(&face.context);
    look(face, move |observer| {
        let view = observer.batch(&name)?.ok_or_else(|| unknown_batch(&name))?;
        decide(&context, &view.batch)
    })
    .await
}

fn unknown_batch(name: &str) -> Refusal {
    Refusal::not_found(no_batch(name))
}

async fn loaded(Shared(face): Shared<Face>) -> impl IntoResponse {
    Json(connectors(&face.context.generation().catalogue))
}

/// Forgets what crashed, and reloads, which takes the connector up again.
async fn release(
    Shared(face): Shared<Face>,
    Json(Release { connector }): Json<Release>,
) -> Result<String, Refusal> {
    let generation = face.context.generation();
    match strikes::release(&generation.config.daemon.state_dir, &connector) {
        Ok(1..) => {
            tracing::info!(connector, "The crashes of a connector are forgotten.");
            reload(Shared(face)).await
        }
        Ok(0) => Err(Refusal::not_found(format!(
            "no crash in a connector `{connector}` is noted; `reissue status` names those that crashed"
        ))),
        Err(error) => Err(Refusal::failed(format!(
            "the notes of crashes cannot be written: {error}"
        ))),
    }
}

async fn reload(Shared(face): Shared<Face>) -> Result<String, Refusal> {
    let reloaded = tokio::task::spawn_blocking(move || face.reloader.reload(&face.context));
    match reloaded.await {
        Ok(Ok(summary)) => Ok(summary),
        Ok(Err(why)) => Err(Refusal::conflict(why)),
        Err(_) => Err(Refusal::panicked()),
    }
}
