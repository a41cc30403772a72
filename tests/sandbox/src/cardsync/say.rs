//! The envelope around every answer.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Spelling;

/// What was done: the `data` of the envelope, and what stands beside it.
#[derive(Debug)]
pub(super) struct Said {
    data: Value,
    beside: Option<(&'static str, Value)>,
}

impl From<Value> for Said {
    fn from(data: Value) -> Self {
        Self { data, beside: None }
    }
}

impl Said {
    pub(super) fn beside(self, name: &'static str, value: Value) -> Self {
        Self {
            beside: Some((name, value)),
            ..self
        }
    }
}

/// Why something was not done. Most failures come with 200 all the same.
#[derive(Debug)]
pub(super) struct Failure {
    http: StatusCode,
    status: &'static str,
    words: String,
}

impl Failure {
    /// The request is not as it should be. In what words the provider says so is not documented.
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self {
            http: StatusCode::OK,
            status: "failure",
            words: words.into(),
        }
    }

    /// The request is as it should be and asks for what cannot be.
    pub(super) fn invalid(words: &str) -> Self {
        Self {
            http: StatusCode::BAD_REQUEST,
            status: "failed",
            words: words.into(),
        }
    }

    /// The key is not good.
    pub(super) fn unauthorized() -> Self {
        Self {
            http: StatusCode::UNAUTHORIZED,
            status: "failed",
            words: "unauthorized".into(),
        }
    }

    /// There is no such thing, or no longer. One page of the documents says 200, another 404.
    pub(super) fn unknown(id: &str) -> Self {
        let http = match id.ends_with(|last: char| last.is_ascii_digit()) {
            true => StatusCode::NOT_FOUND,
            false => StatusCode::OK,
        };
        Self::new("failure").with(http)
    }

    pub(super) fn with(self, http: StatusCode) -> Self {
        Self { http, ..self }
    }
}

/// What the provider answers; `leak` is what a fault puts into its words.
pub(super) fn say(said: Result<Said, Failure>, spelling: Spelling, leak: Option<&str>) -> Response {
    let (http, status, words, said) = match said {
        Ok(said) => (StatusCode::OK, "success", "success".to_owned(), said),
        Err(failure) => (
            failure.http,
            failure.status,
            failure.words,
            Value::Null.into(),
        ),
    };
    let key = match spelling {
        Spelling::V1 => "msg",
        Spelling::V2 => "message",
    };
    let mut body = json!({ "status": status, key: leak.unwrap_or(&words) });
    if !said.data.is_null() {
        body["data"] = said.data;
    }
    if let Some((name, value)) = said.beside {
        body[name] = value;
    }
    let json = [(CONTENT_TYPE, "application/json")];
    (http, json, body.to_string()).into_response()
}
