//! The connector against a daemon that is played by the test kit, and a provider that is scripted.

mod collect;
mod conforms;
mod discover;
mod settings;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Batch, Found, FoundState, Origin, Window};
use serde_json::json;

use crate::Example;

const API_KEY: (&str, &str) = ("api_key", "k-0123456789");

/// Three records as the provider documents them.
const RECORDS: &str = include_str!("data/records.jsonl");

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Example>(json!({ "merchant": "acme" }), &[API_KEY]).unwrap()
}

/// The week before the fake daemon's now.
fn window() -> Window {
    Window {
        from: "2026-11-15T06:30:00Z".parse().unwrap(),
        to: "2026-11-22T06:30:00Z".parse().unwrap(),
    }
}

fn list(page: u32) -> String {
    format!(
        "GET /v1/reports?merchant=acme&from=2026-11-15T06%3A30%3A00Z\
         &to=2026-11-22T06%3A30%3A00Z&page={page}"
    )
}

fn batch(id: &str) -> Batch {
    Batch {
        job: "daily".into(),
        origin: Origin::Found,
        found: Found::new(id, FoundState::Ready),
    }
}

fn report(id: &str, state: &str) -> serde_json::Value {
    json!({
        "id": id, "state": state, "records": 3,
        "created_at": "2026-11-21T04:00:00Z", "purged_at": "2026-12-21T04:00:00Z",
    })
}
