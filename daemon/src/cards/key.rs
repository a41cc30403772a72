//! Our key of a card within a submission: `k` and its position in base 36.
//!
//! A provider gets it instead of the customer's reference. Being the position, it needs no index to
//! find the card again.

/// Writes the key of the card at `position` over `into`.
pub(super) fn write(position: u32, into: &mut String) {
    // A position of 32 bits has at most seven digits.
    let mut digits = ['0'; 7];
    let mut first = digits.len();
    let mut rest = position;
    loop {
        first -= 1;
        digits[first] = char::from_digit(rest % 36, 36).expect("a remainder of 36 is a digit");
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    into.clear();
    into.push('k');
    into.extend(&digits[first..]);
}

/// The position of the card that has this key, or none if no card can have it.
pub(super) fn position(key: &str) -> Option<u32> {
    let digits = key.strip_prefix('k')?;
    let canonical = digits
        .bytes()
        .all(|digit| digit.is_ascii_digit() || digit.is_ascii_lowercase())
        && (digits == "0" || !digits.starts_with('0'));
    if !canonical {
        return None;
    }
    u32::from_str_radix(digits, 36).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(position: u32) -> String {
        let mut key = "what was there".to_owned();
        write(position, &mut key);
        key
    }

    #[test]
    fn keys_are_short_and_pinned_because_providers_hold_them() {
        for (at, expected) in [(0, "k0"), (35, "kz"), (36, "k10"), (99_999, "k255r")] {
            assert_eq!(key(at), expected);
        }
        assert_eq!(key(u32::MAX), "k1z141z3");
    }

    #[test]
    fn no_other_spelling_is_a_key() {
        for foreign in [
            "", "k", "0", "k00", "k01", "K1", "kZ", "k+1", "k-1", "k 1", "k1z141z4",
        ] {
            assert_eq!(position(foreign), None, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn a_key_leads_back_to_its_card(at: u32) {
            prop_assert_eq!(position(&key(at)), Some(at));
        }
    }
}
