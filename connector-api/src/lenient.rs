//! Reading what providers really send: counters as text, booleans as text, three spellings of a
//! time in one API, one value where a list is documented.
//!
//! A wire type made of these never fails on a quirk; what cannot be understood is absent.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text, borrowed from the body where it has no escapes. A number or a boolean is taken as its
/// text, `null` and structures as empty: identifiers and codes are text whatever they look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(if value { "true" } else { "false" })))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text<'de>, A::Error> {
                while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                while map
                    .next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?
                    .is_some()
                {}
                Ok(Text::default())
            }
        }

        from.deserialize_any(TextVisitor)
    }
}

/// A [`Text`] that owns itself, for short documents that are read whole:
/// `#[serde(deserialize_with = "owned")] id: String`.
///
/// # Errors
/// None of its own: whatever stands there is a text.
pub fn owned<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Text::deserialize(from).map(|text| text.0.into_owned())
}

/// A counter: a number, a numeric text, or one with a comma inside the quotes (`"9,"`). Anything
/// else is absent, never an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        Ok(Self(text.trim().trim_end_matches(',').parse().ok()))
    }
}

/// A truth: `true`, `false` or either as text. Anything else is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        Ok(Self(match text.trim() {
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }))
    }
}

/// One text, a comma list, or an array of texts: always a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Shape {
            Many(Vec<String>),
            One(String),
            Other(serde::de::IgnoredAny),
        }
        Ok(Self(match Shape::deserialize(from)? {
            Shape::Many(list) => list,
            Shape::One(text) => text
                .split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
            Shape::Other(_) => Vec::new(),
        }))
    }
}

/// A time in any of the spellings met so far: RFC 3339 with any fraction, dots for the colons
/// (`2020-02-13T13.59.13Z`), or compact (`20200315T000000Z`). `None` for anything else.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    ["%Y-%m-%dT%H.%M.%S%.fZ", "%Y%m%dT%H%M%SZ"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> T {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn texts_are_texts_whatever_they_look_like() {
        for (json, expected) in [
            (r#""00001""#, "00001"),
            (r#""a\"b""#, "a\"b"),
            ("562239661", "562239661"),
            ("null", ""),
            ("true", "true"),
            (r#"{"a":[1]}"#, ""),
            ("[1]", ""),
        ] {
            assert_eq!(read::<Text>(json).as_str(), expected, "{json}");
        }
    }

    #[test]
    fn a_text_can_own_itself() {
        #[derive(Deserialize)]
        struct Short {
            #[serde(deserialize_with = "owned")]
            id: String,
        }
        for json in [r#"{"id":88123}"#, r#"{"id":"88123"}"#] {
            assert_eq!(serde_json::from_str::<Short>(json).unwrap().id, "88123");
        }
    }

    #[test]
    fn counters_and_flags_survive_their_quotes() {
        assert_eq!(read::<Count>(r#""9,""#), Count(Some(9)));
        assert_eq!(read::<Count>(r#""9""#), Count(Some(9)));
        assert_eq!(read::<Count>("9"), Count(Some(9)));
        assert_eq!(read::<Count>(r#""nine""#), Count(None));
        assert_eq!(read::<Flag>(r#""True""#), Flag(Some(true)));
        assert_eq!(read::<Flag>("false"), Flag(Some(false)));
        assert_eq!(read::<Flag>("1"), Flag(None));
    }

    #[test]
    fn one_is_a_list_too() {
        let both = OneOrMany(vec!["VISA".into(), "MASTERCARD".into()]);
        assert_eq!(read::<OneOrMany>(r#""VISA,MASTERCARD""#), both);
        assert_eq!(read::<OneOrMany>(r#"["VISA","MASTERCARD"]"#), both);
        assert_eq!(read::<OneOrMany>("{}"), OneOrMany::default());
    }

    #[test]
    fn three_spellings_of_one_time() {
        let noon = "2020-02-13T13:59:13Z".parse::<DateTime<Utc>>().unwrap();
        for text in [
            "2020-02-13T13:59:13Z",
            "2020-02-13T13.59.13Z",
            "20200213T135913Z",
        ] {
            assert_eq!(time(text), Some(noon), "{text}");
        }
        assert!(time("2020-04-22T21:46:08.448148Z").is_some());
        assert_eq!(time("yesterday"), None);
    }
}
