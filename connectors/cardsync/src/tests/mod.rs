//! The connector against a daemon that is played by the test kit. The payloads in `data` are those of
//! the provider's documents, as printed.

mod conforms;
mod enrol;
mod refusal;
mod results;
mod settings;
mod status;
mod submit;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{Batch, Found, FoundState, Origin};
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
