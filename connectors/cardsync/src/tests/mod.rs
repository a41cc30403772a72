//! The connector against a daemon that is played by the test kit. The payloads in `data` are those of
//! the provider's documents, as printed.

mod conforms;
mod enrol;
mod event;
mod notification;
mod refusal;
mod results;
mod settings;
mod status;
mod submit;
mod subscription;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Batch, Found, FoundState, Notification, Origin};
use serde_json::{Value, json};

use crate::Cardsync;

/// A payload of the provider's.
macro_rules! data {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/tests/data/",
            $name
        ))
    };
}
use data;

const PARTNER_KEY: (&str, &str) = ("partner_key", "api_partner0123456789");
const MERCHANT_KEY: (&str, &str) = ("merchant_key", "api_1auidmDFdMslUz2R5PSwVFSEfmP");
/// The batch of the documented answers.
const BATCH: &str = "bqgbm86g10l2fm2bv7n1";
const SUBMIT: &str = "POST /api/cardsync/batch";
const STATUS: &str = "GET /api/cardsync/batch/bqgbm86g10l2fm2bv7n1";
const RESULTS: &str = "GET /api/cardsync/batch/bqgbm86g10l2fm2bv7n1/results";
/// The event of the documented webhook call.
const EVENT: &str = "46d91344-cc41-4922-b00f-c40226b548a4";
const EVENT_RESULTS: &str =
    "GET /v2/subscription/results?event_id=46d91344-cc41-4922-b00f-c40226b548a4";
const SUBSCRIBE: &str = "POST /v2/subscribe";
const UNSUBSCRIBE: &str = "DELETE /v2/subscribe";
/// What is answered where nothing else is documented.
const DONE: &str = data!("amex_webhook_setup_200.json");

/// Of an account whose merchant is enrolled.
fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Cardsync>(json!({}), &[MERCHANT_KEY]).unwrap()
}

fn settings() -> Value {
    let enrolment: Value = serde_json::from_str(data!("v1_enrollment_request.json")).unwrap();
    json!({
        "merchant": {
            "name": "Acme",
            "description": "Everything for the coyote",
            "website": "example.com",
            "phone": "5555555555",
            "receipt_email": "test@example.com",
            "timezone": "UTC",
            "fee_schedule_id": "bqoa026g10l0v8o62315",
            "primary_contact": {
                "first_name": "Camille",
                "last_name": "Bauch",
                "company": "Acme",
                "address_line_1": "188 Turnpikefort",
                "city": "Langoshfort",
                "state": "VI",
                "postal_code": "31018",
                "country": "US",
                "phone": "5555555555",
                "email": "test@example.com",
            },
            "user": {
                "username": "acme",
                "email": "test@example.com",
                "status": "active",
                "role": "admin",
            },
        },
        "enrolment": enrolment,
    })
}

fn batch() -> Batch {
    Batch {
        job: "inquiry".into(),
        origin: Origin::Submitted,
        found: Found::new(BATCH, FoundState::Running),
    }
}

fn notification(body: &str) -> Notification {
    let kind = ("content-type".to_owned(), "application/json".to_owned());
    Notification {
        headers: [kind].into(),
        body: body.into(),
    }
}
