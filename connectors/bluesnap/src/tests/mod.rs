//! The connector against a daemon that is played by the test kit. The payloads in `data` are those of
//! BlueSnap's documents, as printed (`.raw`) or with their syntax mended; where it prints none, they are
//! built from its field tables. `quirk` in a comment numbers the documents' contradictions.

mod collect;
mod conforms;
mod reconcile;
mod refusal;
mod settings;
mod submit;

use reissue_connector_api::testkit::{Answer, FakeCard, FakeDaemon};
use reissue_connector_api::{Batch, Expiry, Found, FoundState, Origin, Pan, Submission};
use serde_json::json;

use crate::BlueSnap;

/// A payload of the provider's.
macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}
use data;

const PASSWORD: (&str, &str) = ("password", "correct horse battery");
const CREATE: &str = "POST /services/2/account-updater";

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<BlueSnap>(json!({ "username": "API_17" }), &[PASSWORD]).unwrap()
}

fn retrieve(batch: &str) -> String {
    format!("GET /services/2/account-updater/{batch}")
}

fn xml(body: impl Into<Vec<u8>>) -> Answer {
    Answer::ok(body).header("content-type", "application/xml;charset=UTF-8")
}

fn submission(id: &str, cards: u32) -> Submission {
    Submission {
        id: id.into(),
        cards,
    }
}

fn card(key: &str, pan: &str, expiry: &str) -> FakeCard {
    FakeCard {
        key: key.into(),
        pan: Pan::parse(pan).ok(),
        expiry: expiry.parse::<Expiry>().ok(),
        ..FakeCard::default()
    }
}

fn batch(id: &str) -> Batch {
    let mut found = Found::new(id, FoundState::Running);
    found.submission = Some(id.into());
    Batch {
        job: "inquiry".into(),
        origin: Origin::Submitted,
        found,
    }
}

/// An answer with these elements below its root.
fn answer(elements: &str) -> String {
    format!(
        r#"<batch-account-update xmlns="http://ws.plimus.com">{elements}</batch-account-update>"#
    )
}
