//! Updates on their way into the spool and out again.

mod line;
mod round_trip;
mod schema;

use reissue_connector_api::{Brand, Card, Expiry, Outcome, Related, Update};

use super::Origin;

/// The batch of the documentation's example.
fn origin() -> Origin {
    Origin {
        asked_at: None,
        account: "acme-uk".into(),
        connector: "some-provider",
        job: "amex-daily".into(),
        batch: "15797780137010000506182090".into(),
        collected_at: "2026-11-22T06:30:04.5Z".parse().unwrap(),
    }
}

/// The update of the documentation's example.
fn example() -> Update<'static> {
    Update {
        record: "562239661",
        reference: "9CCD3AE24DD9E254E0533F36CF0A356E",
        provider_code: "NAN",
        provider_reason: "800",
        billable: Some(true),
        old: Card {
            token: "9CCD3AE24DD9E254E0533F36CF0A356E",
            pan_masked: "371449XXXXX2009",
            expiry: Some(Expiry::new(2021, 2).unwrap()),
            brand: Some(Brand::Amex),
            customer: "9CCD3AE24DD9E254E0533F36CF0A356E",
            payment_instrument: "9CCD3AE24DD8E254E0533F36CF0A356E",
            instrument_identifier: "9CCD3AE24DD7E254E0533F36CF0A356E",
            ..Card::default()
        },
        related: &[Related {
            customer: "8CCD3AE24DD8E254E0533F36CF0A355E",
            payment_instrument: "9CCD3AE24DD8E254E0533F36CF0A356D",
            creator: "aura_regress_tms_report",
            state: "closed",
            message: "…",
        }],
        reported_at: Some("2020-01-23T11:16:13Z".parse().unwrap()),
        ..Update::new(Outcome::NewNumber(Card {
            token: "9CCD3AE24DD9E254E0533F36CF0A356E",
            pan_masked: "371449XXXXX0102",
            expiry: Some(Expiry::new(2021, 7).unwrap()),
            brand: Some(Brand::Amex),
            instrument_identifier: "9CCDC4D08BE0C16BE0533F36CF0A9916",
            instrument_identifier_created: Some(true),
            ..Card::default()
        }))
    }
}
