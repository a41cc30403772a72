//! What may be shown of a value that is wrong.

/// The longest that is shown, in characters.
const LONGEST: usize = 80;

/// The value with all digits but the first six and the last four as `X`, whatever it is: a number
/// whose check digit is wrong is a card number still, and columns get mixed up.
pub(super) fn masked(value: &str) -> String {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    let mask = |each: char| match each {
        '0'..='9' => {
            seen += 1;
            if seen > 6 && seen + 4 <= digits {
                'X'
            } else {
                each
            }
        }
        each if each.is_control() => ' ',
        each => each,
    };
    let mut shown: String = value.chars().map(mask).collect();
    if let Some((end, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_four_are_shown_of_anything() {
        for (value, shown) in [
            ("4111111111111112", "411111XXXXXX1112"),
            ("4111-1111 1111.1111,04/27", "4111-11XX XXXX.XXXX,04/27"),
            ("41111111111", "411111X1111"),
            ("4.11E+15", "4.11E+15"),
            ("two\nlines", "two lines"),
        ] {
            assert_eq!(masked(value), shown);
        }
        assert_eq!(masked(&"ü".repeat(81)).chars().count(), 81);
    }
}
