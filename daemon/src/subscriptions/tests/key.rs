use proptest::prelude::*;

use crate::subscriptions::{number, write_key};

fn key(number: u64) -> String {
    let mut key = "what was there".to_owned();
    write_key(number, &mut key);
    key
}

#[test]
fn keys_are_short_and_pinned_because_providers_hold_them() {
    for (number, expected) in [(0, "s0"), (35, "sz"), (36, "s10"), (99_999, "s255r")] {
        assert_eq!(key(number), expected);
    }
    assert_eq!(key(u64::MAX), "s3w5e11264sgsf");
}

#[test]
fn no_other_spelling_is_a_key() {
    for foreign in [
        "",
        "s",
        "0",
        "s00",
        "s01",
        "S1",
        "sZ",
        "s+1",
        "s-1",
        "s 1",
        "k1",
        "s3w5e11264sgsg",
    ] {
        assert_eq!(number(foreign), None, "{foreign}");
    }
}

proptest! {
    #[test]
    fn a_key_leads_back_to_its_pair(at: u64) {
        prop_assert_eq!(number(&key(at)), Some(at));
    }
}
