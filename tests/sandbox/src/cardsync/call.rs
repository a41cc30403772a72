//! One request from its head to its answer.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use crate::World;
use crate::distort;
use crate::faults::{Endpoint, Kind};
use crate::journal::Entry;

use super::Cardsync;
use super::cards::Row;
use super::request::read;
use super::say::{Failure, Said, say};

/// Ten thousand cards take less than a million.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Every request takes the same way: its key, then the scripted fault, then the answer; the journal sees all.
pub(super) async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let provider = &world.cardsync;
    let now = world.clock.now();
    let (endpoint, batch) = understand(&parts);
    let body = to_bytes(body, MAX_BODY_BYTES).await;
    let caller = provider.caller(&parts, endpoint);
    let fault = match (&caller, endpoint) {
        (Ok(_), Ok(endpoint)) => world.faults.next(endpoint, batch),
        _ => None,
    };
    let leak = fault.as_ref().and_then(Kind::leak);
    let spelling = provider.options.spelling;
    let error = |http| say(Err(Failure::new("failure").with(http)), spelling, leak);
    let answer = match (
        &caller,
        fault
            .as_ref()
            .and_then(|fault| distort::instead(fault, error)),
    ) {
        (_, Some(answer)) => answer,
        (Err(_), None) => say(Err(Failure::unauthorized()), spelling, None),
        (Ok(merchant), None) => {
            let said = endpoint.map_err(|http| Failure::new("failure").with(http));
            let said = said.and_then(|endpoint| {
                is_json(&parts)?;
                let body = body.map_err(|_| Failure::new("the request is too large"))?;
                let call = Call {
                    endpoint,
                    merchant,
                    batch: batch.unwrap_or_default(),
                    is_amex: parts.uri.path().starts_with("/v2/"),
                    body: &body,
                    fault: fault.as_ref(),
                    now,
                };
                call.serve(provider)
            });
            let answer = say(said, spelling, leak);
            match &fault {
                Some(fault) => distort::afterwards(fault, answer).await,
                None => answer,
            }
        }
    };
    world.journal.note(Entry::of(
        now,
        &parts,
        (endpoint.ok(), batch),
        caller.err().map(str::to_owned),
        fault.as_ref(),
        answer.status(),
    ));
    answer.into_response()
}

/// What is asked for, of which batch; or the status that says that there is no such thing.
fn understand(parts: &Parts) -> (Result<Endpoint, StatusCode>, Option<&str>) {
    let path: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
    let (endpoint, batch) = match (&parts.method, path.as_slice()) {
        (&Method::POST, ["api", "merchant"]) => (Endpoint::Merchant, None),
        (&Method::POST, ["api", "accept-tos"]) => (Endpoint::Terms, None),
        (&Method::POST, ["api", "cardsync", "enrollment"]) => (Endpoint::Enrol, None),
        (&Method::GET, ["api", "cardsync", "enrollment"]) => (Endpoint::Enrolment, None),
        (&Method::POST, ["api", "cardsync", "batch"]) => (Endpoint::Submit, None),
        (&Method::GET, ["api", "cardsync", "batch", batch]) => (Endpoint::Status, Some(*batch)),
        (&Method::GET, ["api", "cardsync", "batch", batch, "results"]) => {
            (Endpoint::Report, Some(*batch))
        }
        (&Method::POST, ["v2", "webhook"]) => (Endpoint::Webhook, None),
        (&Method::POST, ["v2", "subscribe"]) => (Endpoint::Subscribe, None),
        (&Method::DELETE, ["v2", "subscribe"]) => (Endpoint::Unsubscribe, None),
        (&Method::GET, ["v2", "subscription", "results"]) => (Endpoint::Report, event(parts)),
        (_, ["api", "merchant" | "accept-tos"])
        | (_, ["api", "cardsync", "enrollment" | "batch"])
        | (_, ["v2", "webhook" | "subscribe"])
        | (_, ["v2", "subscription", "results"]) => {
            return (Err(StatusCode::METHOD_NOT_ALLOWED), None);
        }
        _ => return (Err(StatusCode::NOT_FOUND), None),
    };
    (Ok(endpoint), batch)
}

/// The one parameter of a query that names no batch.
fn event(parts: &Parts) -> Option<&str> {
    let mut parameters = parts.uri.query()?.split('&');
    parameters.find_map(|parameter| parameter.strip_prefix("event_id="))
}

/// A body, and an answer, is JSON.
fn is_json(parts: &Parts) -> Result<(), Failure> {
    let says = |name: HeaderName| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        let kind = value.and_then(|value| value.split(';').next());
        kind.is_some_and(|kind| kind.trim() == "application/json")
    };
    if !says(ACCEPT) || (parts.method != Method::GET && !says(CONTENT_TYPE)) {
        return Err(Failure::new(
            "Content-Type and Accept must be application/json",
        ));
    }
    Ok(())
}

/// A request whose key is good.
struct Call<'a> {
    endpoint: Endpoint,
    merchant: &'a str,
    /// Or event.
    batch: &'a str,
    is_amex: bool,
    body: &'a [u8],
    fault: Option<&'a Kind>,
    now: DateTime<Utc>,
}

impl Call<'_> {
    fn serve(&self, provider: &Cardsync) -> Result<Said, Failure> {
        let Self {
            merchant,
            batch,
            body,
            now,
            ..
        } = *self;
        let bent = |rows| bend(rows, self.fault);
        let data = match self.endpoint {
            Endpoint::Merchant => provider.create_merchant(read(body)?, now),
            Endpoint::Terms => provider.accept_terms(merchant, &read(body)?),
            Endpoint::Enrol => provider.enrol(merchant, read(body)?, now),
            Endpoint::Enrolment => provider.enrolment(merchant, now),
            Endpoint::Submit => provider.take(merchant, read(body)?, now),
            Endpoint::Status => provider.batch(merchant, batch, None::<fn(_) -> _>, now),
            Endpoint::Report if self.is_amex => return provider.event(merchant, batch, bent, now),
            Endpoint::Report => provider.batch(merchant, batch, Some(bent), now),
            Endpoint::Webhook => provider.register(merchant, read(body)?),
            Endpoint::Subscribe => provider.subscribe(merchant, read(body)?, now),
            Endpoint::Unsubscribe => provider.unsubscribe(merchant, read(body)?),
            Endpoint::List | Endpoint::Receiver => {
                Err(Failure::new("failure").with(StatusCode::NOT_FOUND))
            }
        };
        data.map(Said::from)
    }
}

/// The results as the fault lets them through; the counters say what they said.
fn bend(rows: Vec<Row>, fault: Option<&Kind>) -> Vec<Row> {
    match fault {
        Some(Kind::Shorter) => rows.into_iter().step_by(2).collect(),
        Some(Kind::Doubled) => rows
            .into_iter()
            .flat_map(|row| [row.clone(), row])
            .collect(),
        Some(Kind::Foreign) => {
            let foreign = Row {
                id: "somebody-elses-card".into(),
                se_number: None,
                card: "4111111111111111".into(),
                exp: "12/30".into(),
                status: "updated_card".into(),
            };
            rows.into_iter().chain([foreign]).collect()
        }
        _ => rows,
    }
}

impl Cardsync {
    /// The merchant's id; empty for the partner, who creates merchants and does nothing else. Or what is wrong with
    /// the key, which the provider never tells.
    fn caller(
        &self,
        parts: &Parts,
        endpoint: Result<Endpoint, StatusCode>,
    ) -> Result<String, &'static str> {
        let key = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|key| key.to_str().ok());
        let key = key.ok_or("there is no Authorization header")?;
        let is_partner = key == self.options.partner_key;
        match endpoint {
            Ok(Endpoint::Merchant) if is_partner => Ok(String::new()),
            Ok(Endpoint::Merchant) => Err("merchants are created with the partner's key"),
            _ if is_partner => Err("the partner's key creates merchants and does nothing else"),
            _ => {
                let known = self.known();
                let mut merchants = known.merchants.iter();
                let merchant = merchants.find(|merchant| merchant.key.as_deref() == Some(key));
                merchant
                    .map(|merchant| merchant.id.clone())
                    .ok_or("the key is no merchant's: it is sent bare, without a word before it")
            }
        }
    }
}
