//! From an input to submissions: every card to ask about ends in exactly one.

use super::*;

/// Takes in the cards, asks about those of the verdicts, and returns what was planned.
fn plan(state: &State, cards: &[CardOnFile<'_>], budget: u64, largest: u32) -> Vec<Planned> {
    let file = SealedFile::intake(state.dir.path(), "acme", "weekly");
    let mut intake = Intake::begin(&file, &state.keyring).unwrap();
    for (at, card) in (0..).zip(cards) {
        intake.add(card, fingerprint(at)).unwrap();
    }
    let (candidates, taken) = intake.complete().unwrap();
    assert_eq!(candidates.len(), cards.len());
    let budget = Budget {
        cards_per_day: budget,
        asked_today: 0,
    };
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let selection = select(candidates.sorted(), &Rules::default(), Some(budget), now);
    let mut number = 0;
    let deferred = SealedFile::deferred(state.dir.path(), "weekly", "1");
    let submitted = taken
        .submit(&selection, largest, &state.keyring, &deferred, || {
            number += 1;
            let id = format!("s-{number}");
            Named {
                cards: state.submission(&id),
                asked: state.asked(&id),
                id,
            }
        })
        .unwrap();
    let over_budget = selection.counts().remove(&Verdict::OverBudget);
    assert_eq!(u64::from(submitted.deferred), over_budget.unwrap_or(0));
    let written = CardsReader::open(&deferred, &state.keyring).ok();
    assert_eq!(written.map_or(0, |cards| cards.cards()), submitted.deferred);
    submitted.planned
}

/// The token of every card of a submission.
fn tokens(state: &State, id: &str) -> Vec<String> {
    let mut reader = CardsReader::open(&state.submission(id), &state.keyring).unwrap();
    let mut tokens = Vec::new();
    while let Some(card) = reader.next_to_ask().unwrap() {
        tokens.push(card.token.to_owned());
    }
    tokens
}

#[test]
fn a_submission_holds_one_kind_and_at_most_the_largest_number() {
    let state = State::new();
    let number = pan(1);
    let mut cards = Vec::new();
    for token in ["c1", "c2", "c3", "c4", "c5"] {
        cards.push(of_token("", TokenKind::Customer, token));
        if token != "c5" {
            cards.push(of_token("", TokenKind::PaymentInstrument, token));
        }
    }
    cards.push(of_pan("", &number));

    let planned = plan(&state, &cards, 100, 2);

    let mut found: Vec<_> = planned
        .iter()
        .map(|one| {
            let tokens = tokens(&state, &one.id);
            assert_eq!(tokens.len(), one.cards as usize);
            (one.token_kind, tokens.join(" "))
        })
        .collect();
    found.sort();
    let expected = [
        (None, ""),
        (Some(TokenKind::Customer), "c1 c2"),
        (Some(TokenKind::Customer), "c3 c4"),
        (Some(TokenKind::Customer), "c5"),
        (Some(TokenKind::PaymentInstrument), "c1 c2"),
        (Some(TokenKind::PaymentInstrument), "c3 c4"),
    ];
    assert_eq!(
        found,
        expected.map(|(kind, tokens)| (kind, tokens.to_owned()))
    );
    // Its cards, and whom it asks about.
    assert_eq!(state.files().len(), 2 * planned.len());
}

#[test]
fn only_cards_to_ask_about_leave_the_intake_and_nothing_stays_in_it() {
    let state = State::new();
    let cards = ["a", "b", "c"].map(|token| of_token("", TokenKind::Customer, token));

    let [planned] = plan(&state, &cards, 2, 100).try_into().unwrap();

    assert_eq!(tokens(&state, &planned.id), ["a", "b"]);
    // Besides, the one that waits for another day's budget.
    assert_eq!(state.files().len(), 3);
}

#[test]
fn an_input_without_cards_to_ask_about_makes_no_submission() {
    let state = State::new();
    assert_eq!(plan(&state, &[], 100, 10), []);
    assert!(state.files().is_empty());
    let card = of_token("", TokenKind::Customer, "a");
    assert_eq!(plan(&state, &[card], 0, 10), []);
    assert_eq!(state.files().len(), 1, "it waits");
}

#[test]
fn the_number_of_submissions_is_known_before_they_are_written() {
    use TokenKind::{Customer, PaymentInstrument};

    let kinds = [Customer, PaymentInstrument, Customer, Customer, Customer];
    let names = ["a", "b", "c", "d", "e"];
    let cards: Vec<_> = kinds
        .iter()
        .zip(names)
        .map(|(kind, name)| of_token("", *kind, name))
        .collect();
    let mut candidates = Candidates::default();
    for at in (0..).take(cards.len()) {
        candidates.add(fingerprint(at), None);
    }
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let sorted = candidates.sorted();
    let budget = Budget {
        cards_per_day: 4,
        asked_today: 0,
    };
    let selection = select(sorted, &Rules::default(), Some(budget), now);

    for largest in 1..6 {
        let known = selection.submissions(kinds.map(Some), largest);
        let planned = plan(&State::new(), &cards, 4, largest);
        assert_eq!(known, planned.len() as u64, "at most {largest}");
    }
}
