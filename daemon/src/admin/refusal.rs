//! An answer that is a sentence: why something is not done, for a person to read.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::ledger::suppressions::SuppressionsError;
use crate::store::StoreError;

/// Why something is not done, in one sentence that says what to do.
pub(super) struct Refusal(StatusCode, String);

impl Refusal {
    /// What was sent makes no sense.
    pub(super) fn bad_request(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }

    /// There is nothing of that name.
    pub(super) fn not_found(why: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, why.into())
    }

    /// It does not fit what is so.
    pub(super) fn conflict(why: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, why.into())
    }

    /// The daemon ends before it can be said what it came to.
    pub(super) fn stopping() -> Self {
        let why = "the daemon is stopping";
        Self(StatusCode::SERVICE_UNAVAILABLE, why.into())
    }

    /// Something of the daemon's own failed.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, why.into())
    }

    /// The task that was to answer is gone.
    pub(super) fn panicked() -> Self {
        Self::failed("the daemon panicked; see its log")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self(StatusCode::INSUFFICIENT_STORAGE, error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<SuppressionsError> for Refusal {
    fn from(error: SuppressionsError) -> Self {
        match error {
            SuppressionsError::State(error) => error.into(),
            SuppressionsError::Sealed(error) => Self::failed(error.to_string()),
        }
    }
}
