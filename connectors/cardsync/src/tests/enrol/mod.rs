//! Enrolment: what is known before each step.

mod refused;
mod steps;
mod webhook;

use std::collections::BTreeMap;

use reissue_connector_api::testkit::FakeDaemon;
use reissue_connector_api::{EnrolState, EnrolStep, Progress, SecretString, Secrets, Signatory};
use serde_json::Value;

use super::{MERCHANT_KEY, PARTNER_KEY, data, settings};
use crate::Cardsync;

const MERCHANT: &str = "POST /api/merchant";
const TERMS: &str = "POST /api/accept-tos";
const ENROL: &str = "POST /api/cardsync/enrollment";
const ENROLMENT: &str = "GET /api/cardsync/enrollment";
const MERCHANT_ID: &str = "bqgbm86g10l2fm2bv7n0";
/// No enrolment, in the only words for a failure that are documented.
const NONE: &str = data!("error_unknown_batch.json");

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Cardsync>(settings(), &[PARTNER_KEY]).unwrap()
}

/// Of a merchant that exists already.
fn existing(mut settings: Value, id: Option<&str>) -> FakeDaemon {
    settings["merchant_id"] = id.into();
    FakeDaemon::open::<Cardsync>(settings, &[MERCHANT_KEY]).unwrap()
}

fn signed() -> Progress {
    Progress {
        state: EnrolState::NotEnrolled,
        terms_accepted_by: Some(Signatory {
            name: "Signor Name1".into(),
            title: "Title1".into(),
        }),
        ..Progress::default()
    }
}

/// What is known once the merchant is created.
fn created() -> Progress {
    with(signed(), &[("merchant_id", MERCHANT_ID)], true)
}

fn accepted() -> Progress {
    with(
        created(),
        &[("terms_accepted_by", "Signor Name1, Title1")],
        true,
    )
}

fn requested() -> Progress {
    with(
        accepted(),
        &[("enrolment_id", "bqgbm86g10l2fm2bv7n1")],
        true,
    )
}

fn with(mut progress: Progress, values: &[(&str, &str)], has_key: bool) -> Progress {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    progress.remembered.extend(values);
    if has_key {
        let key = SecretString::from(MERCHANT_KEY.1);
        progress.secrets = Secrets(BTreeMap::from([("merchant_key".into(), key)]));
    }
    progress
}

fn unanswered(progress: Progress) -> Progress {
    Progress {
        unanswered: true,
        ..progress
    }
}

fn body(daemon: &FakeDaemon) -> Value {
    let sent = daemon.requests().last().unwrap().body.as_ref().unwrap();
    serde_json::from_slice(sent).unwrap()
}

fn key_used(daemon: &FakeDaemon) -> &str {
    let headers = &daemon.requests().last().unwrap().headers;
    let key = headers.iter().find(|(name, _)| name == "Authorization");
    &key.unwrap().1
}

fn action(step: EnrolStep) -> String {
    match step.state {
        EnrolState::ActionNeeded { link: None, text } => text,
        other => panic!("{other:?}"),
    }
}
