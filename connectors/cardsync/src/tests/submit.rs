//! From a submission to the batch that it became.

use reissue_connector_api::testkit::{Answer, FakeCard, FakeDaemon};
use reissue_connector_api::{
    Expiry, Fault, Found, FoundState, Kind, Pan, Receipt, Reconciled, Refused, Submission, Totals,
};
use serde_json::{Value, json};

use super::{MERCHANT_KEY, SUBMIT, daemon, data};

fn card(key: &str, pan: &str, expiry: &str) -> FakeCard {
    FakeCard {
        key: key.into(),
        pan: Pan::parse(pan).ok(),
        expiry: expiry.parse().ok(),
        ..FakeCard::default()
    }
}

fn submission(cards: u32) -> Submission {
    Submission {
        id: "sub-1".into(),
        cards,
    }
}

fn submit(cards: Vec<FakeCard>, answer: Answer) -> (FakeDaemon, Result<Receipt, Fault>) {
    let mut daemon = daemon();
    let submission = submission(cards.len() as u32);
    daemon.expect(SUBMIT, answer).set_cards(cards);
    let receipt = daemon.submit("inquiry", &submission);
    (daemon, receipt)
}

fn one() -> Vec<FakeCard> {
    vec![card("k1", "4012000000000016", "2024-12")]
}

#[test]
fn all_cards_go_out_in_one_request_under_our_keys() {
    let cards = vec![
        card("k1", "4012000000000016", "2024-12"),
        card("k2", "5112002200000008", "2050-01"),
    ];
    let (daemon, receipt) = submit(cards, Answer::ok(data!("v1_batch_create_200.json")));

    let [request] = daemon.requests() else {
        panic!("one request")
    };
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (&**name, value.as_str()))
        .collect();
    // The bare key, without a scheme.
    let expected = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
        ("Authorization", MERCHANT_KEY.1),
    ];
    assert_eq!(headers, expected);
    let body: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    let expected = json!({ "cards": [
        { "id": "k1", "card": "4012000000000016", "exp": "12/24" },
        { "id": "k2", "card": "5112002200000008", "exp": "01/50" },
    ]});
    assert_eq!(body, expected);

    // CardSync has not counted yet: its zeros are no loss.
    let mut found = Found::new("bqgbm86g10l2fm2bv7n0", FoundState::Running);
    found.created = Some("2020-04-22T21:46:08.448148Z".parse().unwrap());
    let expected = Receipt {
        found,
        accepted: None,
        refused: vec![],
    };
    assert_eq!(receipt, Ok(expected));
}

#[test]
fn a_count_that_comes_at_once_is_kept() {
    let body = json!({ "status": "success", "message": "success", "data": {
        "batch_id": "b", "status": "pending",
        "stats": { "number_submitted": "1,", "no_change": 0, "closed": 0 },
    }});
    let receipt = submit(one(), Answer::ok(body.to_string())).1.unwrap();
    assert_eq!(receipt.accepted, Some(1));
    let totals = Totals {
        accepted: Some(1),
        records: Some(0),
        ..Totals::default()
    };
    assert_eq!(receipt.found.totals, totals);
}

#[test]
fn a_card_that_lacks_what_cardsync_takes_is_refused_and_the_others_go_out() {
    let mut cards = one();
    cards.insert(0, card("k0", "", "2024-12"));
    cards.push(card("k2", "5442980000000016", ""));
    let (daemon, receipt) = submit(cards, Answer::ok(data!("v1_batch_create_200.json")));
    let body = daemon.requests()[0].body.as_ref().unwrap();
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["cards"].as_array().unwrap().len(), 1);
    let refused = |key: &str| Refused {
        key: key.into(),
        code: "not_sent".into(),
        text: "CardSync takes full numbers with an expiry, and this card lacks one of them".into(),
    };
    assert_eq!(receipt.unwrap().refused, [refused("k0"), refused("k2")]);
}

#[test]
fn a_submission_of_nothing_that_cardsync_takes_sends_nothing() {
    let mut daemon = daemon();
    daemon.set_cards([card("k0", "", "2024-12")]);
    let receipt = daemon.submit("inquiry", &submission(1)).unwrap();
    assert_eq!(daemon.requests(), []);
    assert_eq!(receipt.found.id, "sub-1");
    assert_eq!(
        receipt.found.state,
        FoundState::Failed("no card could be sent".into())
    );
    assert_eq!(receipt.refused[0].key, "k0");
}

/// As the second version's documents print it.
#[test]
fn an_accepted_batch_without_an_id_is_unknown_and_says_what_to_ask_for() {
    let (_, receipt) = submit(one(), Answer::ok(data!("v2_batch_create_200.json")));
    let fault = receipt.unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Garbled, true));
    assert_eq!(
        fault.message,
        "submitting the cards: CardSync accepted them and gave no `batch_id`: ask it for the id of \
         the batch that it made at 2020-04-22T21:46:08.448148Z"
    );
}

#[test]
fn a_submission_whose_answer_was_lost_says_that_it_may_have_arrived() {
    let lost = Fault::new(Kind::Unreachable, "the connection broke").sent();
    for answer in [
        Answer::fault(lost),
        Answer::new(502, "<html>"),
        Answer::ok(r#"{"status":"succ"#).broken_off(),
        Answer::ok(""),
    ] {
        let (_, receipt) = submit(one(), answer);
        assert!(receipt.unwrap_err().sent);
    }
    assert_eq!(
        daemon().reconcile("inquiry", &submission(1)),
        Ok(Reconciled::Unknowable)
    );
}

#[test]
fn ten_thousand_cards_fit_the_room_that_is_made_for_them() {
    let cards = (0..10_000).map(|n| FakeCard {
        key: format!("{n:025}"),
        pan: Pan::parse("4012000000000016").ok(),
        expiry: Expiry::new(2050, 12).ok(),
        ..FakeCard::default()
    });
    let answer = Answer::ok(data!("v1_batch_create_200.json"));
    let (daemon, receipt) = submit(cards.collect(), answer);
    assert!(receipt.is_ok());
    let body = daemon.requests()[0].body.as_ref().unwrap();
    assert!(body.len() < 10_000 * crate::question::ROOM);
}
