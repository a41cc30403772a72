//! Card numbers: which are right, and what replaces one.

use crate::mix::mix;

/// 12 to 19 digits, the last of which is right.
pub(crate) fn is_number(card: &str) -> bool {
    (12..=19).contains(&card.len())
        && card.bytes().all(|byte| byte.is_ascii_digit())
        && check_sum(card.bytes().map(|byte| byte - b'0').rev()).is_multiple_of(10)
}

/// Another number of the same bank and length, always the same for a card.
pub(crate) fn replacement(card: &str) -> String {
    let (bank, rest) = card.split_at(6);
    let draw = rest
        .bytes()
        .fold(0, |draw, byte| mix(draw ^ u64::from(byte)));
    let drawn = (1..rest.len() as u64).map(|at| (mix(draw.wrapping_add(at)) % 10) as u8);
    let mut digits: Vec<u8> = bank.bytes().map(|byte| byte - b'0').chain(drawn).collect();
    let sum = check_sum(std::iter::once(0).chain(digits.iter().rev().copied()));
    digits.push(((10 - sum % 10) % 10) as u8);
    digits
        .iter()
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

/// The Luhn sum of digits, the last one first.
fn check_sum(digits: impl Iterator<Item = u8>) -> u32 {
    let weighed = digits.enumerate().map(|(at, digit)| match (at % 2, digit) {
        (0, digit) => u32::from(digit),
        (_, digit @ 5..) => u32::from(digit) * 2 - 9,
        (_, digit) => u32::from(digit) * 2,
    });
    weighed.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_is_another_number_of_the_same_bank() {
        for card in [
            "4111111111111111",
            "378282246310005",
            "4222222222222",
            "6011111111111117",
        ] {
            let new = replacement(card);
            assert!(
                is_number(card) && is_number(&new) && new != card,
                "{card} {new}"
            );
            assert_eq!((new.len(), &new[..6]), (card.len(), &card[..6]));
        }
        for wrong in ["4111111111111112", "41111111111", "4111 1111 1111 1111", ""] {
            assert!(!is_number(wrong), "{wrong}");
        }
    }
}
