//! What ABI.md says that version 1 freezes, held against the types: a word that is added, renamed or
//! taken away without the page is a failure.

use std::collections::BTreeSet;

use reissue_connector_api::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::said;

const PAGE: &str = include_str!("../../ABI.md");

/// The words in that row of the table.
fn documented(of: &str) -> BTreeSet<String> {
    let begin = format!("| {of} | ");
    let mut rows = PAGE.lines().filter_map(|line| line.strip_prefix(&begin));
    let row = rows.next().unwrap_or_else(|| panic!("no row `{of}`"));
    let cell = row.split(" | ").next().unwrap();
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The words of these values as they cross.
fn crossing(values: impl IntoIterator<Item = impl Serialize>) -> BTreeSet<String> {
    let words = values.into_iter().map(|value| match json!(value) {
        Value::String(word) => word,
        Value::Object(object) => object.keys().next().unwrap().clone(),
        other => panic!("no word: {other}"),
    });
    words.collect()
}

#[test]
fn the_words_of_version_1_are_those_that_cross() {
    let verbs = [Verb::Discover, Verb::Submit, Verb::Subscribe];
    assert_eq!(documented("a job's `verb`"), crossing(verbs));
    let pans = [Pans::None, Pans::Sent, Pans::Received, Pans::Both];
    assert_eq!(documented("`pans`"), crossing(pans));
    let kinds = [
        Kind::Settings,
        Kind::Credentials,
        Kind::Refused,
        Kind::Busy,
        Kind::Unreachable,
        Kind::Gone,
        Kind::Cancelled,
        Kind::Unsupported,
        Kind::Garbled,
    ];
    assert_eq!(documented("a fault's `kind`"), crossing(kinds));
    let states = said::listing().into_iter().map(|found| found.state);
    assert_eq!(documented("a batch's `state`"), crossing(states));
    let origins = [Origin::Submitted, Origin::Announced, Origin::Found];
    assert_eq!(documented("a batch's `origin`"), crossing(origins));
    let collected = [
        Collected::not_ready(),
        Collected::Complete {
            totals: Totals::default(),
        },
        Collected::Failed(String::new()),
    ];
    assert_eq!(documented("what `collect` came to"), crossing(collected));
    let reconciled = [
        Reconciled::Accepted(said::receipt()),
        Reconciled::NotSeen,
        Reconciled::Unknowable,
    ];
    assert_eq!(documented("what `reconcile` came to"), crossing(reconciled));
    let states = [
        EnrolState::Active,
        EnrolState::NotEnrolled,
        said::progress().state,
        EnrolState::Refused(String::new()),
        EnrolState::Pending,
    ];
    assert_eq!(documented("a `state` of enrolment"), crossing(states));
    let brands = [Brand::Visa, Brand::Mastercard, Brand::Amex, Brand::Discover];
    assert_eq!(documented("a `brand`"), crossing(brands.map(Brand::as_str)));
}

#[test]
fn the_outcomes_of_version_1_are_those_of_updates() {
    let row = PAGE.lines().find(|line| line.contains("| `outcome` |"));
    let words = row.unwrap().split('`').skip(3).step_by(2);
    assert!(words.take(Outcome::WORDS.len()).eq(Outcome::WORDS));
}

/// Coming early is what a provider minds.
#[test]
fn a_second_that_has_begun_counts() {
    for (millis, seconds) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2)] {
        let after = std::time::Duration::from_millis(millis);
        let fault = Fault::new(Kind::Busy, "").retry_after(Some(after));
        assert_eq!(json!(fault)["retry_after"], seconds, "{millis}");
    }
}
