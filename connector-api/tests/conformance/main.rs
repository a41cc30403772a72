//! Conformance lets a good connector pass and refuses a bad one with the sentence that helps its
//! author. Every bad connector here is the good one with one flaw.
#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod answers;
mod calls;
mod claims;
mod manifest;
mod model;
mod settings;
mod updates;
mod webhooks;

use reissue_connector_api::conformance;

conformance!(model::With<model::Good>, model::provider());
