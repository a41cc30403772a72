//! Updates without full card numbers, for whoever is not to see them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// A line without its full numbers, and otherwise as it was; its keys in the order in which they stand.
/// One that is not JSON becomes an empty one.
pub fn without_pan(line: &[u8]) -> Cow<'_, [u8]> {
    // The key cannot occur inside a text: its quotes would be escaped there.
    let marked = line.windows(6).any(|window| window == b"\"pan\":");
    if !marked {
        return Cow::Borrowed(line);
    }
    let update = serde_json::from_slice::<Members<'_>>(line).unwrap_or_default();
    let mut line = serde_json::to_vec(&update).unwrap_or_default();
    line.push(b'\n');
    Cow::Owned(line)
}

/// The members of an object but for those called `pan`, which a card has and nothing else. serde's own
/// map would sort them.
#[derive(Default)]
struct Members<'l>(Vec<(Cow<'l, str>, Member<'l>)>);

enum Member<'l> {
    Object(Members<'l>),
    Other(&'l RawValue),
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<Cow<'de, str>, &RawValue>()? {
            if key == "pan" {
                continue;
            }
            let member = match value.get().starts_with('{') {
                true => Member::Object(
                    serde_json::from_str(value.get()).map_err(serde::de::Error::custom)?,
                ),
                false => Member::Other(value),
            };
            members.push((key, member));
        }
        Ok(Members(members))
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (key, member) in &self.0 {
            match member {
                Member::Object(members) => map.serialize_entry(key, members)?,
                Member::Other(value) => map.serialize_entry(key, value)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_numbers_go_and_the_rest_stays_as_it_was() {
        let line = concat!(
            r#"{"id":"a/b/1","zeta":1.50,"old":{"token":"t","pan":"4111111111111111","pan_masked":"411111XXXXXX1111"},"#,
            r#""new":{"pan":"4242424242424242"},"related":[{"state":"\"pan\":\n"}],"alpha":null}"#,
            "\n"
        );
        let expected = concat!(
            r#"{"id":"a/b/1","zeta":1.50,"old":{"token":"t","pan_masked":"411111XXXXXX1111"},"#,
            r#""new":{},"related":[{"state":"\"pan\":\n"}],"alpha":null}"#,
            "\n"
        );
        assert_eq!(
            String::from_utf8_lossy(&without_pan(line.as_bytes())),
            expected
        );
        assert!(matches!(without_pan(expected.as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn what_cannot_be_read_is_not_passed_on() {
        assert_eq!(&*without_pan(br#"{"pan":"4111111111111111""#), b"{}\n");
    }
}
