//! From the records of a report to updates.

use reissue_connector_api::testkit::{Answer, Reported, ReportedCard};
use reissue_connector_api::{Collected, Totals};
use serde_json::{Value, json};

use super::{batch, daemon, data, report, status};

fn updates(id: &str, body: &str) -> (Vec<Reported>, Totals) {
    let mut daemon = daemon();
    daemon.expect(&status(id), Answer::ok(r#"{"status":"COMPLETE"}"#));
    daemon.expect(&report(id), Answer::ok(body));
    let Ok(Collected::Complete { totals }) = daemon.collect(&batch("amex-daily", id)) else {
        panic!("the report must be complete");
    };
    (daemon.updates().to_vec(), totals)
}

fn of_records(records: &Value) -> Vec<Reported> {
    updates("7", &json!({ "records": records }).to_string()).0
}

fn one(record: Value) -> Reported {
    let mut updates = of_records(&json!([record]));
    assert_eq!(updates.len(), 1);
    updates.remove(0)
}

/// Quirks 9 (no `acceptedRecords`), 11 (a flag as text), 15 (15 characters) and 16 (the new token is
/// the old one).
#[test]
fn the_daily_report_of_the_documents() {
    let body = data!("report_amex_maintenance_200.json");
    let (updates, totals) = updates("15797780137010000506182090", body);
    assert_eq!(
        totals,
        Totals {
            accepted: None,
            rejected: Some(0),
            updated: Some(3),
            records: Some(3),
            billed: Some(3),
        }
    );
    let [number, expiry, closed] = &*updates else {
        panic!("three records, {} updates", updates.len());
    };

    let token = "9CCD3AE24DD9E254E0533F36CF0A356E";
    let message = "This Payment Instrument contains the source card number, which is now closed. \
                   If required, you can update manually or through the AU REST API.";
    let expected = Reported {
        record: "562239661".into(),
        reference: token.into(),
        outcome: "new_number".into(),
        provider: ("NAN".into(), "800".into(), String::new()),
        billable: Some(true),
        old: ReportedCard {
            token: token.into(),
            pan_masked: "371449XXXXX2009".into(),
            expiry: "2021-02".into(),
            brand: "amex".into(),
            customer: token.into(),
            payment_instrument: "9CCD3AE24DD8E254E0533F36CF0A356E".into(),
            instrument_identifier: "9CCD3AE24DD7E254E0533F36CF0A356E".into(),
            ..ReportedCard::default()
        },
        new: Some(ReportedCard {
            token: token.into(),
            pan_masked: "371449XXXXX0102".into(),
            expiry: "2021-07".into(),
            brand: "amex".into(),
            instrument_identifier: "9CCDC4D08BE0C16BE0533F36CF0A9916".into(),
            instrument_identifier_created: Some(true),
            ..ReportedCard::default()
        }),
        related: vec![[
            "8CCD3AE24DD8E254E0533F36CF0A355E".into(),
            "9CCD3AE24DD8E254E0533F36CF0A356D".into(),
            "aura_regress_tms_report".into(),
            "closed".into(),
            message.into(),
        ]],
        reported_at: Some("2020-01-23T11:16:13Z".parse().unwrap()),
        ..Reported::default()
    };
    assert_eq!(*number, expected);

    assert_eq!(expiry.outcome, "new_expiry");
    let new = ReportedCard {
        expiry: "2021-12".into(),
        ..ReportedCard::default()
    };
    assert_eq!(expiry.new, Some(new));
    assert_eq!(expiry.related, [] as [[String; 5]; 0]);

    assert_eq!(closed.outcome, "closed");
    assert_eq!(closed.new, None);
    assert_eq!(closed.related.len(), 1);
}

/// Quirks 14 (an American Express card becomes a Visa under other endpoints), 15 (16 characters), 16
/// (another token) and 17 (a token of 22 digits).
#[test]
fn the_harvest_of_the_documents() {
    let body = data!("report_scheduler_200.json");
    let (updates, totals) = updates("15410833473400000123332450", body);
    assert_eq!(totals.records, Some(2));
    assert_eq!(totals.billed, Some(2));
    let [closed, number] = &*updates else {
        panic!("two records, {} updates", updates.len());
    };
    assert_eq!(closed.reference, "4682345889876532701018");
    assert_eq!(closed.old.brand, "mastercard");
    let new = number.new.as_ref().unwrap();
    assert_eq!((&*number.old.brand, &*new.brand), ("amex", "visa"));
    assert_eq!(number.old.pan_masked, "371000XXXXXX8115");
    assert_eq!(number.reference, "7020000000014008934");
    assert_eq!(new.token, "7020000000012513358");
}

/// Quirk 17: tokens as short as `456`. Without an id the record's place serves, so it stays empty;
/// nothing was billed and nobody asked an association.
#[test]
fn the_registration_of_the_documents() {
    let body = data!("report_amex_registry_200.json");
    let (updates, totals) = updates("15416047164330001593314231", body);
    assert_eq!(
        totals,
        Totals {
            accepted: Some(0),
            rejected: Some(3),
            ..Totals::default()
        }
    );
    let seen: Vec<_> = updates
        .iter()
        .map(|update| (&*update.record, &*update.reference, &*update.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            ("", "12345678901234567890", "rejected"),
            ("", "456", "rejected"),
            ("", "789", "rejected"),
        ]
    );
}

#[test]
fn every_code_has_its_outcome() {
    let declined = [
        "801", "802", "803", "804", "805", "806", "810", "850", "851", "852", "853", "861", "899",
    ];
    let erred = [
        "801", "802", "803", "804", "807", "808", "809", "811", "899",
    ];
    let mut table = vec![
        ("NAN", "800", "new_number", Some(true)),
        ("NED", "800", "new_expiry", Some(true)),
        ("ACL", "800", "closed", Some(true)),
        ("CCH", "800", "contact_cardholder", Some(true)),
        ("CUR", "800", "valid", Some(false)),
        ("NUP", "800", "no_match", Some(false)),
        ("NUP", "", "no_match", Some(false)),
        ("UNA", "800", "inconclusive", Some(false)),
        ("UNA", "", "inconclusive", Some(false)),
        ("DEC", "862", "opted_out", Some(false)),
        ("ERR", "862", "failed", Some(false)),
        ("nan", "800", "new_number", Some(true)),
        // What is not documented concludes nothing.
        ("NAN", "812", "unknown", None),
        ("ACL", "", "unknown", None),
        ("XYZ", "800", "unknown", None),
        ("NANA", "800", "unknown", None),
        ("", "", "unknown", None),
    ];
    table.extend(declined.map(|reason| ("DEC", reason, "rejected", Some(false))));
    table.extend(erred.map(|reason| ("ERR", reason, "failed", Some(false))));
    for (response, reason, outcome, billable) in table {
        let update = one(json!({
            "id": "1",
            "sourceRecord": { "token": "T1" },
            "responseRecord": { "response": response, "reason": reason, "token": "T2",
                                "cardExpiryMonth": "7", "cardExpiryYear": "27" },
        }));
        assert_eq!(update.outcome, outcome, "{response} {reason}");
        assert_eq!(update.billable, billable, "{response} {reason}");
        let kept = (response.to_owned(), reason.to_owned(), String::new());
        assert_eq!(update.provider, kept);
        let carries_a_card = matches!(outcome, "new_number" | "new_expiry");
        assert_eq!(update.new.is_some(), carries_a_card, "{response} {reason}");
    }
}

#[test]
fn a_new_card_that_is_not_there_is_unknown_and_still_billed() {
    for answer in [
        json!({ "response": "NAN", "reason": "800", "cardExpiryMonth": "07", "cardExpiryYear": "2027" }),
        json!({ "response": "NED", "reason": "800", "cardExpiryMonth": "13", "cardExpiryYear": "2027" }),
        json!({ "response": "NED", "reason": "800" }),
    ] {
        let update = one(json!({ "id": "1", "responseRecord": answer }));
        assert_eq!(update.outcome, "unknown");
        assert_eq!(update.billable, Some(true));
        assert_eq!(update.new, None);
    }
}

#[test]
fn an_expiry_that_cannot_be_read_costs_nothing_else() {
    let update = one(json!({
        "sourceRecord": { "token": "T1", "cardExpiryMonth": "XX", "cardExpiryYear": 2021 },
        "responseRecord": { "response": "NAN", "reason": 800, "token": "T2", "cardType": "042" },
    }));
    assert_eq!(update.outcome, "new_number");
    assert_eq!(update.old.expiry, "");
    let new = update.new.unwrap();
    assert_eq!((&*new.token, &*new.expiry, &*new.brand), ("T2", "", "042"));
}

/// Quirk 11, and what else is printed otherwise than it is meant.
#[test]
fn nulls_numbers_and_texts_are_read_as_meant() {
    let update = one(json!({
        "id": 562_239_661,
        "sourceRecord": { "token": "T1", "cardNumber": null, "surprise": [1] },
        "responseRecord": {
            "response": "NAN", "reason": "800", "cardNumber": "401000XXXXXX2753",
            "instrumentIdentifierCreated": "False", "additionalUpdates": null,
        },
    }));
    assert_eq!(update.record, "562239661");
    let new = update.new.unwrap();
    assert_eq!(new.instrument_identifier_created, Some(false));

    let update = one(json!({
        "sourceRecord": null,
        "responseRecord": {
            "response": "ACL", "reason": "800",
            "additionalUpdates": [{ "state": "ACTIVE" }, { "state": "Suspended" }, {}],
        },
    }));
    assert_eq!(update.outcome, "closed");
    let states: Vec<&str> = update.related.iter().map(|one| one[3].as_str()).collect();
    assert_eq!(states, ["active", "suspended", ""]);
}

#[test]
fn a_record_that_does_not_fit_is_unknown_and_the_others_are_kept() {
    let updates = of_records(&json!([
        { "id": "1", "sourceRecord": { "token": "T1" },
          "responseRecord": { "response": "CUR", "reason": "800", "additionalUpdates": "none" } },
        "not a record",
        { "id": "3", "sourceRecord": "T3", "responseRecord": { "response": "CUR", "reason": "800" } },
        { "id": "4", "sourceRecord": { "token": "T4" },
          "responseRecord": { "response": "CUR", "reason": "800" } },
    ]));
    let seen: Vec<_> = updates
        .iter()
        .map(|update| {
            let code = &*update.provider.0;
            (&*update.record, &*update.reference, &*update.outcome, code)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("1", "T1", "unknown", "CUR"),
            ("", "", "unknown", ""),
            ("3", "", "unknown", "CUR"),
            ("4", "T4", "valid", "CUR"),
        ]
    );
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let body = r#"{"records":[{"id":"1","id":"2","sourceRecord":{"token":"T1"},
        "responseRecord":{"response":"ERR","response":"CUR","reason":"800"}}]}"#;
    let (updates, _) = updates("7", body);
    assert_eq!(updates.len(), 1);
    assert_eq!((&*updates[0].record, &*updates[0].outcome), ("2", "valid"));
}

#[test]
fn escapes_in_texts_are_undone() {
    let update = one(json!({ "sourceRecord": { "token": "a\"b\u{e9}\n" } }));
    assert_eq!(update.reference, "a\"b\u{e9}\n");
}

/// What stands behind the records is counted, but comes too late for the updates.
#[test]
fn a_header_after_the_records_is_read_too() {
    let record = json!({ "responseRecord": { "response": "CUR", "reason": "800" } });
    let body = format!(
        r#"{{"records":[{record}],"extra":{{"a":[1]}},"reportCreatedDate":"2020-01-23T11:16:13Z",
            "totals":{{"caResponses":1,"caResponsesOmitted":0}},"billing":{{"nan":0}},
            "batchId":"7"}}"#
    );
    let (updates, totals) = updates("7", &body);
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0].reported_at, None);
    assert_eq!((totals.records, totals.billed), (Some(1), Some(0)));
}

#[test]
fn a_long_report_comes_whole_and_in_order() {
    let records: Vec<Value> = (0..3000)
        .map(|id| {
            json!({ "id": id.to_string(), "sourceRecord": { "token": format!("T{id}") },
                    "responseRecord": { "response": "NED", "reason": "800",
                                        "cardExpiryMonth": "01", "cardExpiryYear": "2030" } })
        })
        .collect();
    let updates = of_records(&Value::Array(records));
    assert_eq!(updates.len(), 3000);
    for (id, update) in updates.iter().enumerate() {
        assert_eq!(update.record, id.to_string());
        assert_eq!(update.reference, format!("T{id}"));
    }
}
