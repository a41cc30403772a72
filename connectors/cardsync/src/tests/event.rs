//! What an event says became of cards.

use reissue_connector_api::testkit::{Answer, FakeDaemon, Reported, ReportedCard};
use reissue_connector_api::{
    Batch, Collected, Fault, Found, FoundState, Kind, Origin, Pan, Totals,
};
use serde_json::{Value, json};

use super::{DONE, EVENT, EVENT_RESULTS, daemon, data};

fn event() -> Batch {
    let mut found = Found::new(EVENT, FoundState::Ready);
    found.created = Some("2021-12-08T21:39:00.349754Z".parse().unwrap());
    Batch {
        job: "amex-subscription".into(),
        origin: Origin::Announced,
        found,
    }
}

fn collect(answer: Answer) -> (FakeDaemon, Result<Collected, Fault>) {
    let mut daemon = daemon();
    daemon.expect(EVENT_RESULTS, answer);
    let collected = daemon.collect(&event());
    (daemon, collected)
}

fn results(data: Value) -> Answer {
    Answer::ok(json!({ "status": "success", "message": "success", "data": data }).to_string())
}

#[test]
fn an_update_comes_under_our_key_and_its_merchant_number() {
    let body = data!("amex_subscription_results_schema_200.json");
    let (daemon, collected) = collect(Answer::ok(body));
    let totals = Totals {
        accepted: Some(1),
        updated: Some(1),
        records: Some(1),
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    let expected = Reported {
        reference: "aaaaaaaaaa".into(),
        outcome: "new_number".into(),
        provider: ("updated_card".into(), String::new(), String::new()),
        se_number: "12334567890".into(),
        // It fails its check, and an answer must not be lost for that.
        new: Some(ReportedCard {
            pan: Pan::received("311111111111111").ok(),
            expiry: "2024-12".into(),
            ..ReportedCard::default()
        }),
        ..Reported::default()
    };
    assert_eq!(daemon.updates(), [expected]);
}

/// As the other example has it: a Visa card, and no merchant number.
#[test]
fn an_update_may_lack_its_merchant_number() {
    let (daemon, collected) = collect(Answer::ok(data!("amex_subscription_results_200.json")));
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
    let [update] = daemon.updates() else {
        panic!("one update")
    };
    assert_eq!(
        (update.reference.as_str(), update.se_number.as_str()),
        ("aaaaaaaaaa", "")
    );
    assert_eq!(update.outcome, "new_number");
}

/// Both spellings at once, keys twice, and the counts beside `data`.
#[test]
fn closed_is_counted_once_however_it_is_spelt() {
    let body = r#"{"status":"success","msg":"success",
        "stats":{"number_submitted":"5","no_change":3,"closed":0,"contact_closed":2,"closed":1},
        "data":{"status":"completed","cards":[
            {"id":"s1","se_number":1234567890,"status":"closed"},
            {"id":"s2","se_number":"1","se_number":"2","status":"contact_closed"}]}}"#;
    let (daemon, collected) = collect(Answer::ok(body));
    let totals = Totals {
        accepted: Some(5),
        records: Some(2),
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    let updates = daemon.updates().iter();
    let updates = updates.map(|it| (it.outcome.as_str(), it.se_number.as_str()));
    assert!(updates.eq([("closed", "1234567890"), ("closed", "2")]));
}

#[test]
fn a_record_that_is_not_as_documented_is_kept_as_unknown() {
    let cards = json!([
        { "id": "s1", "status": "reissued" },
        { "id": "s2", "status": "updated_card", "card": "34213233XXX6772" },
        { "id": "s3", "status": "updated_expiry", "exp": "soon" },
        { "id": "s4" },
        "s5",
    ]);
    let (daemon, collected) = collect(results(json!({ "status": "completed", "cards": cards })));
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
    let updates = daemon.updates().iter();
    let updates = updates.map(|it| (it.reference.as_str(), it.outcome.as_str()));
    let unknown = ["s1", "s2", "s3", "s4", ""].map(|key| (key, "unknown"));
    assert!(updates.eq(unknown));
}

#[test]
fn an_event_whose_results_are_not_there_yet_is_not_ready() {
    let data = json!({ "status": "pending", "cards": [] });
    assert_eq!(collect(results(data)).1, Ok(Collected::not_ready()));
}

/// A forged event, or one that was purged.
#[test]
fn an_event_that_cardsync_does_not_know_is_refused_in_its_words() {
    let body = r#"{"status":"failed","msg":"no such event"}"#;
    for status in [200, 400, 404] {
        let fault = collect(Answer::new(status, body)).1.unwrap_err();
        assert_eq!(fault.kind, Kind::Refused);
        let expected =
            format!("reading the results of event {EVENT}: HTTP {status}: no such event");
        assert_eq!(fault.message, expected);
    }
}

#[test]
fn an_answer_without_results_completes_nothing() {
    let whole = data!("amex_subscription_results_200.json").trim_end();
    let half = Answer::ok(&whole[..whole.len() / 2]);
    for answer in [
        half,
        Answer::ok(DONE),
        results(json!({ "status": "completed" })),
    ] {
        let fault = collect(answer).1.unwrap_err();
        assert_eq!(fault.kind, Kind::Garbled, "{fault}");
    }
    let stats = json!({ "number_submitted": 2, "contact_closed": 1 });
    let data = json!({ "status": "completed", "cards": [], "stats": stats });
    let fault = collect(results(data)).1.unwrap_err();
    assert!(
        fault
            .message
            .ends_with("the answer counts 1 cards and lists none"),
        "{fault}"
    );
}
