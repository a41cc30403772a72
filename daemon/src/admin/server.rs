//! HTTP over the admin socket for the command line, and over TCP for whoever watches the daemon's
//! health. The socket's permissions say who may ask; who asked is taken from the kernel.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Query, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::net::UnixListener;
use tokio::sync::mpsc;

use super::observe::{Observer, connectors};
use super::request::{BatchFilter, BatchName, RunRequest};
use super::updates::write_masked;
use super::view::RunView;
use crate::clock;
use crate::generation::Reloader;
use crate::ledger::BatchKey;
use crate::ledger::context::Context;
use crate::ledger::pace::Task;
use crate::ledger::{Batch, Event};
use crate::store::StoreError;

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
        .route("/v1/updates", get(updates))
        .route("/v1/connectors", get(loaded))
        .route("/v1/run", post(run))
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

/// An answer that is a sentence.
pub struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

/// Runs what reads the state on a thread that may block.
async fn look<T, F>(face: Face, with: F) -> Result<Json<T>, Refusal>
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
    let view = looked.await.map_err(|_| {
        Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the daemon panicked; see its log".into(),
        )
    })?;
    view.map(Json)
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

fn unknown_batch(name: &str) -> Refusal {
    Refusal(
        StatusCode::NOT_FOUND,
        format!(
            "no batch, or more than one, is called `{name}`; `reissue batch list` shows them as ACCOUNT/ID"
        ),
    )
}

/// The masked updates of a batch, as lines, while they are read.
async fn updates(
    Shared(face): Shared<Face>,
    Query(name): Query<BatchName>,
) -> Result<Response, Refusal> {
    let key: BatchKey = name
        .batch
        .parse()
        .map_err(|why| Refusal(StatusCode::BAD_REQUEST, why))?;
    let spool = face
        .context
        .spools
        .open(&key, &face.context.keyring)
        .map_err(|error| Refusal(StatusCode::NOT_FOUND, error.to_string()))?;
    let (sender, lines) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut out = std::io::BufWriter::with_capacity(64 * 1024, Pipe(sender));
        if let Err(error) = write_masked(spool, &mut out) {
            // The body breaks off without its end, which the reader notices.
            tracing::error!(batch = %key, %error, "The spool cannot be read.");
            out.into_parts()
                .0
                .0
                .blocking_send(Err(std::io::Error::other("broken")))
                .ok();
        }
    });
    let body = Body::from_stream(futures_util::stream::unfold(lines, |mut lines| async {
        let piece: std::io::Result<Bytes> = lines.recv().await?;
        Some((piece, lines))
    }));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// A writer into an HTTP body.
struct Pipe(mpsc::Sender<std::io::Result<Bytes>>);

impl std::io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        match self.0.blocking_send(Ok(piece)) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn loaded(Shared(face): Shared<Face>) -> impl IntoResponse {
    Json(connectors(&face.context.generation().catalogue))
}

async fn reload(Shared(face): Shared<Face>) -> Result<String, Refusal> {
    let reloaded = tokio::task::spawn_blocking(move || face.reloader.reload(&face.context));
    match reloaded.await {
        Ok(Ok(summary)) => Ok(summary),
        Ok(Err(why)) => Err(Refusal(StatusCode::CONFLICT, why)),
        Err(_) => Err(Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the daemon panicked; see its log".into(),
        )),
    }
}

async fn run(
    Shared(face): Shared<Face>,
    ConnectInfo(Peer(uid)): ConnectInfo<Peer>,
    Json(request): Json<RunRequest>,
) -> Result<Json<RunView>, Refusal> {
    let mut changed = face.context.changed.subscribe();
    let asked_by = uid.map_or_else(|| "somebody".into(), |uid| format!("uid {uid}"));
    let opened = {
        let face = face.clone();
        let schedule = request.schedule.clone();
        look(face.clone(), move |_| {
            open_slot(&face.context, &schedule, request.since, asked_by)
        })
    };
    let Json(slot) = opened.await?;
    loop {
        changed.borrow_and_update();
        let schedule = request.schedule.clone();
        let context = Arc::clone(&face.context);
        let Json((view, settled)) = look(face.clone(), move |observer| {
            run_view(observer, &context, &schedule, slot)
        })
        .await?;
        if !request.wait || settled {
            return Ok(Json(view));
        }
        let stopped = Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "the daemon is stopping".into(),
        );
        tokio::select! {
            // A wait that ends by the clock is not announced, so look now and then.
            _ = tokio::time::timeout(Duration::from_secs(1), changed.changed()) => {}
            () = face.context.stop.stopped() => return Err(stopped),
        }
    }
}

/// Opens a slot now.
fn open_slot(
    context: &Context,
    schedule: &str,
    since: Option<DateTime<Utc>>,
    asked_by: String,
) -> Result<DateTime<Utc>, Refusal> {
    let generation = context.generation();
    if !generation.schedules.contains_key(schedule) {
        let known = generation.schedules.keys().map(String::as_str);
        let help = match reissue_config::nearest(schedule, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`reissue schedules` shows them".into(),
        };
        let message = format!("there is no schedule `{schedule}`; {help}");
        return Err(Refusal(StatusCode::NOT_FOUND, message));
    }
    let task = Task::Slot(schedule.to_owned());
    if context.is_running(&task) {
        // Whoever wants it run now has his wish already, unless it was to look further back.
        let slots = context.store.slots(schedule)?.unwrap_or_default();
        return match (slots.open, since) {
            (Some(open), None) => Ok(open.slot),
            _ => Err(Refusal(
                StatusCode::CONFLICT,
                format!("schedule `{schedule}` is running already; wait for it to end"),
            )),
        };
    }
    let slot = clock::now();
    context.commit(&[Event::SlotOpened {
        schedule: schedule.to_owned(),
        slot,
        missed: 0,
        asked_by: Some(asked_by),
        since,
    }])?;
    context.hurry(&task);
    Ok(slot)
}

/// What the slot has come to, and whether there is nothing more to wait for.
fn run_view(
    observer: &Observer<'_>,
    context: &Context,
    schedule: &str,
    slot: DateTime<Utc>,
) -> Result<(RunView, bool), Refusal> {
    let slots = observer.records.slots(schedule)?.unwrap_or_default();
    let open = slots.open.as_ref().filter(|open| open.slot == slot);
    let served = slots.served.as_ref().filter(|_| open.is_none());
    let batches = observer.batches(|batch| {
        batch.schedule == schedule && (batch.state.is_open() || batch.changed >= slot)
    })?;
    let at_rest = |batch: &Batch| {
        let task = Task::Batch(batch.key.clone());
        let waits = context.wait(&task).is_some() || observer.now < batch.due();
        !batch.state.is_open() || waits && !context.is_running(&task)
    };
    let fault = open.and_then(|open| open.fault.clone());
    let listed = fault.is_some() || served.is_some();
    // The run goes on for a moment after its last commit; whoever waited may want to run again.
    let settled = listed
        && !context.is_running(&Task::Slot(schedule.to_owned()))
        && (fault.is_some() || batches.iter().all(|view| at_rest(&view.batch)));
    let view = RunView {
        schedule: schedule.to_owned(),
        slot,
        served: served.is_some(),
        fault,
        listed: served.map_or(0, |served| served.listed),
        batches,
    };
    Ok((view, settled))
}
