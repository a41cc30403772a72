//! Plays the faults that any HTTP server can have, whatever the provider.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt, future, stream};

use crate::faults::Kind;

/// How often a slow body moves.
const BEAT: Duration = Duration::from_millis(100);

/// The answer that a fault gives in place of the provider's, if it does. `error` makes the provider's own error body.
pub(crate) fn instead(
    fault: &Kind,
    error: impl FnOnce(StatusCode) -> Response,
) -> Option<Response> {
    let json = [(CONTENT_TYPE, "application/json")];
    Some(match fault {
        Kind::Status {
            status,
            body,
            headers: more,
        } => {
            let status = StatusCode::from_u16(*status).expect("checked when scripted");
            let mut answer = match body {
                Some(body) => (status, json, body.clone()).into_response(),
                None => error(status),
            };
            answer
                .headers_mut()
                .extend(headers(more).expect("checked when scripted"));
            answer
        }
        Kind::Html => {
            let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n";
            ([(CONTENT_TYPE, "text/html;charset=utf-8")], page).into_response()
        }
        Kind::Empty => json.into_response(),
        Kind::Garbage => (
            json,
            &b"\x00\xff\xfe{\"records\": [}} \xc3\x28 not json"[..],
        )
            .into_response(),
        Kind::Redirect { to } => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
        Kind::Drop => {
            Body::from_stream(stream::once(future::ready(Err::<Bytes, _>(cut())))).into_response()
        }
        Kind::Stall => (
            json,
            Body::from_stream(stream::pending::<io::Result<Bytes>>()),
        )
            .into_response(),
        _ => return None,
    })
}

/// The provider's answer as the fault lets it through.
pub(crate) async fn afterwards(fault: &Kind, answer: Response) -> Response {
    let fault = match fault {
        Kind::Served { then } => match instead(then, IntoResponse::into_response) {
            Some(lost) => return lost,
            None => then,
        },
        fault => fault,
    };
    if let Kind::Late { milliseconds } = fault {
        tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
    }
    let (mut parts, body) = answer.into_parts();
    let body = match fault {
        Kind::Truncate { after_bytes } => truncated(body, *after_bytes),
        Kind::WrongLength => {
            // The right length must be known to announce a wrong one, so this one body is held in memory.
            let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let sent = whole.len() as u64;
            parts
                .headers
                .insert(CONTENT_LENGTH, HeaderValue::from(sent + 1000));
            truncated(Body::from(whole), sent)
        }
        Kind::Slow { bytes_per_second } => slowed(body, *bytes_per_second),
        _ => body,
    };
    Response::from_parts(parts, body)
}

/// Header fields from text, or what is wrong with them.
pub(crate) fn headers(fields: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    let field = |(name, value): (&String, &String)| {
        let name = HeaderName::try_from(name).map_err(|_| format!("{name:?} is no header name"))?;
        let value =
            HeaderValue::try_from(value).map_err(|_| format!("{value:?} is no header value"))?;
        Ok((name, value))
    };
    fields.iter().map(field).collect()
}

fn truncated(body: Body, after_bytes: u64) -> Body {
    let mut left = usize::try_from(after_bytes).unwrap_or(usize::MAX);
    let sent = body
        .into_data_stream()
        .map_err(io::Error::other)
        .map_ok(move |mut chunk| {
            chunk.truncate(left);
            left -= chunk.len();
            (chunk, left)
        });
    // Whole chunks first, then the one that runs out, then none.
    let sent = sent.scan(false, |ended, item| {
        let last = matches!(item, Ok((_, 0)));
        let next = (!*ended).then_some(item);
        *ended |= last;
        future::ready(next)
    });
    let closing = stream::once(async {
        // The server writes out what it has when a body is not ready, and closes on an error without writing.
        tokio::task::yield_now().await;
        Err(cut())
    });
    Body::from_stream(sent.map_ok(|(chunk, _)| chunk).chain(closing))
}

fn slowed(body: Body, bytes_per_second: u32) -> Body {
    let beats_per_second = 1000 / BEAT.as_millis() as u32;
    let portion = (bytes_per_second / beats_per_second).max(1) as usize;
    let beat = if bytes_per_second < beats_per_second {
        Duration::from_secs(1) / bytes_per_second
    } else {
        BEAT
    };
    let portions = body
        .into_data_stream()
        .map_ok(move |chunk| {
            let parts = chunk.len().div_ceil(portion);
            stream::iter((0..parts).map(move |n| {
                let start = n * portion;
                Ok::<_, axum::Error>(chunk.slice(start..chunk.len().min(start + portion)))
            }))
        })
        .try_flatten();
    Body::from_stream(portions.then(move |part| async move {
        tokio::time::sleep(beat).await;
        part
    }))
}

fn cut() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionAborted,
        "a scripted fault cut the connection",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_takes_its_time() {
        for (rate, bytes, seconds) in [(100, 1000, 10), (2, 10, 5), (1_000_000, 3_000_000, 3)] {
            let start = tokio::time::Instant::now();
            let sent = to_bytes(slowed(Body::from(vec![b'x'; bytes]), rate), usize::MAX).await;
            assert_eq!(sent.unwrap().len(), bytes);
            assert_eq!(
                start.elapsed().as_secs(),
                seconds,
                "{bytes} bytes at {rate}/s"
            );
        }
    }
}
