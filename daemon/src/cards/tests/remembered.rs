//! What submissions and answers leave behind decides about the next input.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use reissue_connector_api::Outcome;

use super::segment::remember_asked;
use super::*;
use crate::seal::SealError;

fn noon(day: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

/// Remembers that the cards of these numbers were asked about.
fn ask_about(state: &State, id: &str, numbers: impl IntoIterator<Item = u32>) -> SealedFile {
    let asked = state.asked(id);
    let mut rows = numbers.into_iter().map(fingerprint).collect();
    remember_asked(&asked, &state.keyring, &mut rows).unwrap();
    asked
}

fn candidates(numbers: impl IntoIterator<Item = u32>) -> Remembered {
    let mut candidates = Candidates::default();
    for number in numbers {
        candidates.add(fingerprint(number), None);
    }
    candidates.sorted()
}

fn verdicts(cards: Remembered) -> Vec<Verdict> {
    let rules = Rules {
        not_asked_within: Some(TimeDelta::days(25)),
        ..Rules::default()
    };
    select(cards, &rules, None, noon(30)).verdicts().to_vec()
}

#[test]
fn the_latest_question_counts_whichever_is_read_first() {
    let state = State::new();
    let mut files = [
        (ask_about(&state, "s-1", [5, 1, 3]), noon(1)),
        (ask_about(&state, "s-2", [4, 3]), noon(20)),
    ];
    for swapped in [false, true] {
        if swapped {
            files.reverse();
        }
        let mut cards = candidates([1, 2, 3, 4, 5]);
        cards.asked(&files, &state.keyring).unwrap();
        use Verdict::{Ask, AskedLately};
        let expected = [Ask, Ask, AskedLately, AskedLately, Ask];
        assert_eq!(verdicts(cards), expected);
    }
}

#[test]
fn what_an_answer_suppresses_stays_so_until_a_person_lifts_it() {
    let state = State::new();
    let file = SealedFile::suppressed(state.dir.path(), "acme", "batch/1");
    let outcomes = [
        (9, Outcome::Closed),
        (2, Outcome::OptedOut),
        (3, Outcome::Valid),
        (4, Outcome::ContactCardholder),
    ];
    let mut rows = outcomes
        .iter()
        .filter_map(|(number, outcome)| Some((fingerprint(*number), Suppression::after(outcome)?)))
        .collect();
    remember_suppressed(&file, &state.keyring, &mut rows).unwrap();

    let mut cards = candidates([9, 4, 3, 2]);
    // As an event remembers it.
    let lifted = serde_json::to_string(&[fingerprint(2), fingerprint(7)]).unwrap();
    let lifted = serde_json::from_str(&lifted).unwrap();
    cards.suppressed(&file, &state.keyring, &lifted).unwrap();

    let expected = [
        Verdict::Suppressed(Suppression::Closed),
        Verdict::Suppressed(Suppression::ContactCardholder),
        Verdict::Ask,
        Verdict::Ask,
    ];
    assert_eq!(verdicts(cards), expected);
}

#[test]
fn a_damaged_or_missing_memory_is_an_error_and_never_forgetfulness() {
    let state = State::new();
    let file = ask_about(&state, "s-1", 0..10);
    let path = state.dir.path().join("asked/acme/s-1");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    let mut cards = candidates(0..10);
    let files = [(file, noon(1))];
    let error = cards.asked(&files, &state.keyring).unwrap_err();
    assert!(
        matches!(
            error,
            SealError::Truncated { .. } | SealError::Damaged { .. }
        ),
        "{error}"
    );
    files[0].0.delete().unwrap();
    assert!(cards.asked(&files, &state.keyring).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Merging in frames finds exactly what a search finds.
    #[test]
    fn many_files_are_merged_as_if_they_were_searched(
        input in prop::collection::vec(0..20_000_u32, 0..300),
        submissions in prop::collection::vec(prop::collection::btree_set(0..20_000_u32, 0..300), 0..4),
        long in any::<bool>(),
    ) {
        let state = State::new();
        let mut cards = candidates(input.iter().copied());
        let mut asked: Vec<u32> = submissions.iter().flatten().copied().collect();
        let mut files = Vec::new();
        for (number, submission) in submissions.iter().enumerate() {
            let file = ask_about(&state, &format!("s-{number}"), submission.iter().copied());
            files.push((file, noon(29)));
        }
        if long {
            let more = (0..20_000).step_by(2);
            files.push((ask_about(&state, "long", more.clone()), noon(29)));
            asked.extend(more);
        }
        cards.asked(&files, &state.keyring).unwrap();
        let verdicts = verdicts(cards);
        for (at, number) in input.iter().enumerate() {
            let expected = match () {
                () if input[..at].contains(number) => Verdict::Doubled,
                () if asked.contains(number) => Verdict::AskedLately,
                () => Verdict::Ask,
            };
            prop_assert_eq!(verdicts[at], expected);
        }
    }
}
