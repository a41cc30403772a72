use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::cards::Fingerprint;
use crate::subscriptions::{Given, Missing, Row, Standing, Step, difference};

fn pair(number: u8) -> Fingerprint {
    Fingerprint::from_bytes([number; Fingerprint::BYTES])
}

fn row(number: u8, wanted: bool, standing: Standing) -> Row {
    Row {
        pair: pair(number),
        replaces: None,
        wanted,
        standing,
        under_way: false,
    }
}

const PLENTY: u64 = 1_000;

#[test]
fn every_standing_leads_to_one_step() {
    let expected = [
        (Standing::Absent, Step::Add, Step::Forget),
        (Standing::Subscribed, Step::Leave, Step::Remove),
        // A removal may be repeated; an addition may not.
        (Standing::Unknown, Step::Remove, Step::Remove),
        (Standing::Refused, Step::Leave, Step::Forget),
    ];
    for (standing, if_wanted, if_not) in expected {
        let rows = [row(1, true, standing)];
        let wanted = difference(&rows, Some(&[pair(1)]), PLENTY);
        assert_eq!(wanted.known, [(true, if_wanted)], "{standing:?}");
        assert_eq!(wanted.given, [Given::Known(0)]);
        let not = difference(&rows, Some(&[]), PLENTY);
        assert_eq!(not.known, [(false, if_not)], "{standing:?}");
        let nothing_handed_in = difference(&rows, None, PLENTY);
        assert_eq!(nothing_handed_in.known, wanted.known, "{standing:?}");
        assert_eq!(nothing_handed_in.missing, Missing::default());
        let under_way = Row {
            under_way: true,
            ..rows[0]
        };
        for given in [&[pair(1)][..], &[]] {
            let left = difference(&[under_way], Some(given), PLENTY);
            assert_eq!(
                left.known,
                [(!given.is_empty(), Step::Leave)],
                "{standing:?}"
            );
        }
    }
}

#[test]
fn a_source_that_lacks_more_than_a_fifth_is_sudden() {
    let rows: Vec<Row> = (0..10)
        .map(|number| row(number, true, Standing::Subscribed))
        .collect();
    for (given, sudden) in [(10, false), (8, false), (7, true), (0, true)] {
        let given: Vec<_> = (0..given).map(pair).collect();
        let missing = difference(&rows, Some(&given), PLENTY).missing;
        assert_eq!(missing.is_sudden(), sudden, "{missing:?}");
    }
    // What was not wanted before is not missed.
    let rows = [
        row(1, false, Standing::Subscribed),
        row(2, true, Standing::Subscribed),
    ];
    let missing = difference(&rows, Some(&[pair(2)]), PLENTY).missing;
    assert_eq!(missing, Missing { missing: 0, of: 1 });
}

#[test]
fn a_new_number_stands_for_the_old_one_until_the_source_knows_it() {
    let replaced = Row {
        replaces: Some(pair(1)),
        ..row(2, true, Standing::Absent)
    };
    let rows = [row(1, false, Standing::Subscribed), replaced];
    for given in [vec![pair(1)], vec![pair(2)], vec![pair(1), pair(2)]] {
        let difference = difference(&rows, Some(&given), PLENTY);
        assert_eq!(
            difference.known,
            [(false, Step::Remove), (true, Step::Add)],
            "{given:?}"
        );
        assert_eq!(
            (difference.adds(), difference.missing.missing),
            (1, 0),
            "{given:?}"
        );
    }
    let gone = difference(&rows, Some(&[]), PLENTY);
    assert_eq!(gone.known, [(false, Step::Remove), (false, Step::Forget)]);
    assert_eq!(gone.missing, Missing { missing: 1, of: 1 });
}

#[test]
fn the_budget_goes_to_replacements_then_to_what_has_waited_then_to_what_is_new() {
    let replaced = Row {
        replaces: Some(pair(8)),
        ..row(9, true, Standing::Absent)
    };
    let rows = [row(1, true, Standing::Absent), replaced];
    let given = [pair(5), pair(1), pair(8), pair(5)];
    let steps = |budget| {
        let difference = difference(&rows, Some(&given), budget);
        let known: Vec<Step> = difference.known.iter().map(|known| known.1).collect();
        (known, difference.given[0], difference.over_budget)
    };
    let new = Given::New;
    assert_eq!(
        steps(0),
        (vec![Step::Leave, Step::Leave], new(Step::Leave), 3)
    );
    assert_eq!(
        steps(1),
        (vec![Step::Leave, Step::Add], new(Step::Leave), 2)
    );
    assert_eq!(steps(2), (vec![Step::Add, Step::Add], new(Step::Leave), 1));
    assert_eq!(steps(3), (vec![Step::Add, Step::Add], new(Step::Add), 0));
    assert_eq!(difference(&rows, Some(&given), 3).given[3], Given::Doubled);
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        Just(Standing::Absent),
        Just(Standing::Subscribed),
        Just(Standing::Unknown),
        Just(Standing::Refused),
    ]
}

proptest! {
    /// Slots after one another, each of whose submissions comes out well, end where the source wants it.
    #[test]
    fn slots_end_at_what_is_wanted(
        known in prop::collection::btree_map(0_u8..40, (any::<bool>(), standing()), 0..20),
        given in prop::collection::vec(0_u8..40, 0..20),
        budget in 1_u64..10,
    ) {
        let mut rows: Vec<Row> = known
            .into_iter()
            .map(|(number, (wanted, standing))| row(number, wanted, standing))
            .collect();
        let wanted: BTreeSet<u8> = given.iter().copied().collect();
        let given: Vec<Fingerprint> = given.into_iter().map(pair).collect();
        for _ in 0..40 {
            let difference = difference(&rows, Some(&given), budget);
            prop_assert!(difference.adds() <= budget);
            let mut after = Vec::new();
            for (mut row, (wanted, step)) in rows.iter().copied().zip(difference.known) {
                row.wanted = wanted;
                row.standing = match step {
                    Step::Forget => continue,
                    Step::Add => Standing::Subscribed,
                    Step::Remove => Standing::Absent,
                    Step::Leave => row.standing,
                };
                after.push(row);
            }
            for (pair, given) in given.iter().zip(difference.given) {
                let standing = match given {
                    Given::New(Step::Add) => Standing::Subscribed,
                    Given::New(_) => Standing::Absent,
                    Given::Known(_) | Given::Doubled => continue,
                };
                after.push(Row { pair: *pair, replaces: None, wanted: true, standing, under_way: false });
            }
            rows = after;
        }
        for row in &rows {
            prop_assert!(row.wanted);
            prop_assert!(matches!(row.standing, Standing::Subscribed | Standing::Refused));
        }
        let there: BTreeSet<Fingerprint> = rows.iter().map(|row| row.pair).collect();
        prop_assert_eq!(there, wanted.into_iter().map(pair).collect());
        prop_assert_eq!(rows.len(), rows.iter().map(|row| row.pair).collect::<BTreeSet<_>>().len());
    }
}
