//! How far a batch has got, and results that are missing, broken or odd as a whole.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::{Collected, Fault, Kind, Totals};
use serde_json::{Value, json};

use super::{RESULTS, STATUS, batch, daemon, data};

/// Collects the batch, which is completed and has these results.
fn collect(answer: Answer) -> (FakeDaemon, Result<Collected, Fault>) {
    let mut daemon = daemon();
    daemon
        .expect(STATUS, Answer::ok(data!("v1_batch_status_200.json")))
        .expect(RESULTS, answer);
    let collected = daemon.collect(&batch());
    (daemon, collected)
}

fn results(data: Value) -> Answer {
    Answer::ok(json!({ "status": "success", "msg": "success", "data": data }).to_string())
}

fn refused(answer: Answer) -> String {
    let fault = collect(answer).1.unwrap_err();
    assert_eq!(fault.kind, Kind::Refused);
    fault.message
}

fn garbled(answer: Answer) -> String {
    let fault = collect(answer).1.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    fault.message
}

#[test]
fn a_batch_that_is_not_completed_is_not_ready() {
    for word in ["pending", "Processing", "a_new_word", "failed"] {
        let mut daemon = daemon();
        let data = json!({ "batch_id": super::BATCH, "status": word, "stats": null });
        daemon.expect(STATUS, results(data));
        let collected = daemon.collect(&batch());
        assert_eq!(collected, Ok(Collected::not_ready()), "{word}");
    }
}

#[test]
fn a_completed_batch_is_complete_with_the_providers_counts() {
    let (daemon, collected) = collect(Answer::ok(data!("v1_batch_results_200.json")));
    let totals = Totals {
        accepted: Some(1),
        updated: Some(1),
        records: Some(1),
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    assert_eq!(daemon.updates().len(), 1);
}

/// What a client of the second version reads: `message` and `closed`, both spellings at once, twice.
#[test]
fn both_spellings_are_read() {
    let body = r#"{"status":"success","message":"success","data":{"status":"completed",
        "cards":[{"id":"k1","status":"closed"},{"id":"k2","status":"contact_closed"}],
        "stats":{"number_submitted":5,"no_change":3,"closed":0,"contact_closed":2,"closed":2}}}"#;
    let (daemon, collected) = collect(Answer::ok(body));
    let totals = Totals {
        accepted: Some(5),
        records: Some(2),
        ..Totals::default()
    };
    assert_eq!(collected, Ok(Collected::Complete { totals }));
    let outcomes = daemon
        .updates()
        .iter()
        .map(|update| update.outcome.as_str());
    assert!(outcomes.eq(["closed", "closed"]));
}

/// One page of the documents puts them beside `data`, another makes them a list.
#[test]
fn counts_are_found_wherever_they_stand() {
    let stats = json!({ "number_submitted": 4, "no_change": 4 });
    let totals = Totals {
        accepted: Some(4),
        ..Totals::default()
    };
    let data = json!({ "status": "completed", "cards": [] });
    for body in [
        json!({ "stats": stats, "status": "success", "data": data }),
        json!({ "status": "success", "data": data, "stats": [stats] }),
        json!({ "status": "success", "data": { "status": "completed", "cards": [], "stats": stats } }),
    ] {
        let (_, collected) = collect(Answer::ok(body.to_string()));
        assert_eq!(collected, Ok(Collected::Complete { totals }), "{body}");
    }
}

#[test]
fn nothing_has_changed_is_an_answer_however_it_is_written() {
    let stats = json!({ "number_submitted": 3, "no_change": 3, "updated_card": 0, "closed": 0 });
    for cards in [json!([]), Value::Null] {
        let data = json!({ "status": "completed", "cards": cards, "stats": stats });
        let (daemon, collected) = collect(results(data));
        assert!(matches!(collected, Ok(Collected::Complete { .. })));
        assert_eq!(daemon.updates(), []);
    }
    let data = json!({ "status": "completed", "stats": stats });
    let (_, collected) = collect(results(data));
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
}

#[test]
fn a_list_that_is_missing_although_it_is_counted_is_garbled() {
    let doing = "reading the results of batch bqgbm86g10l2fm2bv7n1";
    let stats = json!({ "number_submitted": 3, "no_change": 1, "valid": 2 });
    for cards in [json!([]), Value::Null] {
        let data = json!({ "status": "completed", "cards": cards, "stats": stats });
        assert_eq!(
            garbled(results(data)),
            format!("{doing}: the answer counts 2 cards and lists none")
        );
    }
    assert_eq!(
        garbled(results(json!({ "status": "completed" }))),
        format!("{doing}: the answer has no `data.cards`")
    );
}

#[test]
fn results_that_are_not_completed_after_all_are_not_ready() {
    let data = json!({ "status": "pending", "cards": [{ "id": "k1", "status": "valid" }] });
    assert_eq!(collect(results(data)).1, Ok(Collected::not_ready()));
    let data = json!({ "cards": [{ "id": "k1", "status": "valid" }] });
    let collected = collect(results(data)).1;
    assert!(matches!(collected, Ok(Collected::Complete { .. })));
}

#[test]
fn the_answer_about_another_batch_is_garbled() {
    let data = json!({ "batch_id": "other", "status": "completed", "cards": [] });
    let message = garbled(results(data.clone()));
    assert_eq!(
        message,
        "reading the results of batch bqgbm86g10l2fm2bv7n1: the answer is about batch other"
    );
    let mut daemon = daemon();
    daemon.expect(STATUS, results(data));
    let fault = daemon.collect(&batch()).unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
}

/// Nobody says what a purged batch answers, so it is refused until the ledger knows that it is gone.
#[test]
fn a_batch_that_cardsync_does_not_know_is_refused_in_its_words() {
    for status in [200, 404] {
        let mut daemon = daemon();
        let body = data!("error_unknown_batch.json");
        daemon.expect(STATUS, Answer::new(status, body));
        let fault = daemon.collect(&batch()).unwrap_err();
        assert_eq!(fault.kind, Kind::Refused);
        let expected =
            format!("reading the status of batch bqgbm86g10l2fm2bv7n1: HTTP {status}: failure");
        assert_eq!(fault.message, expected);

        let message = refused(Answer::new(status, body));
        let expected =
            format!("reading the results of batch bqgbm86g10l2fm2bv7n1: HTTP {status}: failure");
        assert_eq!(message, expected);
    }
}

#[test]
fn results_that_end_early_complete_nothing() {
    let whole = data!("v1_batch_results_200.json").trim_end();
    for end in [1, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let message = garbled(Answer::ok(&whole[..end]));
        assert!(message.contains("of the answer: expected"), "{message}");
    }
}
