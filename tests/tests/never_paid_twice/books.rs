//! The books: what was given adds up to what was asked, in the ledger and at the provider.

use std::collections::BTreeMap;

use reissue_tests::{Asks, World};
use serde_json::Value;

use crate::cards::Cards;
use crate::subject::provider;

/// Fails if the provider was asked about a card twice.
pub(crate) fn check_never_twice(world: &World, whom: Asks) {
    let asked = world.sandbox.submitted(provider(whom));
    assert!(asked["most_for_one_card"].as_u64() <= Some(1), "{asked}");
}

/// Fails unless the provider was asked about each card that was given exactly once, and the ledger
/// accounts for each row.
pub(crate) fn check(world: &World, whom: Asks, given: &Cards) {
    check_never_twice(world, whom);
    let asked = world.sandbox.submitted(provider(whom));
    assert_eq!(asked["cards"], given.valid, "{asked}");

    let events = world.events();
    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    let taken: Vec<&Value> = of("cards_taken")
        .filter(|event| event["schedule"] == whom.name())
        .collect();
    let files = taken
        .iter()
        .flat_map(|event| event["files"].as_array().unwrap());
    let (cards, rejected) = files.fold((0, 0), |(cards, rejected), file| {
        (
            cards + count(&file["cards"]),
            rejected + count(&file["rejected"]),
        )
    });
    let mut verdicts: BTreeMap<&str, u64> = BTreeMap::new();
    for (verdict, cards) in taken
        .iter()
        .flat_map(|event| event["verdicts"].as_object().unwrap())
    {
        *verdicts.entry(verdict).or_default() += count(cards);
    }
    assert_eq!(rejected, given.wrong);
    assert_eq!(cards, given.valid + given.repeated);
    assert_eq!(cards, verdicts.values().sum::<u64>(), "{verdicts:?}");
    assert_eq!(verdicts["ask"], given.valid);
    assert_eq!(
        verdicts.get("asked_lately").copied().unwrap_or(0),
        given.repeated
    );

    let ours = |event: &&Value| is_of(&event["batch"], whom);
    let planned = of("submission_planned").filter(ours);
    let planned: Vec<(&Value, u64)> = planned
        .map(|it| (&it["batch"], count(&it["cards"])))
        .collect();
    assert_eq!(
        planned.iter().map(|(_, cards)| cards).sum::<u64>(),
        given.valid
    );
    for (batch, _) in planned {
        let accepted = of("submission_accepted").filter(|event| event["batch"] == *batch);
        assert_eq!(accepted.count(), 1, "{batch}");
    }
    let left: Vec<_> = std::fs::read_dir(world.path("cards").join(whom.name()))
        .unwrap()
        .collect();
    assert_eq!(
        left.len() as u64,
        rejected,
        "reject files, and nothing else: {left:?}"
    );
}

fn is_of(batch: &Value, whom: Asks) -> bool {
    let account = batch.as_str().and_then(|key| key.split_once('/'));
    account.is_some_and(|(account, _)| account == whom.name())
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}
