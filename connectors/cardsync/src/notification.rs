//! What a call to our webhook announces: an event, whose results are fetched with our own key.
//!
//! Nobody signs such a call, so nothing of it is believed: taken are ids, which are ids or nothing,
//! and the times between which the results should be there.

use chrono::TimeDelta;
use reissue_connector_api::lenient::time;
use reissue_connector_api::{Announced, Fault, Found, FoundState, Notification};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::job;
use crate::wire::Event;

/// What calls us when American Express has reported a change.
pub(crate) const TRIGGER: u64 = 23;
/// How long results are kept, by the documents' prose. In their examples `expires` says a day.
const KEPT: TimeDelta = TimeDelta::days(10);

/// The event that the call announces.
///
/// # Errors
/// `garbled` where it is another trigger's, or names no event.
pub(crate) fn announced(notification: &Notification) -> Result<Vec<Announced>, Fault> {
    // A generic value survives a key that comes twice.
    let body: Value = serde_json::from_str(&notification.body)
        .map_err(|_| Fault::garbled("the webhook call is not JSON"))?;
    let event = Event::deserialize(&body).unwrap_or_default();
    match event.trigger_id.0 {
        Some(TRIGGER) => {}
        Some(other) => {
            return Err(Fault::garbled(format!(
                "the webhook call is for trigger {other}, and trigger {TRIGGER} alone announces \
                 updates of American Express cards"
            )));
        }
        None => return Err(Fault::garbled("the webhook call has no `trigger_id`")),
    }
    let id = canonical(&event.event_id)
        .ok_or_else(|| Fault::garbled("the webhook call has no `event_id` that is a UUID"))?;

    let created = time(&event.trigger_date);
    let kept = created.and_then(|created| created.checked_add_signed(KEPT));
    let expires = time(&event.expires);
    let mut found =
        Found::new(id, FoundState::Ready).fact("call", canonical(&event.id).unwrap_or_default());
    found.created = created;
    found.purge = expires.into_iter().chain(kept).min();
    Ok(vec![Announced {
        job: job::SUBSCRIPTION.to_owned(),
        found,
    }])
}

/// In lower case, so that an event has one id however it is written.
fn canonical(uuid: &str) -> Option<String> {
    let uuid = Uuid::try_parse(uuid.trim()).ok()?;
    Some(uuid.hyphenated().to_string())
}
