//! What the provider answers when it does not do what was asked.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::mix::mix;

/// A refusal in the provider's own words.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    key: &'static str,
    message: &'static str,
    detail: String,
    /// `None` leaves the field out; the provider is not of one mind about it.
    fields: Option<Value>,
    /// Leaves out the last brace and puts a space into the link, as one published example does.
    malformed: bool,
}

impl Problem {
    /// The credentials are not good. The code says "forbidden" nevertheless.
    pub(super) fn unauthorized() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            fields: Some(Value::Null),
            ..Self::forbidden()
        }
    }

    /// The batch is not the merchant's, or is none, or has no report to give: the provider does not say which.
    pub(super) fn forbidden() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "FORBIDDEN_RESPONSE",
            key: "cybsapi.forbidden.response",
            message: "Unauthorized Access",
            detail: "You are not authorized to access this resource".into(),
            fields: None,
            malformed: false,
        }
    }

    pub(super) fn malformed(self) -> Self {
        Self {
            malformed: true,
            ..self
        }
    }

    pub(super) fn invalid(fields: Vec<Value>) -> Self {
        Self {
            code: "VALIDATION_ERROR",
            key: "cybsapi.validation.error",
            message: "Field validation error",
            detail: "One or more fields failed validation".into(),
            fields: Some(fields.into()),
            ..Self::with_status(StatusCode::UNPROCESSABLE_ENTITY)
        }
    }

    /// That header does not say JSON.
    pub(super) fn media_type(header: &str) -> Self {
        Self {
            code: "UNSUPPORTED_MEDIA_TYPE",
            key: "cybsapi.media.notsupported",
            message: "Media type not supported",
            detail: format!("{header} must be application/json"),
            ..Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        }
    }

    /// The body is no JSON.
    pub(super) fn malformed_payload() -> Self {
        Self {
            code: "MALFORMED_PAYLOAD_ERROR",
            key: "cybsapi.malformed.payload",
            message: "Malformed payload",
            detail: "The request body could not be read".into(),
            ..Self::with_status(StatusCode::BAD_REQUEST)
        }
    }

    /// Any other status in the same shape.
    pub(super) fn with_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::unauthorized(),
            StatusCode::FORBIDDEN => Self::forbidden(),
            _ => Self {
                status,
                code: "SERVER_ERROR",
                key: "cybsapi.server.error",
                message: status.canonical_reason().unwrap_or("Error"),
                detail: "The request could not be served".into(),
                fields: Some(Value::Null),
                malformed: false,
            },
        }
    }

    /// The answer to the nth request; `leak` is what a fault puts into the text.
    pub(super) fn answer(self, url: &str, nth: u64, leak: Option<&str>) -> Response {
        let detail = match leak {
            Some(text) => format!("{}: {text}", self.detail),
            None => self.detail,
        };
        let href = match self.malformed {
            true => url.replace("/batches/", "/batches/ "),
            false => url.to_owned(),
        };
        let mut body = json!({
            "_links": { "self": { "href": href } },
            "code": self.code,
            "correlationId": format!("{:016x}{:016x}", mix(nth), mix(!nth)),
            "detail": detail,
            "localizationKey": self.key,
            "message": self.message,
        });
        if let Some(fields) = self.fields {
            body["fields"] = fields;
        }
        let mut body = body.to_string();
        if self.malformed {
            body.pop();
        }
        (self.status, [(CONTENT_TYPE, super::JSON)], body).into_response()
    }
}
