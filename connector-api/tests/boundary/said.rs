//! One value of everything that crosses, every field given.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reissue_connector_api::testkit::FakeCard;
use reissue_connector_api::*;

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn window() -> Window {
    Window {
        from: instant("2026-11-15T06:30:00.000001Z"),
        to: instant("2026-11-22T06:30:00Z"),
    }
}

pub(crate) fn found() -> Found {
    Found {
        submission: Some("sub-1".into()),
        created: Some(instant("2026-11-22T05:00:00Z")),
        purge: Some(instant("2026-12-22T05:00:00Z")),
        totals: totals(),
        ..Found::new("15797780137010000506182090", FoundState::Ready)
    }
    .fact("source", "SCHEDULER")
}

pub(crate) fn totals() -> Totals {
    Totals {
        accepted: Some(1),
        rejected: Some(2),
        updated: Some(3),
        records: Some(4),
        billed: Some(u64::MAX),
    }
}

/// A batch in each of its states, with as much and as little as can be known.
pub(crate) fn listing() -> Vec<Found> {
    vec![
        found(),
        Found::new("running", FoundState::Running),
        Found::new(
            "failed",
            FoundState::Failed("no \"valid\" cards – ü".into()),
        ),
    ]
}

/// One of each, announced for a job.
pub(crate) fn announced() -> Vec<Announced> {
    let of_job = |found| Announced {
        job: "standing".into(),
        found,
    };
    listing().into_iter().map(of_job).collect()
}

pub(crate) fn batch(job: &str) -> Batch {
    Batch {
        job: job.into(),
        origin: Origin::Submitted,
        found: found(),
    }
}

pub(crate) fn submission(id: &str) -> Submission {
    Submission {
        id: id.into(),
        cards: 2,
    }
}

/// A card with everything, and one with nothing but its key.
pub(crate) fn cards() -> [FakeCard; 2] {
    [
        FakeCard {
            key: "k1".into(),
            pan: Some(Pan::parse("4111111111111111").unwrap()),
            token: "tok-1".into(),
            token_kind: "customer".into(),
            expiry: Some(Expiry::new(2027, 4).unwrap()),
            se_number: "1234567890".into(),
        },
        FakeCard {
            key: "k2".into(),
            ..FakeCard::default()
        },
    ]
}

pub(crate) fn refused() -> Vec<Refused> {
    vec![Refused {
        key: "k2".into(),
        code: "801".into(),
        text: "no such token".into(),
    }]
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        found: found(),
        accepted: Some(1),
        refused: refused(),
    }
}

pub(crate) fn notification() -> Notification {
    Notification {
        headers: BTreeMap::from([("content-type".into(), "application/json".into())]),
        body: "{\"batch\":\"7\"}\r\nü".into(),
    }
}

pub(crate) fn progress() -> Progress {
    Progress {
        state: EnrolState::ActionNeeded {
            link: Some("https://provider.test/sign".into()),
            text: "sign the form".into(),
        },
        unanswered: true,
        remembered: BTreeMap::from([("form".into(), "17".into())]),
        secrets: secrets("partner_key", "old secret"),
        webhook_url: Some("https://billing.example/hooks/a/s".into()),
        terms_accepted_by: Some(Signatory {
            name: "Ada".into(),
            title: "CFO".into(),
        }),
    }
}

pub(crate) fn secrets(name: &str, value: &str) -> Secrets {
    Secrets(BTreeMap::from([(
        name.to_owned(),
        SecretString::from(value),
    )]))
}
