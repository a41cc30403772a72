//! From a card of the results to an update.

use reissue_connector_api::Pan;
use reissue_connector_api::testkit::{Answer, Reported, ReportedCard};
use serde_json::{Value, json};

use super::{RESULTS, STATUS, batch, daemon, data};

fn updates(cards: Value) -> Vec<Reported> {
    let body = json!({ "status": "success", "data": { "status": "completed", "cards": cards } });
    updates_in(&body.to_string())
}

fn updates_in(body: &str) -> Vec<Reported> {
    let mut daemon = daemon();
    daemon
        .expect(STATUS, Answer::ok(data!("v1_batch_status_200.json")))
        .expect(RESULTS, Answer::ok(body));
    daemon.collect(&batch()).unwrap();
    daemon.updates().to_vec()
}

#[test]
fn an_updated_card_is_a_new_number_under_our_key() {
    let expected = Reported {
        reference: "aaaaaaaaaa".into(),
        outcome: "new_number".into(),
        provider: ("updated_card".into(), String::new(), String::new()),
        new: Some(ReportedCard {
            pan: Pan::parse("4111111111111111").ok(),
            expiry: "2024-12".into(),
            ..ReportedCard::default()
        }),
        reported_at: Some("2020-04-22T21:46:08.448148Z".parse().unwrap()),
        ..Reported::default()
    };
    assert_eq!(updates_in(data!("v1_batch_results_200.json")), [expected]);
}

#[test]
fn every_word_has_its_outcome() {
    for (word, outcome) in [
        ("updated_card", "new_number"),
        ("updated_expiry", "new_expiry"),
        ("UPDATED_EXPIRY", "new_expiry"),
        ("no_match", "no_match"),
        ("valid", "valid"),
        ("contact", "contact_cardholder"),
        ("contact_closed", "closed"),
        ("closed", "closed"),
        // A counter, but never the word of a card.
        ("no_change", "unknown"),
        ("a_new_word", "unknown"),
        ("", "unknown"),
    ] {
        let card =
            json!({ "id": "k1", "card": "4012000000000016", "exp": "01/50", "status": word });
        let update = &updates(json!([card]))[0];
        assert_eq!(update.outcome, outcome, "{word}");
        assert_eq!(update.provider.0, word);
        assert_eq!(update.reference, "k1");
    }
}

/// What `card` and `exp` hold under the other words is not documented, so nothing is made of them.
#[test]
fn only_an_update_has_a_new_card() {
    for word in [
        "no_match",
        "valid",
        "contact",
        "contact_closed",
        "a_new_word",
    ] {
        let card =
            json!({ "id": "k1", "card": "4012000000000016", "exp": "01/50", "status": word });
        let update = &updates(json!([card]))[0];
        assert_eq!(
            (&update.new, &update.old),
            (&None, &ReportedCard::default())
        );
    }
}

#[test]
fn an_update_without_what_it_promises_is_unknown() {
    for card in [
        json!({ "id": "k1", "status": "updated_card", "exp": "12/24" }),
        json!({ "id": "k1", "status": "updated_card", "card": "", "exp": "12/24" }),
        json!({ "id": "k1", "status": "updated_card", "card": "4111XXXXXXXX1111", "exp": "12/24" }),
        json!({ "id": "k1", "status": "updated_expiry", "card": "4012000000000024" }),
        json!({ "id": "k1", "status": "updated_expiry", "exp": "13/24" }),
    ] {
        let update = &updates(json!([card]))[0];
        assert_eq!(update.outcome, "unknown", "{card}");
    }
}

/// One example of the provider's fails the Luhn check: an answer must not be lost for that.
#[test]
fn a_number_that_fails_its_check_is_kept() {
    let card =
        json!({ "id": "k1", "card": "311111111111111", "exp": "1/2027", "status": "updated_card" });
    let new = updates(json!([card]))[0].new.clone().unwrap();
    assert_eq!(new.pan.unwrap().expose(), "311111111111111");
    assert_eq!(new.expiry, "2027-01");
}

#[test]
fn one_card_may_come_without_a_list() {
    let card = json!({ "id": 7, "status": "valid" });
    assert_eq!(updates(card)[0].reference, "7");
}

#[test]
fn a_card_that_is_not_as_documented_is_kept() {
    let twice = r#"{"status":"success","data":{"status":"completed","cards":
        [{"id":"k1","status":"valid","status":"contact"}, "k2", null, {}]}}"#;
    let updates = updates_in(twice);
    let outcomes = updates.iter().map(|update| update.outcome.as_str());
    assert!(outcomes.eq(["contact_cardholder", "unknown", "unknown", "unknown"]));
}
