//! Answers as tests script them.

use serde_json::{Value, json};

/// This status with the provider's own body for it.
pub(crate) fn status(status: u16) -> Value {
    json!({ "kind": "status", "status": status })
}

/// This status without a body, as a gateway in between answers.
pub(crate) fn bare(status: u16) -> Value {
    answer(status, "")
}

/// This status and this body.
pub(crate) fn answer(status: u16, body: &str) -> Value {
    json!({ "kind": "status", "status": status, "body": body })
}

/// This status and a wish for when to come back.
pub(crate) fn later(status: u16, when: &str) -> Value {
    json!({ "kind": "status", "status": status, "headers": { "retry-after": when } })
}

/// The whole answer, but for what comes after so many bytes.
pub(crate) fn truncated(after: u64) -> Value {
    json!({ "kind": "truncate", "after_bytes": after })
}

/// Another address in place of an answer.
pub(crate) fn redirect(to: &str) -> Value {
    json!({ "kind": "redirect", "to": to })
}

/// A fault that needs no more words.
pub(crate) fn kind(kind: &str) -> Value {
    json!({ "kind": kind })
}

/// A document that is good JSON and something else.
pub(crate) const ANOTHER_DOCUMENT: &str = r#"{"pets":[{"name":"Rex"}]}"#;

/// The provider's refusal of a request that it finds invalid.
pub(crate) const INVALID: &str = r#"{"code":"VALIDATION_ERROR","detail":"One or more fields failed validation",
    "fields":[{"path":"limit","message":"must be 1 to 500"}]}"#;
