//! Adding and removing pairs of a card and a merchant number.

use reissue_connector_api::testkit::{Answer, FakeCard, FakeDaemon};
use reissue_connector_api::{Expiry, Fault, Kind, Pan, Reconciled, Refused, Submission};
use serde_json::Value;

use super::{DONE, MERCHANT_KEY, SUBSCRIBE, UNSUBSCRIBE, daemon, data};

const JOB: &str = "amex-subscription";

fn pair(key: &str, pan: &str, expiry: &str, se_number: &str) -> FakeCard {
    FakeCard {
        key: key.into(),
        pan: Pan::parse(pan).ok(),
        expiry: expiry.parse().ok(),
        se_number: se_number.into(),
        ..FakeCard::default()
    }
}

fn submission(cards: usize) -> Submission {
    Submission {
        id: "sub-1".into(),
        cards: cards as u32,
    }
}

fn change(
    line: &str,
    cards: Vec<FakeCard>,
    answer: Answer,
) -> (FakeDaemon, Result<Vec<Refused>, Fault>) {
    let mut daemon = daemon();
    let submission = submission(cards.len());
    daemon.expect(line, answer).set_cards(cards);
    let refused = match line {
        SUBSCRIBE => daemon.subscribe(JOB, &submission),
        _ => daemon.unsubscribe(JOB, &submission),
    };
    (daemon, refused)
}

fn one() -> Vec<FakeCard> {
    vec![pair("s1", "342132335566772", "2024-12", "1234567890")]
}

#[test]
fn pairs_are_added_and_removed_with_the_documented_body() {
    let documented: Value = serde_json::from_str(data!("amex_subscribe_request.json")).unwrap();
    for line in [SUBSCRIBE, UNSUBSCRIBE] {
        let numbers = ["342132335566772", "376655111122997", "349900006577234"];
        let cards = numbers.map(|pan| pair("customer identifier", pan, "2024-12", "1234567890"));
        let (daemon, refused) = change(line, cards.into(), Answer::ok(DONE));
        assert_eq!(refused, Ok(vec![]));

        let [request] = daemon.requests() else {
            panic!("one request")
        };
        let body: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
        assert_eq!(body, documented);
        for header in [
            ("Content-Type", "application/json"),
            ("Authorization", MERCHANT_KEY.1),
        ] {
            let header = (header.0.into(), header.1.into());
            assert!(request.headers.contains(&header), "{line}");
        }
    }
}

#[test]
fn a_card_at_two_merchant_numbers_is_two_pairs() {
    let cards = vec![
        pair("s1", "342132335566772", "2024-12", "1234567890"),
        pair("s2", "342132335566772", "2024-12", "9876543210"),
    ];
    let (daemon, _) = change(SUBSCRIBE, cards, Answer::ok(DONE));
    let body = daemon.requests()[0].body.as_ref().unwrap();
    let body: Value = serde_json::from_slice(body).unwrap();
    let pairs = body["cards"].as_array().unwrap().iter();
    let pairs = pairs.map(|card| (&card["id"], &card["se_number"]));
    assert!(pairs.eq([
        (&"s1".into(), &"1234567890".into()),
        (&"s2".into(), &"9876543210".into())
    ]));
}

#[test]
fn a_card_that_cannot_be_subscribed_is_refused_and_the_others_go_out() {
    let lacks = "CardSync takes full numbers with an expiry, and this card lacks one of them";
    let other = "CardSync subscribes American Express cards alone, and this card is none";
    let nowhere = "CardSync subscribes a card at a merchant number of American Express (SE), which has \
                   ten digits, and this card comes with none";
    let se = "1234567890";
    let bad = [
        (pair("s2", "", "2024-12", se), lacks),
        (pair("s3", "376655111122997", "", se), lacks),
        (pair("s4", "4012000000000016", "2024-12", se), other),
        // Fifteen digits that begin otherwise, and JCB's 35.
        (pair("s5", "201400000000009", "2024-12", se), other),
        (pair("s6", "3530111333300000", "2024-12", se), other),
        (pair("s7", "376655111122997", "2024-12", ""), nowhere),
        (pair("s8", "376655111122997", "2024-12", "SE 12"), nowhere),
        (
            pair("s9", "376655111122997", "2024-12", "123456789"),
            nowhere,
        ),
    ];
    let expected: Vec<Refused> = bad
        .iter()
        .map(|(card, why)| Refused {
            key: card.key.clone(),
            code: "not_sent".into(),
            text: (*why).into(),
        })
        .collect();
    for line in [SUBSCRIBE, UNSUBSCRIBE] {
        let cards = one()
            .into_iter()
            .chain(bad.iter().map(|(card, _)| card.clone()));
        let (daemon, refused) = change(line, cards.collect(), Answer::ok(DONE));
        let body = daemon.requests()[0].body.as_ref().unwrap();
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["cards"].as_array().unwrap().len(), 1);
        assert_eq!(refused.as_ref(), Ok(&expected));
    }
}

#[test]
fn where_no_card_can_be_subscribed_nothing_is_sent() {
    let mut daemon = daemon();
    daemon.set_cards([pair("s1", "4012000000000016", "2024-12", "1234567890")]);
    let refused = daemon.subscribe(JOB, &submission(1)).unwrap();
    assert_eq!(daemon.requests(), []);
    assert_eq!(refused[0].key, "s1");
}

#[test]
fn what_cardsync_declines_is_refused_in_its_words() {
    for (line, doing) in [
        (SUBSCRIBE, "adding the subscriptions"),
        (UNSUBSCRIBE, "removing the subscriptions"),
    ] {
        let body = r#"{"status":"failed","message":"se_number is not yours"}"#;
        for status in [200, 400] {
            let (_, refused) = change(line, one(), Answer::new(status, body));
            let fault = refused.unwrap_err();
            assert_eq!((fault.kind, fault.sent), (Kind::Refused, true));
            let expected = format!("{doing}: HTTP {status}: se_number is not yours");
            assert_eq!(fault.message, expected);
        }
    }
}

#[test]
fn a_change_whose_answer_was_lost_says_that_it_may_have_arrived() {
    let lost = Fault::new(Kind::Unreachable, "the connection broke").sent();
    for line in [SUBSCRIBE, UNSUBSCRIBE] {
        for answer in [
            Answer::fault(lost.clone()),
            Answer::new(502, "<html>"),
            Answer::ok(r#"{"status":"succ"#).broken_off(),
            Answer::ok("{}"),
            Answer::new(204, ""),
        ] {
            let (_, refused) = change(line, one(), answer);
            assert!(refused.unwrap_err().sent);
        }
    }
    let reconciled = daemon().reconcile(JOB, &submission(1));
    assert_eq!(reconciled, Ok(Reconciled::Unknowable));
}

#[test]
fn a_change_that_never_left_says_so() {
    let away = Fault::new(Kind::Unreachable, "no route");
    let (_, refused) = change(SUBSCRIBE, one(), Answer::fault(away.clone()));
    assert_eq!(refused, Err(away));
}

#[test]
fn ten_thousand_pairs_fit_the_room_that_is_made_for_them() {
    let cards = (0..10_000).map(|n| FakeCard {
        key: format!("{n:025}"),
        pan: Pan::parse("342132335566772").ok(),
        expiry: Expiry::new(2050, 12).ok(),
        se_number: "12345678901".into(),
        ..FakeCard::default()
    });
    let (daemon, refused) = change(SUBSCRIBE, cards.collect(), Answer::ok(DONE));
    assert_eq!(refused, Ok(vec![]));
    let body = daemon.requests()[0].body.as_ref().unwrap();
    assert!(body.len() < 10_000 * crate::question::ROOM);
}
