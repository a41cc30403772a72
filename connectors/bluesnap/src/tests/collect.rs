//! What became of the cards: the documented results, each code, each quirk.

use reissue_connector_api::testkit::{FakeDaemon, Reported, ReportedCard};
use reissue_connector_api::{Collected, Fault, Kind, Pan, Totals};

use super::{answer, batch, daemon, data, retrieve, xml};

fn collect(body: impl Into<Vec<u8>>) -> (FakeDaemon, Result<Collected, Fault>) {
    let mut daemon = daemon();
    daemon.expect(&retrieve("b-7"), xml(body));
    let collected = daemon.collect(&batch("b-7"));
    (daemon, collected)
}

/// The updates of a complete answer with these records.
fn updates(records: &str) -> Vec<Reported> {
    let (daemon, collected) = collect(answer(&format!(
        "<response-code>0</response-code>{records}"
    )));
    let totals = Totals::default();
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    daemon.updates().to_vec()
}

fn record(code: &str, updated: &str) -> String {
    format!(
        "<account-update><merchant-updater-id>k1</merchant-updater-id>\
         <update-response-code>{code}</update-response-code>\
         <original-card><credit-card><card-number>4111111111111111</card-number></credit-card>\
         </original-card>{updated}</account-update>"
    )
}

fn updated(elements: &str) -> String {
    format!("<updated-card><credit-card>{elements}</credit-card></updated-card>")
}

fn expected_card(pan: &str, expiry: &str, brand: &str, funding: &str) -> ReportedCard {
    ReportedCard {
        pan: Pan::parse(pan).ok(),
        expiry: expiry.into(),
        brand: brand.into(),
        funding: funding.into(),
        ..ReportedCard::default()
    }
}

/// Quirks 1, 5 and 6: HTTP 200 as well, told by the code alone; with an XML declaration, the other
/// answer without.
#[test]
fn a_batch_may_not_be_ready() {
    let (daemon, collected) = collect(data!("retrieve_not_ready_200.xml"));
    assert_eq!(collected, Ok(Collected::not_ready()));
    assert_eq!(daemon.updates(), []);
    // Also on a request that has no body.
    let header = ("Content-Type".into(), "application/xml".to_owned());
    assert!(daemon.requests()[0].headers.contains(&header));
}

/// Quirks 2, 3, 4 and 7: no batch id, years of two digits, keys with zeros, a card that turns from debit
/// to credit.
#[test]
fn the_documented_results_become_updates() {
    let (daemon, collected) = collect(data!("retrieve_completed_200.xml"));
    let totals = Totals::default();
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    let provider = |code: &str, message: &str| (code.into(), String::new(), message.into());
    assert_eq!(
        daemon.updates(),
        [
            Reported {
                reference: "00001".into(),
                outcome: "valid".into(),
                provider: provider("506", "No changes found"),
                old: expected_card("4012888888881881", "2015-03", "visa", "credit"),
                ..Reported::default()
            },
            Reported {
                reference: "00002".into(),
                outcome: "new_expiry".into(),
                provider: provider("502", "The expiration date was changed"),
                billable: Some(true),
                old: expected_card("4111111111111111", "2016-04", "visa", "debit"),
                new: Some(expected_card(
                    "4111111111111111",
                    "2019-08",
                    "visa",
                    "credit"
                )),
                ..Reported::default()
            },
            Reported {
                reference: "00003".into(),
                outcome: "new_number".into(),
                provider: provider("500", "The account number was changed"),
                billable: Some(true),
                old: expected_card("5555555555554444", "2017-05", "mastercard", "debit"),
                new: Some(expected_card(
                    "5156430030000095",
                    "2018-01",
                    "mastercard",
                    "credit"
                )),
                ..Reported::default()
            },
        ]
    );
}

#[test]
fn every_code_has_its_outcome() {
    for (code, outcome, billable) in [
        ("501", "closed", Some(true)),
        ("503", "not_participating", Some(false)),
        ("504", "contact_cardholder", None),
        ("505", "no_match", None),
        ("506", "valid", None),
        ("507", "opted_out", None),
        ("508", "unknown", None),
        ("0500", "unknown", None),
        ("", "unknown", None),
    ] {
        let update = &updates(&record(code, ""))[0];
        assert_eq!(
            (&*update.outcome, update.billable),
            (outcome, billable),
            "{code}"
        );
        assert_eq!(update.provider.0, code);
    }
}

#[test]
fn a_promised_card_that_is_missing_or_no_card_is_unknown_and_charged() {
    let masked = updated("<card-number>411111XXXXXX1111</card-number>");
    let no_expiry = updated("<card-number>4111111111111111</card-number>");
    for (code, new) in [
        ("500", ""),
        ("500", "<updated-card/>"),
        ("500", masked.as_str()),
        ("502", ""),
        ("502", no_expiry.as_str()),
    ] {
        let update = &updates(&record(code, new))[0];
        assert_eq!(
            (&*update.outcome, update.billable),
            ("unknown", Some(true)),
            "{code} {new}"
        );
        assert_eq!(update.new, None);
    }
}

/// Quirk 3: a year has two or four digits; and a number may have spaces or hyphens.
#[test]
fn a_card_is_read_in_every_documented_spelling() {
    for year in ["2029", "29"] {
        let new = updated(&format!(
            "<card-number>5156-4300 3000-0095</card-number><card-type>MASTERCARD</card-type>\
             <expiration-month>1</expiration-month><expiration-year>{year}</expiration-year>\
             <something-new><card-number>1</card-number></something-new>"
        ));
        let update = &updates(&record("500", &new))[0];
        let expected = expected_card("5156430030000095", "2029-01", "mastercard", "");
        assert_eq!(update.new, Some(expected));
    }
}

/// Quirk 6: whatever the prefix, and nothing of another namespace.
#[test]
fn elements_are_known_by_their_namespace() {
    let body = r#"<b:batch-account-update xmlns:b="http://ws.plimus.com" xmlns:x="http://x.test">
        <x:response-code>20005</x:response-code><b:response-code>0</b:response-code>
        <b:account-update><b:merchant-updater-id>k1</b:merchant-updater-id>
        <b:update-response-code>501</b:update-response-code></b:account-update>
        <x:account-update/></b:batch-account-update>"#;
    let (daemon, collected) = collect(body);
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
    assert_eq!(daemon.updates().len(), 1);
}

/// The code may stand behind the records: what was emitted counts only with `Complete`.
#[test]
fn the_code_counts_wherever_it_stands() {
    let behind = |code: &str| {
        let records = record("501", "");
        collect(answer(&format!(
            "{records}<response-code>{code}</response-code>"
        )))
        .1
    };
    assert!(matches!(behind("0"), Ok(Collected::Complete { .. })));
    assert_eq!(behind("20005"), Ok(Collected::not_ready()));
}

#[test]
fn a_batch_without_records_is_complete() {
    assert_eq!(updates(""), []);
}

#[test]
fn what_is_no_result_of_this_batch_holds_it() {
    let doctype = format!(
        "<!DOCTYPE batch-account-update [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{}",
        answer("<response-code>0</response-code>")
    );
    let ready = "<response-code>0</response-code>";
    for (body, expected) in [
        (
            data!("retrieve_completed_200.xml.raw").to_owned(),
            "expected no text outside the document's element",
        ),
        (
            data!("messages.xml").to_owned(),
            "expected the element `batch-account-update`",
        ),
        (doctype, "expected no document type"),
        (
            answer(&format!("{ready}<account-update>&x;</account-update>")),
            "expected no entity but XML's own",
        ),
        (
            answer(&format!(
                "{ready}<account-update-batch-id>b-8</account-update-batch-id>"
            )),
            "is about batch b-8",
        ),
        (
            answer(&record("501", "")),
            "the answer has no `response-code`",
        ),
    ] {
        let fault = collect(body).1.unwrap_err();
        assert_eq!(fault.kind, Kind::Garbled);
        assert!(
            fault.message.starts_with("retrieving batch b-7: "),
            "{}",
            fault.message
        );
        assert!(fault.message.contains(expected), "{}", fault.message);
    }
    let body =
        "<response-code>14016</response-code><response-message>Batch failed</response-message>";
    let fault = collect(answer(body)).1.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    assert_eq!(
        fault.message,
        "retrieving batch b-7: BlueSnap answered 14016: Batch failed"
    );
}
