//! A submission's cards come back as they went in: in order to be asked about, in any order to be
//! answered.

use reissue_connector_api::{Card, CardToAsk, Outcome, Update};

use super::super::key;
use super::*;
use crate::seal::SealError;

fn reference(at: u32) -> String {
    format!("customer/{at}")
}

/// Writes a submission of that many cards, each of its own number.
fn submit(state: &State, cards: u32) -> SealedFile {
    let file = state.submission("s-1");
    let mut writer = CardsWriter::begin(&file, &state.keyring).unwrap();
    for at in 0..cards {
        let (reference, pan) = (reference(at), pan(at));
        let card = of_pan(&reference, &pan);
        writer.add(&card, fingerprint(at)).unwrap();
    }
    assert_eq!(writer.cards(), cards);
    writer.finish().unwrap();
    file
}

fn key_of(at: u32) -> String {
    let mut key = String::new();
    key::write(at, &mut key);
    key
}

#[test]
fn cards_are_asked_about_in_order_under_keys_of_ours() {
    let state = State::new();
    for cards in [0, 1, 255, 256, 257, 600] {
        let file = submit(&state, cards);
        let mut reader = CardsReader::open(&file, &state.keyring).unwrap();
        assert_eq!(reader.cards(), cards);
        for at in 0..cards {
            let card = reader.next_to_ask().unwrap().unwrap();
            assert_eq!(card.key, key_of(at));
            assert_eq!(card.pan, Some(&pan(at)));
            assert_eq!(card.expiry, Some(Expiry::new(2027, 4).unwrap()));
            assert_eq!((card.token, card.token_kind, card.se_number), ("", "", ""));
        }
        assert!(reader.next_to_ask().unwrap().is_none(), "{cards}");
        assert!(reader.next_to_ask().unwrap().is_none(), "{cards}");
    }
}

#[test]
fn a_token_goes_out_with_its_kind_and_never_the_reference() {
    let state = State::new();
    let file = state.submission("s-1");
    let mut writer = CardsWriter::begin(&file, &state.keyring).unwrap();
    let card = of_token("order 1", TokenKind::PaymentInstrument, "9CCD3AE24DD8");
    writer.add(&card, fingerprint(1)).unwrap();
    writer.finish().unwrap();

    let mut reader = CardsReader::open(&file, &state.keyring).unwrap();
    let CardToAsk {
        key,
        pan,
        token,
        token_kind,
        expiry,
        se_number,
    } = reader.next_to_ask().unwrap().unwrap();

    assert_eq!((key, token), ("k0", "9CCD3AE24DD8"));
    assert_eq!(
        (token_kind, se_number),
        ("payment_instrument", "9876543210")
    );
    assert_eq!((pan, expiry), (None, None));
}

#[test]
fn answers_in_any_order_find_their_cards() {
    let state = State::new();
    let cards = 1000;
    let mut answers = Answers::to(&submit(&state, cards), &state.keyring).unwrap();
    assert_eq!(answers.absent(), 1000);
    // 617 shares no factor with 1,000, so this is every card once, from frame to frame.
    for step in 0..cards {
        let at = step * 617 % cards;
        let asked = answers.card(&key_of(at)).unwrap().unwrap();
        assert_eq!(asked.card.reference, reference(at));
        assert_eq!(asked.card.as_old().pan, Some(pan(at)));
        assert_eq!(asked.fingerprint, fingerprint(at));
        assert!(!asked.again);
    }
    assert_eq!(answers.absent(), 0);
}

#[test]
fn doubled_foreign_and_missing_answers_are_told_apart() {
    let state = State::new();
    let mut answers = Answers::to(&submit(&state, 300), &state.keyring).unwrap();
    for key in ["k0", "k8b"] {
        assert!(!answers.card(key).unwrap().unwrap().again);
    }
    assert!(answers.card("k0").unwrap().unwrap().again);
    for foreign in ["k8c", "k00", "K1", "", "customer/1"] {
        assert!(answers.card(foreign).unwrap().is_none(), "{foreign}");
    }
    assert_eq!(answers.absent(), 298);
    let mut absent = Vec::new();
    answers
        .for_each_absent(|card| {
            absent.push(card.reference.to_owned());
            Ok::<_, SealError>(())
        })
        .unwrap();
    assert_eq!(absent, (1..299).map(reference).collect::<Vec<_>>());
}

#[test]
fn texts_of_any_length_fit_until_a_frame_is_full() {
    let state = State::new();
    let file = state.submission("s-1");
    let number = pan(1);
    let lengths = [0, 1, 127, 128, 65_000, 200_000, 3];
    let mut writer = CardsWriter::begin(&file, &state.keyring).unwrap();
    for length in lengths {
        let reference = "é".repeat(length);
        writer
            .add(&of_pan(&reference, &number), fingerprint(1))
            .unwrap();
    }
    writer.finish().unwrap();

    let mut answers = Answers::to(&file, &state.keyring).unwrap();
    for (at, length) in (0..).zip(lengths) {
        let asked = answers.card(&key_of(at)).unwrap().unwrap();
        assert_eq!(asked.card.reference, "é".repeat(length));
        assert_eq!(asked.card.as_old().pan, Some(number.clone()));
    }
}

#[test]
fn an_answer_without_our_key_is_known_by_its_card() {
    let state = State::new();
    let fingerprints = Fingerprints::of(&state.keyring, "provider", "acme");
    let file = state.submission("s-1");
    let mut writer = CardsWriter::begin(&file, &state.keyring).unwrap();
    for at in 0..300 {
        let (reference, token) = (reference(at), format!("token {at}"));
        let card = of_token(&reference, TokenKind::Customer, &token);
        let fingerprint = fingerprints.fingerprint(&card.number);
        writer.add(&card, fingerprint).unwrap();
    }
    writer.finish().unwrap();
    let mut answers = Answers::to(&file, &state.keyring).unwrap();
    let mut of = |reference, old: Card<'_>| {
        let mut answer = Update::new(Outcome::Valid);
        answer.reference = reference;
        answer.old = old;
        let asked = answers.of(&answer, &fingerprints).unwrap();
        asked.map(|asked| (asked.card.reference.to_owned(), asked.again))
    };
    let customer = |customer| Card {
        customer,
        ..Card::default()
    };
    let token = |token| Card {
        token,
        ..Card::default()
    };
    let found = |at, again| Some((reference(at), again));
    assert_eq!(of("", customer("token 299")), found(299, false));
    assert_eq!(of("", token("token 7")), found(7, false));
    assert_eq!(of("token 8", Card::default()), found(8, false));
    assert_eq!(of("token 8", customer("token 7")), found(7, true));
    // A vault's other tokens name other things.
    let instrument = Card {
        payment_instrument: "token 9",
        ..Card::default()
    };
    assert_eq!(of("", instrument), None);
    assert_eq!(of("", customer("token 300")), None);
    assert_eq!(of("", Card::default()), None);
    // Our key, unless the answer is of another card by what it repeats.
    assert_eq!(of("k1", Card::default()), found(1, false));
    assert_eq!(of("k2", customer("token 2")), found(2, false));
    assert_eq!(of("k3", customer("token 4")), found(4, false));
    assert_eq!(of("k5", customer("nobody's")), None);
}

#[test]
fn nothing_readable_and_nothing_half_written_lies_in_the_state_directory() {
    let state = State::new();
    let file = submit(&state, 300);
    let [path] = state.files().try_into().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let readable = |text: &str| {
        let text = text.as_bytes();
        bytes.windows(text.len()).any(|window| window == text)
    };
    assert!(!readable(pan(7).expose()) && !readable(&reference(7)));

    let writer = CardsWriter::<()>::begin(&state.submission("s-2"), &state.keyring).unwrap();
    assert_eq!(state.files().len(), 2);
    drop(writer);
    assert_eq!(state.files(), [path]);

    file.delete().unwrap();
    file.delete().unwrap();
    assert!(state.files().is_empty());
    assert!(CardsReader::open(&file, &state.keyring).is_err());
}

#[test]
fn a_file_opens_only_as_the_submission_that_it_is() {
    let state = State::new();
    submit(&state, 3);
    let [path] = state.files().try_into().unwrap();
    std::fs::copy(&path, path.with_file_name("s-2")).unwrap();
    let Err(error) = CardsReader::open(&state.submission("s-2"), &state.keyring) else {
        panic!("it opened as another one");
    };
    assert!(matches!(error, SealError::WrongPlace { .. }), "{error}");

    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    assert!(Answers::to(&state.submission("s-1"), &state.keyring).is_err());
}
