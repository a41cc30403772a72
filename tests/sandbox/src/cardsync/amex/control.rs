//! The product's part of the control interface; see the table in [`crate::cardsync`].

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::Known;
use super::calls::announce;
use super::event::{Event, find};
use super::subscription::{Key, Pair};
use crate::World;
use crate::control::{Refusal, duration};
use crate::submitted::{Lines, lines};

pub(in crate::cardsync) fn control() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/cardsync/subscriptions", get(subscriptions))
        .route("/_sandbox/cardsync/events", get(events).post(make))
        .route("/_sandbox/cardsync/calls", post(call))
}

async fn subscriptions(State(world): State<Arc<World>>) -> Lines {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        key: &'a Key,
        #[serde(flatten)]
        pair: &'a Pair,
    }
    let known = world.cardsync.known();
    let pairs = known.pairs.all();
    lines(pairs.map(|(key, pair)| Line { key, pair }))
}

async fn events(State(world): State<Arc<World>>) -> Json<Vec<Value>> {
    let now = world.clock.now();
    let at_expiry = world.cardsync.options.amex.purge_at_expiry;
    let known = world.cardsync.known();
    let events = known.events.iter();
    Json(events.map(|event| event.told(at_expiry, now)).collect())
}

/// How an event comes about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Making {
    /// The only one that has subscribed something, unless named.
    merchant: Option<String>,
    /// Numbers; all to which something happens, unless named.
    cards: Option<BTreeSet<String>>,
    #[serde(default = "a_day")]
    expires_in: String,
    #[serde(default = "yes")]
    deliver: bool,
}

fn a_day() -> String {
    "24h".into()
}

fn yes() -> bool {
    true
}

async fn make(
    State(world): State<Arc<World>>,
    Json(order): Json<Making>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let lives = duration(&order.expires_in).map_err(bad)?;
    let now = world.clock.now();
    let (id, told) = {
        let provider = &world.cardsync;
        let known = &mut *provider.known();
        let subscriber = the_only(known.pairs.subscribed().map(|(key, _)| &*key.merchant));
        let merchant = order.merchant.or(subscriber);
        let merchant = merchant.ok_or_else(|| which("has subscribed a card"))?;
        let event = provider
            .happen(known, merchant, order.cards.as_ref(), lives, now)
            .map_err(bad)?;
        let told = event.told(provider.options.amex.purge_at_expiry, now);
        (event.id.clone(), told)
    };
    if order.deliver {
        announce(&world, vec![id], alone());
    }
    Ok((StatusCode::CREATED, Json(told)))
}

/// Which events are announced, once more or at last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calling {
    /// Ids in the order of the calls. One that is no event's is forged, whatever it looks like.
    #[serde(default)]
    events: Vec<String>,
    /// How many more ids are forged, called after the others.
    #[serde(default)]
    forged: usize,
    /// How often all of it is done.
    #[serde(default = "one")]
    times: usize,
    #[serde(default = "alone")]
    at_once: NonZeroUsize,
    /// Whom a forged id is called for: the only one that has a webhook, unless named.
    merchant: Option<String>,
}

fn one() -> usize {
    1
}

fn alone() -> NonZeroUsize {
    NonZeroUsize::MIN
}

async fn call(
    State(world): State<Arc<World>>,
    Json(order): Json<Calling>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let now = world.clock.now();
    let ids = {
        let known = &mut *world.cardsync.known();
        let mut ids = order.events;
        ids.extend((0..order.forged).map(|_| known.ids.next_uuid()));
        let callable = known.merchants.iter().filter(|it| !it.webhooks.is_empty());
        let callable = the_only(callable.map(|merchant| &*merchant.id));
        let merchant = order.merchant.or(callable);
        let Known { events, .. } = known;
        for id in &ids {
            if find(events, id).is_none() {
                let merchant = merchant.clone();
                let merchant = merchant.ok_or_else(|| which("has a webhook"))?;
                events.push(Event::forged(id.clone(), merchant, now));
            }
        }
        ids
    };
    let all = std::iter::repeat_n(&ids, order.times).flatten();
    announce(&world, all.cloned().collect(), order.at_once);
    Ok((StatusCode::ACCEPTED, Json(json!({ "events": ids }))))
}

fn the_only<'a>(merchants: impl Iterator<Item = &'a str>) -> Option<String> {
    let merchants: BTreeSet<&str> = merchants.collect();
    let mut merchants = merchants.into_iter();
    let only = merchants.next().map(str::to_owned);
    only.filter(|_| merchants.next().is_none())
}

fn which(has: &str) -> Refusal {
    bad(format!(
        "not exactly one merchant {has}: name one as `merchant`"
    ))
}

fn bad(why: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, why)
}
