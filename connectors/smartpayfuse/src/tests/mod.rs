//! The connector against a daemon that is played by the test kit. The payloads in `data` are those of
//! the provider's documents, as printed (`.raw`) or with their syntax mended. `quirk` in a comment
//! numbers the documents' contradictions.

mod collect;
mod conforms;
mod discover;
mod paging;
mod reconcile;
mod records;
mod refusal;
mod settings;
mod sign;
mod submit;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Batch, Found, FoundState, Origin, Submission, Window};
use serde_json::json;

use crate::SmartpayFuse;

/// A payload of the provider's.
macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}
use data;

const CREATE: &str = "POST /accountupdater/v1/batches";
const SECRET: (&str, &str) = (
    "shared_secret",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
);

fn daemon() -> FakeDaemon {
    let settings = json!({
        "merchant_id": "acme_uk", "key_id": "08c94330", "notification_email": "test@cybs.com"
    });
    FakeDaemon::open::<SmartpayFuse>(settings, &[SECRET]).unwrap()
}

/// The week before the fake daemon's now.
fn window() -> Window {
    Window {
        from: "2026-11-15T06:30:00Z".parse().unwrap(),
        to: "2026-11-22T06:30:00Z".parse().unwrap(),
    }
}

fn list(offset: u64) -> String {
    format!(
        "GET /accountupdater/v1/batches?offset={offset}&limit=500\
         &fromDate=20261115T063000Z&toDate=20261122T063000Z"
    )
}

/// The list in which a submission is looked for: 45 days back.
fn recent(offset: u64) -> String {
    format!(
        "GET /accountupdater/v1/batches?offset={offset}&limit=500\
         &fromDate=20261008T063000Z&toDate=20261122T063000Z"
    )
}

fn submission(id: &str) -> Submission {
    Submission {
        id: id.into(),
        cards: 2,
    }
}

fn status(batch: &str) -> String {
    format!("GET /accountupdater/v1/batches/{batch}/status")
}

fn report(batch: &str) -> String {
    format!("GET /accountupdater/v1/batches/{batch}/report")
}

fn batch(job: &str, id: &str) -> Batch {
    Batch {
        job: job.into(),
        origin: Origin::Found,
        found: Found::new(id, FoundState::Ready),
    }
}
