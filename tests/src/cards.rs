//! Cards that nobody has.

/// A number of its own for each card, of sixteen digits with the right check digit.
pub fn pan(number: u64) -> String {
    checked(format!("49{number:013}"))
}

/// The same of American Express, of fifteen digits.
pub fn amex(number: u64) -> String {
    checked(format!("37{number:012}"))
}

fn checked(digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(
            |(place, digit)| match (place % 2, u32::from(digit - b'0')) {
                (0, digit @ 5..) => digit * 2 - 9,
                (0, digit) => digit * 2,
                (_, digit) => digit,
            },
        )
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
