//! What is printed on a card: its number, its expiry, its brand.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// A full card number (PAN): 12 to 19 digits that pass the Luhn check.
///
/// It cannot be printed by accident: there is no `Display`, `Debug` shows the mask, it does not
/// serialise, and its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Pan {
    digits: [u8; 19],
    len: u8,
}

/// Why a text is not a card number. Never carries the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAPan {
    /// Something other than digits, spaces and hyphens.
    NotDigits,
    /// Fewer than 12 or more than 19 digits.
    Length,
    /// The check digit is wrong.
    Luhn,
}

impl fmt::Display for NotAPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDigits => "a card number has digits only",
            Self::Length => "a card number has 12 to 19 digits",
            Self::Luhn => "the card number's check digit is wrong",
        })
    }
}

impl std::error::Error for NotAPan {}

impl Pan {
    /// Reads a card number; spaces and hyphens between digits are allowed.
    pub fn parse(text: &str) -> Result<Self, NotAPan> {
        let pan = Self::received(text)?;
        if luhn(pan.expose().as_bytes()) {
            Ok(pan)
        } else {
            Err(NotAPan::Luhn)
        }
    }

    /// Reads a number that a provider returned, without the Luhn check: an answer must not be lost
    /// because its check digit is wrong.
    pub fn received(text: &str) -> Result<Self, NotAPan> {
        let mut pan = Self {
            digits: [0; 19],
            len: 0,
        };
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if pan.len == 19 => return Err(NotAPan::Length),
                b'0'..=b'9' => {
                    pan.digits[usize::from(pan.len)] = byte;
                    pan.len += 1;
                }
                b' ' | b'-' => {}
                _ => return Err(NotAPan::NotDigits),
            }
        }
        if pan.len < 12 {
            return Err(NotAPan::Length);
        }
        Ok(pan)
    }

    /// The number itself, for a request body or a sealed file. The name is meant to be searched for.
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).unwrap_or_default()
    }

    /// The first six and last four digits (PCI DSS 3.4.1), the rest as `X`.
    pub fn masked(&self) -> String {
        mask(self.expose())
    }
}

impl Drop for Pan {
    fn drop(&mut self) {
        self.digits.zeroize();
        self.len = 0;
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Twelve digits are too often something else.
const SHORTEST_IN_TEXT: usize = 13;

/// Replaces every card number in `text` (13 to 19 digits that pass the Luhn check, spaces and
/// hyphens between them allowed) by its mask; `None` when there is none.
///
/// The last net under the types: the host passes every text of a connector's through it before the
/// text reaches a log, a span or the ledger.
pub fn mask_pans(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    // Counting is quick, and most texts hold too few digits.
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit());
    if digits.count() < SHORTEST_IN_TEXT {
        return None;
    }
    let mut masked: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if is_uuid(&bytes[..at], &bytes[at..]) {
            at += UUID;
        } else if let Some((length, mask)) = number_at(&bytes[at..]) {
            let out = masked.get_or_insert_with(String::new);
            out.push_str(&text[copied..at]);
            out.push_str(&mask);
            at += length;
            copied = at;
        } else {
            let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
            at += digits.count().max(1);
        }
    }
    if let Some(out) = &mut masked {
        out.push_str(&text[copied..]);
    }
    masked
}

/// The length of a UUID in its usual form.
const UUID: usize = 36;

/// Whether a text that follows another begins with a UUID: one in a hundred holds digits and hyphens that pass for a
/// card number, and nobody finds by a masked id what has it.
fn is_uuid(before: &[u8], text: &[u8]) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_form = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    // Asked first where words begin, because every position of every text is asked.
    !goes_on(before.last())
        && text.len() >= UUID
        && text[..UUID].iter().enumerate().all(is_form)
        && !goes_on(text.get(UUID))
}

/// The length and the mask of the card number at the start, the longest if there are several. It
/// ends where a group of digits ends, so a number is found before its expiry (`… 1111 12/27`), and
/// an identifier that is longer than any number is none.
fn number_at(bytes: &[u8]) -> Option<(usize, String)> {
    let mut digits = Zeroizing::new([0; 19]);
    let mut count = 0;
    let mut number = None;
    for (at, byte) in bytes.iter().enumerate() {
        let group_goes_on = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' if count < digits.len() => {
                digits[count] = *byte;
                count += 1;
                let whole = &digits[..count];
                if !group_goes_on && count >= SHORTEST_IN_TEXT && luhn(whole) {
                    let digits = std::str::from_utf8(whole).unwrap_or_default();
                    number = Some((at + 1, mask(digits)));
                }
            }
            b' ' | b'-' if count > 0 && group_goes_on => {}
            _ => break,
        }
    }
    number
}

fn mask(digits: &str) -> String {
    let hidden = digits.len().saturating_sub(10);
    format!(
        "{}{}{}",
        &digits[..6],
        "X".repeat(hidden),
        &digits[digits.len() - 4..]
    )
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A card's expiry: a month of a year. Prints and serialises as `2027-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expiry {
    year: u16,
    month: u8,
}

/// A text that is no month of a year between 2000 and 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnExpiry;

impl fmt::Display for NotAnExpiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expiry is written 2027-04, 04/27 or 04/2027")
    }
}

impl std::error::Error for NotAnExpiry {}

impl Expiry {
    /// From a year (two digits mean 2000 to 2099: test cards expire in 2050) and a month of 1 to 12.
    pub fn new(year: u16, month: u8) -> Result<Self, NotAnExpiry> {
        let year = if year < 100 { 2000 + year } else { year };
        if (2000..=2099).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(NotAnExpiry)
        }
    }

    /// From a provider's separate texts, such as `"2021"` or `"21"` and `"02"`.
    pub fn from_texts(year: &str, month: &str) -> Result<Self, NotAnExpiry> {
        let year = year.trim().parse().map_err(|_| NotAnExpiry)?;
        let month = month.trim().parse().map_err(|_| NotAnExpiry)?;
        Self::new(year, month)
    }

    /// Four digits.
    pub fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Expiry {
    type Err = NotAnExpiry;

    fn from_str(text: &str) -> Result<Self, NotAnExpiry> {
        match (text.split_once('-'), text.split_once('/')) {
            (Some((year, month)), _) => Self::from_texts(year, month),
            (_, Some((month, year))) => Self::from_texts(year, month),
            _ => Err(NotAnExpiry),
        }
    }
}

impl TryFrom<String> for Expiry {
    type Error = NotAnExpiry;

    fn try_from(text: String) -> Result<Self, NotAnExpiry> {
        text.parse()
    }
}

impl From<Expiry> for String {
    fn from(expiry: Expiry) -> Self {
        expiry.to_string()
    }
}

/// The card network. A replacement may belong to another network than the card that it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brand<'a> {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// Discover.
    Discover,
    /// The provider's own word for a network that this version does not know.
    Other(&'a str),
}

impl<'a> Brand<'a> {
    /// The brand of that word.
    pub fn from_word(word: &'a str) -> Self {
        match word {
            "visa" => Self::Visa,
            "mastercard" => Self::Mastercard,
            "amex" => Self::Amex,
            "discover" => Self::Discover,
            other => Self::Other(other),
        }
    }

    /// The word that stands in updates.
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Discover => "discover",
            Self::Other(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pan_never_shows_itself() {
        let pan = Pan::parse("4111 1111-1111 1111").unwrap();
        assert_eq!(pan.expose(), "4111111111111111");
        assert_eq!(format!("{pan:?}"), "411111XXXXXX1111");
    }

    #[test]
    fn a_wrong_pan_says_why_and_not_what() {
        assert_eq!(Pan::parse("4111111111111112"), Err(NotAPan::Luhn));
        assert_eq!(Pan::parse("41111111111"), Err(NotAPan::Length));
        assert_eq!(Pan::parse("41111111111111111111"), Err(NotAPan::Length));
        assert_eq!(Pan::parse("4.11111E+15"), Err(NotAPan::NotDigits));
    }

    #[test]
    fn a_uuid_is_no_card_number() {
        let uuid = "b2133463-9065-414f-8a94-6045a7a83920";
        assert_eq!(mask_pans(&format!("amex/{uuid} {uuid}")), None);
        for (text, masked) in [
            (&uuid[..18], "b213346XXXX5414f"),
            (&format!("{uuid}a"), "b213346XXXX5414f-8a94-6045a7a83920a"),
        ] {
            assert_eq!(mask_pans(text).as_deref(), Some(masked));
        }
    }

    #[test]
    fn pans_inside_a_text_are_masked_and_longer_ids_are_left_alone() {
        assert_eq!(
            mask_pans("card 4111-1111-1111-1111 and 378282246310005!").as_deref(),
            Some("card 411111XXXXXX1111 and 378282XXXXX0005!")
        );
        assert_eq!(mask_pans("batch 15797780137010000506182090"), None);
        assert_eq!(mask_pans("4111111111111112 fails Luhn, 12 is short"), None);
    }

    #[test]
    fn digits_around_a_pan_do_not_hide_it() {
        for (text, masked) in [
            ("4111111111111111 12/27", "411111XXXXXX1111 12/27"),
            ("7 4111 1111 1111 1111", "7 411111XXXXXX1111"),
            ("4111111111111111-2027-04", "411111XXXXXX1111-2027-04"),
            (
                "4111111111111111 378282246310005",
                "411111XXXXXX1111 378282XXXXX0005",
            ),
        ] {
            assert_eq!(mask_pans(text).as_deref(), Some(masked));
        }
    }

    #[test]
    fn an_expiry_is_read_in_every_documented_spelling() {
        let april = Expiry::new(2027, 4).unwrap();
        for text in ["2027-04", "04/27", "04/2027", "4/27"] {
            assert_eq!(text.parse(), Ok(april), "{text}");
        }
        assert_eq!("01/50".parse(), Expiry::new(2050, 1));
        for text in ["13/27", "2027", "", "00/27", "1999-12", "27-xx"] {
            assert_eq!(text.parse::<Expiry>(), Err(NotAnExpiry), "{text}");
        }
    }
}
