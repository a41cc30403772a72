//! One message from its head to its answer.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::signature::verify;
use crate::faults::{Endpoint, Kind};
use crate::journal::Entry;
use crate::{World, clock, distort};

/// Four pages' worth: what is encrypted takes more than what it says.
const MAX_BODY_BYTES: usize = 1 << 20;

/// Every message takes the same way: its signature, then the scripted fault, then the inbox; the journal sees all.
pub(super) async fn serve(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let receivers = &world.receivers;
    let header = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let refuse = |why| receivers.with(&name, |inbox| inbox.refuse(header("webhook-id"), why));
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        refuse(format!(
            "it is not whole, or larger than {MAX_BODY_BYTES} bytes"
        ));
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let secrets = receivers.with(&name, |inbox| inbox.secrets.clone());
    // The sender goes by its own clock, which nobody advanced.
    let verified = verify(&parts.headers, &body, &secrets, clock::now());
    let fault = verified.as_ref().ok();
    let fault = fault.and_then(|_| world.faults.next(Endpoint::Receiver, Some(&name)));
    let note = |status: Option<StatusCode>| {
        world.journal.note(Entry {
            at: world.clock.now(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: None,
            endpoint: Some(Endpoint::Receiver),
            batch: Some(name.clone()),
            refused: verified.as_ref().err().cloned(),
            fault: fault.as_ref().map(Kind::name),
            status: status.map(|status| status.as_u16()),
        });
    };
    if let Some(Kind::Silence) = fault {
        note(None);
        std::future::pending::<()>().await;
    }
    let empty = |status: StatusCode| status.into_response();
    let instead = fault.as_ref().and_then(|it| distort::instead(it, empty));
    let answer = match (&verified, instead) {
        (_, Some(answer)) => answer,
        (Err(why), None) => {
            refuse(why.clone());
            empty(StatusCode::UNAUTHORIZED)
        }
        (Ok(verified), None) => {
            let taken = match header("content-type") {
                Some("application/json") => {
                    receivers.with(&name, |inbox| inbox.take(verified, &body))
                }
                _ => Err("its content-type is not application/json".into()),
            };
            let answer = match taken {
                Ok(()) => empty(StatusCode::NO_CONTENT),
                Err(why) => {
                    refuse(why);
                    empty(StatusCode::BAD_REQUEST)
                }
            };
            match &fault {
                Some(fault) => distort::afterwards(fault, answer).await,
                None => answer,
            }
        }
    };
    let is_answered = fault.as_ref().is_none_or(Kind::is_answered);
    note(is_answered.then(|| answer.status()));
    answer
}
