//! Updates cross as rows: every outcome, every field, nothing where nothing was given.

use reissue_connector_api::testkit::{FakeDaemon, Reported, ReportedCard};
use reissue_connector_api::*;
use serde_json::{Value, json};

use crate::everything::MANIFEST;
use crate::said;

/// Reports what the batch's job says.
struct Reporter;

impl Connector for Reporter {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        match batch.job.as_str() {
            "full" => run.emit(&full())?,
            "bare" => run.emit(&Update::new(Outcome::Closed))?,
            "brands" => {
                for brand in ["visa", "mastercard", "amex", "discover", "jcb"] {
                    let mut update = Update::new(Outcome::Valid);
                    update.old.brand = Some(Brand::from_word(brand));
                    run.emit(&update)?;
                }
            }
            _ => {
                for outcome in every_outcome() {
                    run.emit(&Update::new(outcome))?;
                }
            }
        }
        Ok(Collected::Complete {
            totals: Totals::default(),
        })
    }
}

fn reported(job: &str) -> Vec<Reported> {
    let mut daemon = FakeDaemon::open::<Reporter>(json!({}), &[]).unwrap();
    daemon.collect(&said::batch(job)).unwrap();
    daemon.updates().to_vec()
}

fn every_outcome() -> Vec<Outcome<'static>> {
    let card = || Card {
        token: "new",
        ..Card::default()
    };
    vec![
        Outcome::NewNumber(card()),
        Outcome::NewExpiry(card()),
        Outcome::Closed,
        Outcome::ContactCardholder,
        Outcome::Valid,
        Outcome::NoMatch,
        Outcome::NotParticipating,
        Outcome::OptedOut,
        Outcome::NoChange,
        Outcome::Inconclusive,
        Outcome::Rejected,
        Outcome::Failed,
        Outcome::Unknown,
    ]
}

fn full() -> Update<'static> {
    Update {
        record: "562239661",
        reference: "9CCD3AE24DD9E254E0533F36CF0A356E",
        provider_code: "NAN",
        provider_reason: "800",
        provider_message: "new account number – ü",
        billable: Some(true),
        se_number: "1234567890",
        old: Card {
            token: "old token",
            pan: Some(Pan::received("4111111111111112").unwrap()),
            pan_masked: "411111XXXXXX1112",
            expiry: Some(Expiry::new(2021, 2).unwrap()),
            brand: Some(Brand::Visa),
            funding: "credit",
            customer: "old customer",
            payment_instrument: "old payment instrument",
            instrument_identifier: "old instrument identifier",
            instrument_identifier_created: Some(false),
        },
        related: &[
            Related {
                customer: "customer",
                payment_instrument: "payment instrument",
                creator: "creator",
                state: "closed",
                message: "message",
            },
            Related {
                customer: "",
                payment_instrument: "",
                creator: "",
                state: "active",
                message: "",
            },
        ],
        reported_at: Some(said::instant("2020-01-23T11:16:13.123456Z")),
        ..Update::new(Outcome::NewNumber(Card {
            token: "new token",
            pan: Some(Pan::parse("6011000990139424").unwrap()),
            pan_masked: "601100XXXXXX9424",
            expiry: Some(Expiry::new(2050, 12).unwrap()),
            brand: Some(Brand::Other("jcb")),
            funding: "debit",
            customer: "new customer",
            payment_instrument: "new payment instrument",
            instrument_identifier: "new instrument identifier",
            instrument_identifier_created: Some(true),
        }))
    }
}

#[test]
fn every_field_of_an_update_arrives_as_it_was_given() {
    let texts = |texts: [&str; 5]| texts.map(str::to_owned);
    let expected = Reported {
        record: "562239661".into(),
        reference: "9CCD3AE24DD9E254E0533F36CF0A356E".into(),
        outcome: "new_number".into(),
        provider: ("NAN".into(), "800".into(), "new account number – ü".into()),
        billable: Some(true),
        se_number: "1234567890".into(),
        old: ReportedCard {
            token: "old token".into(),
            pan: Some(Pan::received("4111111111111112").unwrap()),
            pan_masked: "411111XXXXXX1112".into(),
            expiry: "2021-02".into(),
            brand: "visa".into(),
            funding: "credit".into(),
            customer: "old customer".into(),
            payment_instrument: "old payment instrument".into(),
            instrument_identifier: "old instrument identifier".into(),
            instrument_identifier_created: Some(false),
        },
        new: Some(ReportedCard {
            token: "new token".into(),
            pan: Some(Pan::parse("6011000990139424").unwrap()),
            pan_masked: "601100XXXXXX9424".into(),
            expiry: "2050-12".into(),
            brand: "jcb".into(),
            funding: "debit".into(),
            customer: "new customer".into(),
            payment_instrument: "new payment instrument".into(),
            instrument_identifier: "new instrument identifier".into(),
            instrument_identifier_created: Some(true),
        }),
        related: vec![
            texts([
                "customer",
                "payment instrument",
                "creator",
                "closed",
                "message",
            ]),
            texts(["", "", "", "active", ""]),
        ],
        reported_at: Some(said::instant("2020-01-23T11:16:13.123456Z")),
    };
    assert_eq!(reported("full"), [expected]);
}

#[test]
fn what_was_not_given_arrives_as_not_given() {
    let expected = Reported {
        outcome: "closed".into(),
        ..Reported::default()
    };
    assert_eq!(reported("bare"), [expected]);
}

#[test]
fn every_outcome_arrives_and_only_two_carry_a_new_card() {
    let arrived: Vec<(String, bool)> = reported("outcomes")
        .into_iter()
        .map(|update| (update.outcome, update.new.is_some()))
        .collect();
    let expected = [
        ("new_number", true),
        ("new_expiry", true),
        ("closed", false),
        ("contact_cardholder", false),
        ("valid", false),
        ("no_match", false),
        ("not_participating", false),
        ("opted_out", false),
        ("no_change", false),
        ("inconclusive", false),
        ("rejected", false),
        ("failed", false),
        ("unknown", false),
    ];
    assert_eq!(
        arrived,
        expected.map(|(word, card)| (word.to_owned(), card))
    );
}

#[test]
fn a_brand_that_nobody_knows_keeps_its_word() {
    let brands: Vec<String> = reported("brands")
        .into_iter()
        .map(|update| update.old.brand)
        .collect();
    assert_eq!(brands, ["visa", "mastercard", "amex", "discover", "jcb"]);
}
