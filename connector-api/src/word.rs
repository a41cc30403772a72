//! Enums that cross the boundary as a word, or as a word with what belongs to it.
//!
//! A newer connector or daemon may use a word that this side does not know. It must map to the
//! enum's catch-all whatever belongs to it, and serde's `other` catches bare words only; so the
//! enums that carry something read themselves with this.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// Takes `"word"` or `{ "word": … }` apart.
pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<(String, Value), D::Error> {
    match Value::deserialize(from)? {
        Value::String(word) => Ok((word, Value::Null)),
        Value::Object(object) => {
            let mut words = object.into_iter();
            match (words.next(), words.next()) {
                (Some(one), None) => Ok(one),
                _ => Err(Error::custom("expected one word in the object")),
            }
        }
        _ => Err(Error::custom(
            "expected a word, or a word with what belongs to it",
        )),
    }
}

/// Reads what belongs to a word.
pub(crate) fn content<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}
