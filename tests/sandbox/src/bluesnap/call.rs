//! One request from its head to its answer.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};

use crate::World;
use crate::distort;
use crate::faults::{Endpoint, Kind};
use crate::journal::Entry;

use super::batch::{Asked, Row};
use super::cards::New;
use super::question::NewBatch;
use super::{BlueSnap, PATH, say};

/// Two thousand cards take less than a million.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Every request takes the same way: credentials, then the scripted fault, then the answer; the journal sees all.
pub(super) async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let provider = &world.bluesnap;
    let now = world.clock.now();
    let asked = understand(&parts);
    let (endpoint, batch) = match asked {
        Ok((endpoint, batch)) => (Some(endpoint), batch),
        Err(_) => (None, None),
    };
    let user = provider.user(&parts);
    let fault = match (&user, endpoint) {
        (Ok(_), Some(endpoint)) => world.faults.next(endpoint, batch),
        _ => None,
    };
    let answer = match (&user, asked) {
        (Err(_), _) => refusal(StatusCode::UNAUTHORIZED),
        (_, Err(status)) => refusal(status),
        (Ok(user), Ok((_, batch))) => {
            let call = Call {
                user,
                batch,
                fault: fault.as_ref(),
                now,
            };
            call.answer(provider, &parts, body).await
        }
    };
    world.journal.note(Entry::of(
        now,
        &parts,
        (endpoint, batch),
        user.err().map(str::to_owned),
        fault.as_ref(),
        answer.status(),
    ));
    answer
}

/// What is asked for, of which batch; or the status that says that there is no such thing.
fn understand(parts: &Parts) -> Result<(Endpoint, Option<&str>), StatusCode> {
    let rest = parts.uri.path().strip_prefix(PATH);
    let batch = rest.and_then(|rest| rest.strip_prefix('/'));
    match (&parts.method, rest, batch) {
        (&Method::POST, Some(""), _) => Ok((Endpoint::Submit, None)),
        (&Method::GET, _, Some(batch)) if !batch.contains('/') => {
            Ok((Endpoint::Report, Some(batch)))
        }
        (_, Some(""), _) | (_, _, Some(_)) => Err(StatusCode::METHOD_NOT_ALLOWED),
        // The provider's word for what does not exist.
        _ => Err(StatusCode::FORBIDDEN),
    }
}

/// A request whose credentials are good.
struct Call<'a> {
    user: &'a str,
    batch: Option<&'a str>,
    fault: Option<&'a Kind>,
    now: DateTime<Utc>,
}

impl Call<'_> {
    async fn answer(&self, provider: &BlueSnap, parts: &Parts, body: Body) -> Response {
        let instead = self
            .fault
            .and_then(|fault| distort::instead(fault, refusal));
        if let Some(answer) = instead {
            return answer;
        }
        let kind = parts.headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
        let answer = match (self.batch, to_bytes(body, MAX_BODY_BYTES).await) {
            _ if kind.is_none_or(|kind| !kind.starts_with(b"application/xml")) => {
                refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            (_, Err(_)) => refusal(StatusCode::PAYLOAD_TOO_LARGE),
            (None, Ok(body)) => self.create(provider, &body),
            (Some(batch), Ok(_)) => self.retrieve(provider, batch),
        };
        match self.fault {
            Some(fault) => distort::afterwards(fault, answer).await,
            None => answer,
        }
    }

    fn create(&self, provider: &BlueSnap, body: &[u8]) -> Response {
        let taken =
            NewBatch::read(body).and_then(|wanted| provider.take(self.user, wanted, self.now));
        match taken {
            Ok(batch) => say::acknowledgement(&batch, self.leak()),
            Err(why) => {
                let property = why.split(' ').next();
                say::refusal(StatusCode::BAD_REQUEST, &why, property)
            }
        }
    }

    fn retrieve(&self, provider: &BlueSnap, id: &str) -> Response {
        match provider.find(self.user, id, self.now) {
            None => refusal(StatusCode::FORBIDDEN),
            Some(batch) if batch.is_complete(self.now) => {
                let rows = bend(provider.results(&batch), self.fault);
                say::results(&rows, self.now, self.leak())
            }
            Some(batch) => say::not_ready(&batch, self.leak()),
        }
    }

    fn leak(&self) -> Option<&str> {
        self.fault.and_then(Kind::leak)
    }
}

/// The results as the fault lets them through.
fn bend(rows: Vec<Row>, fault: Option<&Kind>) -> Vec<Row> {
    match fault {
        Some(Kind::Shorter) => rows.into_iter().step_by(2).collect(),
        Some(Kind::Doubled) => rows
            .into_iter()
            .flat_map(|row| [row.clone(), row])
            .collect(),
        Some(Kind::Foreign) => {
            let foreign = Row {
                asked: Asked {
                    id: "somebody-elses-card".into(),
                    card: "4000000000000002".into(),
                    exp: "12/26".into(),
                },
                code: "500".into(),
                new: Some(New {
                    card: "4005519200000004".into(),
                    exp: "12/30".into(),
                }),
            };
            rows.into_iter().chain([foreign]).collect()
        }
        _ => rows,
    }
}

fn refusal(status: StatusCode) -> Response {
    let words = match status {
        StatusCode::UNAUTHORIZED => "Authentication failed",
        StatusCode::FORBIDDEN => "The resource does not exist, or you are not permitted to use it",
        other => other.canonical_reason().unwrap_or("Error"),
    };
    say::refusal(status, words, None)
}

impl BlueSnap {
    /// The user, or what is wrong with the credentials, which the provider never tells.
    fn user(&self, parts: &Parts) -> Result<String, &'static str> {
        let value = parts
            .headers
            .get(AUTHORIZATION)
            .ok_or("there is no Authorization header")?;
        let encoded = value
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Basic "));
        let encoded = encoded.ok_or("the Authorization header does not begin with `Basic `")?;
        if encoded.starts_with(' ') {
            return Err("there is more than one space after `Basic`");
        }
        let decoded = BASE64.decode(encoded).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
            Some((user, password))
                if password == self.options.password
                    && self.options.usernames.iter().any(|known| known == user) =>
            {
                Ok(user.to_owned())
            }
            Some(_) => Err("the user or the password is unknown"),
            None => Err("the credentials are not base64 of `user:password`"),
        }
    }
}
