//! One request from its head to its answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde_json::Value;

use crate::World;
use crate::clock;
use crate::distort;
use crate::faults::{Endpoint, Kind};
use crate::journal::Entry;

use super::auth::{self, Signed};
use super::batch::{Batch, Report};
use super::bend::bent;
use super::problem::Problem;
use super::submit::NewBatch;
use super::{JSON, PATH, SmartpayFuse, list, status, submit, views};

/// Ten million tokens.
const MAX_BODY_BYTES: usize = 1 << 30;

/// Every request takes the same way: credentials, then the scripted fault, then the answer; the journal sees all.
pub(super) async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let nth = world.smartpayfuse.requests.fetch_add(1, Ordering::Relaxed);
    let call = Call::read(&parts, nth, world.clock.now());
    let (body, refused) = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => {
            let refused = call.verify(&world, &body).err();
            (body, refused)
        }
        Err(e) => (
            Bytes::new(),
            Some(format!("the body could not be read: {e}")),
        ),
    };
    let fault = match (&refused, call.endpoint) {
        (None, Ok(endpoint)) => world.faults.next(endpoint, call.batch),
        _ => None,
    };
    let answer = match &refused {
        Some(_) => call.problem(Problem::unauthorized(), None),
        None => {
            call.answer(&world.smartpayfuse, &body, fault.as_ref())
                .await
        }
    };
    world.journal.note(Entry::of(
        call.now,
        &parts,
        (call.endpoint.ok(), call.batch),
        refused,
        fault.as_ref(),
        answer.status(),
    ));
    answer
}

/// One request, understood.
struct Call<'a> {
    parts: &'a Parts,
    nth: u64,
    now: DateTime<Utc>,
    /// Or the status that says that the provider has no such thing.
    endpoint: Result<Endpoint, StatusCode>,
    batch: Option<&'a str>,
}

impl<'a> Call<'a> {
    fn read(parts: &'a Parts, nth: u64, now: DateTime<Utc>) -> Self {
        let path = parts
            .uri
            .path()
            .strip_prefix(PATH)
            .map(|rest| rest.split('/').collect::<Vec<_>>());
        let (endpoint, batch) = match path.as_deref() {
            Some([""]) => (Ok(Endpoint::List), None),
            Some(["", batch, "status"]) => (Ok(Endpoint::Status), Some(*batch)),
            Some(["", batch, "report"]) => (Ok(Endpoint::Report), Some(*batch)),
            _ => (Err(StatusCode::NOT_FOUND), None),
        };
        let endpoint = match (&parts.method, endpoint) {
            (&Method::GET, endpoint) => endpoint,
            (&Method::POST, Ok(Endpoint::List)) => Ok(Endpoint::Submit),
            (_, endpoint) => endpoint.and(Err(StatusCode::METHOD_NOT_ALLOWED)),
        };
        Self {
            parts,
            nth,
            now,
            endpoint,
            batch,
        }
    }

    fn verify(&self, world: &World, body: &Bytes) -> Result<(), String> {
        let uri = &self.parts.uri;
        let request = Signed {
            method: self.parts.method.as_str(),
            target: uri
                .path_and_query()
                .map_or(uri.path(), |target| target.as_str()),
            headers: &self.parts.headers,
            body,
        };
        auth::verify(
            &request,
            &world.smartpayfuse.credentials,
            &world.smartpayfuse.used,
            clock::now(),
        )
    }

    async fn answer(&self, provider: &SmartpayFuse, body: &[u8], fault: Option<&Kind>) -> Response {
        let error = |status| self.problem(Problem::with_status(status), None);
        if let Some(answer) = fault.and_then(|fault| distort::instead(fault, error)) {
            return answer;
        }
        let answer = self
            .documented(provider, body, fault)
            .unwrap_or_else(|problem| self.problem(problem, fault.and_then(Kind::leak)));
        match fault {
            Some(fault) => distort::afterwards(fault, bent(fault, answer).await).await,
            None => answer,
        }
    }

    fn documented(
        &self,
        provider: &SmartpayFuse,
        body: &[u8],
        fault: Option<&Kind>,
    ) -> Result<Response, Problem> {
        let endpoint = self.endpoint.map_err(Problem::with_status)?;
        let leak = fault.and_then(Kind::leak);
        if endpoint != Endpoint::Status && !self.accepts_json() {
            return Err(Problem::media_type("Accept"));
        }
        let batch = self
            .batch
            .and_then(|id| provider.batches.find(id, self.now));
        match (endpoint, batch) {
            (Endpoint::List, _) => {
                list::list(provider, &self.parts.uri, &self.origin(), fault, self.now)
                    .map(json_answer)
            }
            (Endpoint::Submit, _) => {
                let wanted = NewBatch::read(&self.parts.headers, body)?;
                let worked_on = provider.processing_for;
                let batch = provider.batches.submit(wanted, worked_on, self.now);
                let said = json_answer(submit::accepted(&batch, &self.origin()));
                Ok((StatusCode::ACCEPTED, said).into_response())
            }
            (Endpoint::Status, Some(batch)) => Ok(json_answer(status::status(
                &batch,
                &self.origin(),
                leak,
                self.now,
            ))),
            (Endpoint::Report, Some(batch)) => self.report(&batch, leak),
            (Endpoint::Status, None) => Err(Problem::forbidden()),
            (Endpoint::Report, None) => Err(Problem::forbidden().malformed()),
            // What other providers offer.
            _ => Err(Problem::with_status(StatusCode::NOT_FOUND)),
        }
    }

    fn report(&self, batch: &Batch, leak: Option<&str>) -> Result<Response, Problem> {
        if !batch.is_complete(self.now) {
            return Err(Problem::forbidden());
        }
        match report_body(batch, leak) {
            Some(body) => Ok(([(CONTENT_TYPE, JSON)], body).into_response()),
            // Which of the two is not documented.
            None if batch.variant().is_multiple_of(2) => Err(Problem::forbidden()),
            None => Err(Problem::with_status(StatusCode::NOT_FOUND)),
        }
    }

    fn problem(&self, problem: Problem, leak: Option<&str>) -> Response {
        let url = format!("{}{}", self.origin(), self.parts.uri);
        problem.answer(&url, self.nth, leak)
    }

    fn accepts_json(&self) -> bool {
        let accept = self
            .parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| {
            accept
                .split(',')
                .any(|range| range.split(';').next() == Some("application/json"))
        })
    }

    /// The sandbox as the client calls it.
    fn origin(&self) -> String {
        let host = self
            .parts
            .headers
            .get(HOST)
            .and_then(|value| value.to_str().ok());
        format!("http://{}", host.unwrap_or_default())
    }
}

/// The report of a batch that has one, with the text of a leak in its first record.
pub(super) fn report_body(batch: &Batch, leak: Option<&str>) -> Option<Body> {
    match &batch.report {
        Report::Generated(report) => {
            let first = leak.filter(|_| report.records > 0).map(|text| {
                let mut record = Vec::new();
                report.write(0, &mut record);
                views::leaking(&record, text)
            });
            let chunks = report
                .clone()
                .chunks(views::report_head(batch, leak), first);
            Some(Body::from_stream(stream::iter(
                chunks.map(Ok::<_, Infallible>),
            )))
        }
        Report::Verbatim(body) => Some(body.clone().into()),
        Report::Absent => None,
    }
}

fn json_answer(body: Value) -> Response {
    ([(CONTENT_TYPE, JSON)], body.to_string()).into_response()
}
