//! Who is let in, and what the others are told.
//!
//! A stranger learns nothing: whatever is asked for, and however, the answer is the same. Who knows a secret
//! is a provider (or has its secret), and is told what is wrong. The two are counted apart. A path is never
//! logged, because it may hold a secret.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use reissue_connector_api::Notification;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::crowd::Seat;
use super::rates::Rates;
use crate::clock;
use crate::ledger::context::Context;

/// The largest body.
const BODY: usize = 64 * 1024;

/// How many bodies are taken at a time.
const AT_A_TIME: usize = 64;

/// When to come again if there is no room.
const LATER: Duration = Duration::from_secs(60);

/// Decides about each request.
pub(super) struct Gate {
    context: Arc<Context>,
    /// The path of the public URL, which a proxy may pass on.
    base: String,
    proxies: Vec<IpAddr>,
    known: Rates,
    strangers: Rates,
    bodies: Semaphore,
    /// Requests of strangers since it was told.
    came: AtomicU64,
    /// Requests with a good secret that were not taken, since it was told.
    turned_away: AtomicU64,
}

/// Why a request with a good secret is not taken.
enum Refusal {
    Status(StatusCode),
    Later(StatusCode, Duration),
}

impl Gate {
    /// The gate of these webhooks; none where no account can have one.
    pub(super) fn of(webhooks: &reissue_config::Webhooks, context: &Arc<Context>) -> Option<Self> {
        Some(Self {
            base: context.hooks.as_ref()?.base().path().to_owned(),
            context: Arc::clone(context),
            proxies: webhooks.trusted_proxies.clone(),
            known: Rates::of(&webhooks.limits),
            strangers: Rates::of(&webhooks.limits),
            bodies: Semaphore::new(AT_A_TIME),
            came: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        })
    }

    /// Answers a request that came from there, and whose body must be here by then.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        until: Instant,
        seat: &Seat,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let source = self.source(peer, request.headers());
        let Some(account) = self.account(request.uri().path()) else {
            return Ok(self.stranger(source));
        };
        seat.leave();
        Ok(match self.take(account, source, request, until).await {
            Ok(()) => answer(StatusCode::OK),
            Err(refusal) => {
                self.turned_away.fetch_add(1, Ordering::Relaxed);
                refusal.response()
            }
        })
    }

    /// Logs how many were not let in, if any were.
    pub(super) fn tell(&self) {
        let strangers = self.came.swap(0, Ordering::Relaxed);
        if strangers > 0 {
            tracing::info!(strangers, "Somebody asked for what is no webhook.");
        }
        let requests = self.turned_away.swap(0, Ordering::Relaxed);
        if requests > 0 {
            tracing::warn!(
                requests,
                "Calls of webhooks were turned away: too many, or not as they should be."
            );
        }
    }

    /// Who asks: what a trusted proxy says, or whoever connected.
    fn source(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.proxies.contains(&peer) {
            return peer;
        }
        let last = headers.get_all("x-forwarded-for").iter().next_back();
        let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        let named = last.and_then(|name| name.trim().parse::<IpAddr>().ok());
        named.map_or(peer, |source| source.to_canonical())
    }

    /// The account whose webhook this path is; none without a good secret.
    fn account(&self, path: &str) -> Option<String> {
        let hooks = self.context.hooks.as_ref()?;
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let (account, secret) = path.strip_prefix("/hooks/")?.split_once('/')?;
        let is_good = hooks.admit(account, secret, clock::now());
        let is_there = self.context.generation().has_account(account);
        (is_good && is_there).then(|| account.to_owned())
    }

    fn stranger(&self, source: IpAddr) -> Response<Full<Bytes>> {
        self.came.fetch_add(1, Ordering::Relaxed);
        match self.strangers.admit(source) {
            Ok(()) => answer(StatusCode::NOT_FOUND),
            Err(after) => Refusal::Later(StatusCode::TOO_MANY_REQUESTS, after).response(),
        }
    }

    /// Takes a notification. It is durable afterwards.
    async fn take(
        &self,
        account: String,
        source: IpAddr,
        request: Request<Incoming>,
        until: Instant,
    ) -> Result<(), Refusal> {
        let too_many = |after| Refusal::Later(StatusCode::TOO_MANY_REQUESTS, after);
        self.known.admit(source).map_err(too_many)?;
        if request.method() != Method::POST {
            return Err(Refusal::Status(StatusCode::METHOD_NOT_ALLOWED));
        }
        let Some(content_type) = json(request.headers()) else {
            return Err(Refusal::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        };
        if request.body().size_hint().lower() > BODY as u64 {
            return Err(Refusal::Status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let no_room = || Refusal::Later(StatusCode::SERVICE_UNAVAILABLE, LATER);
        let _turn = self.bodies.try_acquire().map_err(|_| no_room())?;
        let place = self.context.inbox.place(&account).ok_or_else(no_room)?;
        let body = body(request.into_body(), until).await?;
        let notification = Notification {
            headers: [(CONTENT_TYPE.to_string(), content_type)].into(),
            // What is not UTF-8 is not JSON either; whoever reads it will say so.
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        let context = Arc::clone(&self.context);
        let kept = tokio::task::spawn_blocking(move || {
            if !context.store.has_space() {
                return false;
            }
            match place.keep(&notification) {
                Ok(()) => context.bell.ring(),
                Err(error) => {
                    tracing::error!(account, %error, "A notification cannot be kept.");
                    false
                }
            }
        });
        match kept.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(no_room()),
        }
    }
}

/// The content type, if it is JSON's.
fn json(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = value.split(';').next().unwrap_or_default().trim();
    media
        .eq_ignore_ascii_case("application/json")
        .then(|| value.to_owned())
}

async fn body(body: Incoming, until: Instant) -> Result<Bytes, Refusal> {
    match timeout_at(until, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Refusal::Status(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Ok(Err(_)) => Err(Refusal::Status(StatusCode::BAD_REQUEST)),
        Err(_) => Err(Refusal::Status(StatusCode::REQUEST_TIMEOUT)),
    }
}

impl Refusal {
    fn response(self) -> Response<Full<Bytes>> {
        match self {
            Self::Status(status) => {
                let mut response = answer(status);
                if status == StatusCode::METHOD_NOT_ALLOWED {
                    let post = hyper::header::HeaderValue::from_static("POST");
                    response.headers_mut().insert(ALLOW, post);
                }
                response
            }
            Self::Later(status, after) => {
                let mut response = answer(status);
                let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
        }
    }
}

/// An answer that says no more than its status.
fn answer(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
