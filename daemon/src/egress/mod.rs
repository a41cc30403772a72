//! The network: the only place that sends anything, to a provider or to a webhook's receiver.
//!
//! A request is a path below one origin; it cannot name another host. Nothing is
//! redirected, decompressed or tried again here: a failed request is a fault, and the ledger repeats
//! the whole call later, so that every attempt is signed anew. Bodies, query strings and credentials
//! never reach a log or a span.

mod body;
mod guard;
mod pace;
mod stop;
#[cfg(test)]
mod tests;
mod way;
mod why;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reissue_connector_api::{Fault, Head, Kind, Request};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{StatusCode, Url};
use tokio::runtime::Handle;
use tracing::field::Empty;

pub use self::body::Body;
use self::pace::Pace;
pub use self::stop::Stop;
pub use self::way::{Authorities, Login, Proxy, Way, Whose};

/// To establish a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a connection is kept that nobody uses: long enough for the next request of a call. Its
/// buffers hold what was last received, card numbers too, and are wiped with it.
const IDLE: Duration = Duration::from_secs(5);
/// Requests in one call: at 500 batches a page this lists half a million. A provider whose pages
/// never end is stopped here.
const REQUESTS: u32 = 1_000;
/// What only a proxy answers.
const PROXY_ASKS: StatusCode = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
/// What turns a request away before anything is done about it (RFC 6585, 4).
const ASKED_TOO_OFTEN: StatusCode = StatusCode::TOO_MANY_REQUESTS;

/// What an account, or a webhook, allows itself.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests a second, over all calls.
    pub requests_per_second: f64,
    /// The largest answer, in bytes.
    pub response_bytes: u64,
    /// The longest silence before an answer or within it.
    pub idle: Duration,
    /// The longest call, with all its requests.
    pub call: Duration,
}

/// The way to one provider or receiver.
pub struct Egress {
    client: reqwest::Client,
    origin: Url,
    way: Way,
    limits: Limits,
    pace: Pace,
    runtime: Handle,
}

impl Egress {
    /// The way to `origin`.
    ///
    /// # Errors
    /// One sentence: the origin is an address that may not be talked to, or TLS cannot be set up.
    pub fn new(origin: &str, way: Way, limits: Limits, runtime: Handle) -> Result<Self, String> {
        let origin = Url::parse(origin).map_err(|error| format!("`{origin}`: {error}"))?;
        let loopback = guard::check_origin(&origin, way.whose)?;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .http1_only()
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("reissue/", env!("CARGO_PKG_VERSION")));
        let client = way
            .lead(client, loopback)
            .and_then(reqwest::ClientBuilder::build)
            .map_err(|error| format!("no HTTP client: {}", why::causes(&error)))?;
        Ok(Self {
            client,
            pace: Pace::new(limits.requests_per_second),
            origin,
            way,
            limits,
            runtime,
        })
    }

    /// Begins a call, which may send `posts` requests other than `GET`.
    pub fn call(self: &Arc<Self>, posts: u32, stop: Stop) -> Call {
        Call {
            egress: Arc::clone(self),
            stop,
            deadline: Instant::now() + self.limits.call,
            requests: REQUESTS,
            posts,
            posted: false,
            turned_away: false,
        }
    }

    /// The host, and the port where it is not the scheme's own.
    pub fn authority(&self) -> &str {
        self.origin.authority()
    }

    /// Which limit a wait ran into that had so much of its call left, and what it is called.
    fn exceeded(&self, left: Duration) -> String {
        let limits = &self.limits;
        let (what, limit, key) = if left < limits.idle {
            (
                "the call took longer than",
                limits.call,
                "limits.call_timeout",
            )
        } else {
            ("nothing came for", limits.idle, "limits.idle_timeout")
        };
        let (whose, key) = match self.way.whose {
            Whose::Account => ("account", key),
            Whose::Webhook => ("webhook", "timeout"),
        };
        let limit = humantime::format_duration(limit);
        format!("{what} {limit} ({key} of the {whose})")
    }

    /// The URL of a path below the origin. What is sent is what was asked for and signed: a path that
    /// means another host, or that parsing would alter, is refused.
    fn url(&self, path: &str) -> Result<Url, Fault> {
        let text = format!("{}{path}", self.origin.as_str().trim_end_matches('/'));
        let plain = path.starts_with('/') && !path.starts_with("//") && !path.contains('#');
        match Url::parse(&text) {
            Ok(url) if plain && url.as_str() == text => Ok(url),
            _ => Err(not_sent(format!(
                "the connector asked for something other than a plain path below {}; the daemon \
                 sent nothing",
                self.origin
            ))),
        }
    }
}

/// One call of a connector: what it may still send, and until when.
pub struct Call {
    egress: Arc<Egress>,
    stop: Stop,
    deadline: Instant,
    requests: u32,
    posts: u32,
    posted: bool,
    turned_away: bool,
}

impl Call {
    /// Whether the call should end.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }

    /// When the call's time is up.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the call may do anything more.
    ///
    /// # Errors
    /// `cancelled` once the daemon stops, `unreachable` once the call's time is up.
    pub fn go_on(&self) -> Result<(), Fault> {
        if self.is_stopped() {
            return Err(Fault::new(Kind::Cancelled, "the daemon is stopping"));
        }
        if Instant::now() >= self.deadline {
            let why = self.egress.exceeded(Duration::ZERO);
            return Err(Fault::new(Kind::Unreachable, why));
        }
        Ok(())
    }

    /// Whether the provider may do what a request other than `GET` asked for.
    pub fn has_posted(&self) -> bool {
        self.posted
    }

    /// Whether the provider answered that it was asked too often, and so did nothing of what a request
    /// other than `GET` asked for. No other answer is that certain whoever gives it: a gateway's 503 may
    /// be about what the provider behind it has taken.
    pub fn was_turned_away(&self) -> bool {
        self.turned_away
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// `refused` where the request is not allowed, `unreachable` where no answer came (`sent` says
    /// whether the request may have arrived), `cancelled`.
    pub fn send(&mut self, mut request: Request, response: u64) -> Result<(Head, Body), Fault> {
        let url = self.egress.url(&request.path)?;
        self.allow(&request)?;
        let span = tracing::info_span!(
            "http",
            otel.name = format!("{} {}", request.method, request.template),
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = %request.method,
            server.address = url.host_str(),
            server.port = url.port_or_known_default(),
            url.template = %request.template,
            http.response.status_code = Empty,
            error.type = Empty,
        );
        let _inside = span.enter();
        let outcome = self.exchange(&mut request, url);
        if request.method != "GET" {
            let asked_too_often = |answer: &reqwest::Response| answer.status() == ASKED_TOO_OFTEN;
            self.turned_away = outcome.as_ref().is_ok_and(asked_too_often);
            self.posted |=
                !self.turned_away && outcome.as_ref().map_or_else(|fault| fault.sent, |_| true);
        }
        let answer = match outcome {
            Ok(answer) => answer,
            Err(mut fault) => {
                span.record("error.type", fault.kind.as_str());
                span.record("otel.status_code", "ERROR");
                fault.message =
                    format!("{} {}: {}", request.method, request.template, fault.message);
                return Err(fault);
            }
        };
        let status = answer.status().as_u16();
        span.record("http.response.status_code", status);
        if status >= 400 {
            span.record("otel.status_code", "ERROR");
        }
        if (300..400).contains(&status) {
            return Err(redirected(&answer, &request, self.egress.way.whose));
        }
        let head = Head {
            response,
            status,
            headers: headers_of(answer.headers()),
        };
        let body = Body::new(answer, self.egress.limits.response_bytes);
        Ok((head, body))
    }

    fn allow(&mut self, request: &Request) -> Result<(), Fault> {
        let Some(requests) = self.requests.checked_sub(1) else {
            return Err(not_sent(format!(
                "the call already made {REQUESTS} requests; the daemon ends it, because the \
                 provider's pages do not seem to"
            )));
        };
        self.requests = requests;
        if request.method != "GET" {
            self.posts = self.posts.checked_sub(1).ok_or_else(|| {
                not_sent(format!(
                    "the connector tried a {} that the daemon holds no durable intent for; \
                     nothing was sent",
                    request.method
                ))
            })?;
        }
        Ok(())
    }

    fn exchange(&self, request: &mut Request, url: Url) -> Result<reqwest::Response, Fault> {
        let egress = &self.egress;
        let unreadable = |what: &str| not_sent(format!("the connector's {what} is not HTTP"));
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| unreadable("method"))?;
        let mut builder = egress.client.request(method, url);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unreadable("header"))?;
            let mut value = HeaderValue::from_str(value).map_err(|_| unreadable("header"))?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body.take() {
            // Wiped when the last part of it is written: it holds card numbers.
            builder = builder.body(Bytes::from_owner(body));
        }
        self.wait("waiting for the answer", async {
            egress.pace.turn().await;
            let answer = builder.send().await;
            let answer = answer.map_err(|error| why::no_answer(&error, egress))?;
            match &egress.way.proxy {
                Some(proxy) if answer.status() == PROXY_ASKS => {
                    Err(why::proxy_asks(proxy, egress.way.whose))
                }
                _ => Ok(answer),
            }
        })
    }

    /// Waits for one step of the exchange, unless the daemon stops or time runs out.
    fn wait<T>(
        &self,
        doing: &str,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let limits = &self.egress.limits;
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.egress.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.stopped() => {
                    Err(Fault::new(Kind::Cancelled, "the daemon is stopping").sent())
                }
                outcome = tokio::time::timeout(left.min(limits.idle), step) => outcome.unwrap_or_else(|_| {
                    Err(Fault::new(Kind::Unreachable, format!("{doing}: {}", self.egress.exceeded(left))).sent())
                }),
            }
        })
    }
}

/// A request that is not allowed, and was not sent.
fn not_sent(message: String) -> Fault {
    Fault::new(Kind::Refused, message)
}

fn redirected(answer: &reqwest::Response, request: &Request, whose: Whose) -> Fault {
    let to = answer
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| answer.url().join(text).ok())
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "an unreadable place".into());
    // Whoever redirects need not be the provider, and may have done before what was asked.
    Fault::garbled(format!(
        "{} {}: HTTP {} sends us to {to}; the daemon follows no redirect: check the {}'s address",
        request.method,
        request.template,
        answer.status().as_u16(),
        whose.as_str(),
    ))
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect()
}
