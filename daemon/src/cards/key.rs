//! Our keys of cards: a letter and a number in base 36, which a provider gets instead of the customer's
//! reference. Within a submission it is `k` and the card's position, which needs no index to find the card
//! again.

/// Writes the key of the card at `position` over `into`.
pub(super) fn write(position: u32, into: &mut String) {
    write_numbered('k', position.into(), into);
}

/// The position of the card that has this key, or none if no card can have it.
pub(super) fn position(key: &str) -> Option<u32> {
    numbered('k', key)?.try_into().ok()
}

/// Writes the key of this letter and number over `into`.
pub fn write_numbered(letter: char, number: u64, into: &mut String) {
    // A number of 64 bits has at most 13 digits.
    let mut digits = ['0'; 13];
    let mut first = digits.len();
    let mut rest = number;
    loop {
        first -= 1;
        let digit = char::from_digit((rest % 36) as u32, 36);
        digits[first] = digit.expect("a remainder of 36 is a digit");
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    into.clear();
    into.push(letter);
    into.extend(&digits[first..]);
}

/// The number of a key of this letter, or none if it is no such key.
pub fn numbered(letter: char, key: &str) -> Option<u64> {
    let digits = key.strip_prefix(letter)?;
    let canonical = digits
        .bytes()
        .all(|digit| digit.is_ascii_digit() || digit.is_ascii_lowercase())
        && (digits == "0" || !digits.starts_with('0'));
    if !canonical {
        return None;
    }
    u64::from_str_radix(digits, 36).ok()
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
