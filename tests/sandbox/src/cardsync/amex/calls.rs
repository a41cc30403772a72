//! The calls that announce events, made by a task each time somebody asks for them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use futures_util::{StreamExt, stream};
use reqwest::redirect::Policy;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::super::cards::spelled;
use super::super::merchant::micros;
use super::super::{Cardsync, Known, Spelling};
use super::event::{Event, find};
use super::webhook::TRIGGER;
use crate::World;

/// How long a webhook may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who calls webhooks: straight, and nowhere else than where it was told to.
pub(in crate::cardsync) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE);
    client.build().expect("nothing of it can be missing here")
}

/// Announces events in this order, so many at once; ids are spelled as they are given.
pub(super) fn announce(world: &Arc<World>, ids: Vec<String>, at_once: NonZeroUsize) {
    {
        let Known { events, .. } = &mut *world.cardsync.known();
        for id in &ids {
            if let Some(event) = find(events, id) {
                event.announced.under_way += 1;
            }
        }
    }
    let world = Arc::clone(world);
    tokio::spawn(async move {
        let calls = stream::iter(ids);
        let call = |id: String| {
            let world = &world;
            async move { world.cardsync.call(world, &id).await }
        };
        calls.for_each_concurrent(at_once.get(), call).await;
    });
}

impl Cardsync {
    /// Calls every address that the merchant has now, again and again as it is told to.
    async fn call(&self, world: &World, id: &str) {
        let (urls, body) = self.prepare(id);
        let mut answers = Vec::new();
        for url in &urls {
            for attempt in 1.. {
                let request = self.http.post(url).header(CONTENT_TYPE, "application/json");
                let answer = request.body(body.clone()).send().await;
                let status = answer.map(|answer| answer.status());
                answers.push(match &status {
                    Ok(status) => status.as_u16().to_string(),
                    Err(_) => "none".into(),
                });
                let is_taken = status.is_ok_and(|status| status.is_success());
                if is_taken || attempt == self.options.amex.webhook_attempts {
                    break;
                }
                tokio::time::sleep(self.options.amex.webhook_pause).await;
            }
        }
        if urls.is_empty() {
            answers.push("nowhere".into());
        }
        let Known { events, .. } = &mut *world.cardsync.known();
        if let Some(event) = find(events, id) {
            event.announced.under_way -= 1;
            for answer in answers {
                *event.announced.answers.entry(answer).or_default() += 1;
            }
        }
    }

    /// Where to call, and with what. Each call has an id of its own, and every second a `trigger_id` that is text.
    fn prepare(&self, id: &str) -> (Vec<String>, String) {
        let Known {
            ids,
            merchants,
            events,
            calls,
            ..
        } = &mut *self.known();
        let Some(event) = find(events, id) else {
            return (Vec::new(), String::new());
        };
        *calls += 1;
        let call = Call {
            stats: Counters(event, self.options.spelling),
            id: ids.next_uuid(),
            trigger_id: match *calls % 2 {
                1 => json!(TRIGGER),
                _ => json!(TRIGGER.to_string()),
            },
            trigger_date: micros(event.created),
            event_id: id,
            message: "",
            expires: micros(event.expires),
        };
        let body = serde_json::to_string(&call).expect("it is plain data");
        let mut merchants = merchants.iter();
        let merchant = merchants.find(|merchant| merchant.id == event.merchant);
        let urls = merchant.map(|merchant| merchant.webhooks.clone());
        (urls.unwrap_or_default(), body)
    }
}

/// What a webhook is called with.
#[derive(Serialize)]
struct Call<'a> {
    stats: Counters<'a>,
    id: String,
    trigger_id: Value,
    trigger_date: String,
    event_id: &'a str,
    message: &'static str,
    expires: String,
}

/// The counters as the webhook has them: `closed` comes first, with nothing in it, and then once more under whatever
/// name the spelling gives it. In the second spelling that is the same name.
struct Counters<'a>(&'a Event, Spelling);

impl Serialize for Counters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(event, spelling) = *self;
        let counted = event.stats(spelling);
        let closed = spelled("contact_closed", spelling);
        let before = [
            "updated_expiry",
            "updated_card",
            "no_change",
            "no_match",
            "valid",
            "contact",
        ];
        let count = |name| (name, counted[name].clone());
        let before = before.into_iter().map(count);
        let after = ["number_submitted", closed].map(count);
        serializer.collect_map(before.chain([("closed", json!(0))]).chain(after))
    }
}
