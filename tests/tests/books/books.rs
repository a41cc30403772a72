//! What the provider has, held against what our ledger shows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use reissue_tests::{Asks, World};
use serde_json::Value;

use crate::wanted::{Wanted, masked};

/// `reissue subscriptions`, with every pair.
pub(crate) fn shown(world: &World) -> Value {
    let subscriptions = ["subscriptions", Asks::Amex.name(), "--pairs", "--json"];
    world.reissue(&subscriptions).ok().json()
}

/// The pairs of what is shown.
pub(crate) fn pairs(shown: &Value) -> impl Iterator<Item = &Value> {
    // There is no list where there is no pair.
    shown["list"].as_array().into_iter().flatten()
}

/// Fails if a pair is on the provider's books of which the ledger does not say that it is or may be there.
pub(crate) fn check_shown(world: &World) {
    let before = world.sandbox.subscriptions();
    let shown = shown(world);
    let after: HashSet<String> = texts(&world.sandbox.subscriptions()).collect();
    let may_be_there: BTreeSet<_> = pairs(&shown)
        .filter(|pair| {
            ["subscribed", "unknown", "removing"]
                .iter()
                .any(|it| pair["stands"] == *it)
        })
        .map(|pair| [&pair["key"], &pair["pan_masked"], &pair["se_number"]].map(text))
        .collect();
    // What the daemon changed meanwhile is not on the books for the time being.
    let rests = |row: &&Value| after.contains(&row.to_string());
    for row in before.iter().filter(is_subscribed).filter(rests) {
        let pair = [
            text(&row["id"]),
            masked(&text(&row["card"])),
            text(&row["se_number"]),
        ];
        assert!(
            may_be_there.contains(&pair),
            "{pair:?} is not shown: {row} {shown:#}"
        );
    }
}

/// Fails unless the provider has exactly what is wanted and takes, each pair added once, and the ledger
/// shows just that.
pub(crate) fn check(world: &World, wanted: &Wanted) {
    let books = world.sandbox.subscriptions();
    let again = books.iter().find(|row| row["added_again"] != 0);
    assert_eq!(again, None, "it was added while it was subscribed");

    let is = |stands: &'static str| move |pair: &&Value| pair["stands"] == stands;
    let shown = shown(world);
    let key = |pair: &Value| [&pair["key"], &pair["pan_masked"], &pair["se_number"]].map(text);
    let has: BTreeSet<_> = books
        .iter()
        .filter(is_subscribed)
        .map(|row| {
            [
                text(&row["id"]),
                masked(&text(&row["card"])),
                text(&row["se_number"]),
            ]
        })
        .collect();
    assert_eq!(
        pairs(&shown)
            .filter(is("subscribed"))
            .map(key)
            .collect::<BTreeSet<_>>(),
        has
    );

    let names = |refused: bool| -> BTreeSet<_> {
        let pairs = wanted
            .pairs
            .iter()
            .filter(|pair| pair.is_refused() == refused);
        pairs
            .map(|pair| [masked(&pair.number), pair.se_number.clone()])
            .collect()
    };
    let stand = |stands| -> BTreeSet<_> {
        let pairs = pairs(&shown).filter(is(stands)).map(key);
        pairs
            .map(|[_, card, se_number]| [card, se_number])
            .collect()
    };
    assert_eq!(stand("subscribed"), names(false));
    assert_eq!(stand("refused"), names(true));
    assert_eq!(pairs(&shown).count(), wanted.pairs.len(), "{shown:#}");
}

/// Fails unless each pair that is wanted and that no connector takes came back as rejected once, and
/// nothing else did.
pub(crate) fn check_rejected(world: &World, wanted: &Wanted) {
    let mut rejected = BTreeMap::<String, u64>::new();
    for update in world.delivered().batches.into_values().flatten() {
        if update["outcome"] == "new_number" {
            continue;
        }
        assert_eq!(update["outcome"], "rejected", "{update}");
        *rejected.entry(text(&update["reference"])).or_default() += 1;
    }
    for pair in &wanted.pairs {
        let times = rejected.get(&pair.reference).copied().unwrap_or(0);
        assert_eq!(times, u64::from(pair.is_refused()), "{pair:?}");
    }
    let twice = rejected.iter().find(|(_, times)| **times > 1);
    assert_eq!(twice, None, "it was rejected more than once");
}

/// Fails if a full number stands in a file below this folder, or in this file.
pub(crate) fn check_masked(place: &Path, wanted: &Wanted) {
    if place.is_dir() {
        for entry in fs::read_dir(place).unwrap() {
            check_masked(&entry.unwrap().path(), wanted);
        }
        return;
    }
    let bytes = fs::read(place).unwrap();
    for digits in bytes.split(|byte| !byte.is_ascii_digit()) {
        for number in [15, 16].iter().flat_map(|length| digits.windows(*length)) {
            let number = str::from_utf8(number).unwrap();
            assert!(
                !wanted.cards.contains(number),
                "{number} in {}",
                place.display()
            );
        }
    }
}

/// Whether the provider has it now.
pub(crate) fn is_subscribed(row: &&Value) -> bool {
    row["subscribed"] == true
}

fn texts(rows: &[Value]) -> impl Iterator<Item = String> {
    rows.iter().map(Value::to_string)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
