//! A key with its value, and finding the one at fault.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::place::Key;

/// A key, its path from the root, and its value.
pub(super) struct Entry<'i> {
    /// The keys from the root to this one, itself included.
    pub(super) path: Vec<String>,
    pub(super) key: Range<usize>,
    pub(super) value: Spanned<DeValue<'i>>,
}

impl<'i> Entry<'i> {
    pub(super) fn new(above: &[&str], key: &Key<'i>, value: Spanned<DeValue<'i>>) -> Self {
        let path = above.iter().copied().chain([key.get_ref().as_ref()]);
        Self {
            path: path.map(str::to_owned).collect(),
            key: key.span(),
            value,
        }
    }

    /// A section that is not written, as if it were written without keys.
    pub(super) fn unwritten(section: &str) -> Self {
        Self {
            path: vec![section.to_owned()],
            key: 0..0,
            value: Spanned::new(0..0, DeValue::Table(DeTable::new())),
        }
    }

    /// The text of a key below this one.
    pub(super) fn says(&self, key: &str) -> Option<&str> {
        let table = self.value.get_ref().as_table()?;
        table.get(key)?.get_ref().as_str()
    }

    /// Takes out the deepest key below this one at which, or at whose value, an error stands; of an
    /// array only the element, which then has the array's path.
    pub(super) fn take_out(&mut self, error: &Range<usize>) -> Option<Self> {
        let DeValue::Table(table) = self.value.get_mut() else {
            return None;
        };
        take_out(&self.path, table, error)
    }

    /// Whether the value may be a secret in the wrong place, or in place of a reference to it.
    pub(super) fn may_hold_secret(&self) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["daemon", "key", ..]
            | ["accounts", _, "secrets", ..]
            | ["accounts" | "sinks", _, "proxy", "password", ..]
            | ["alarms", "proxy", "password", ..]
            | ["sinks", _, "secrets", ..]
            | ["alarms", "secrets", ..]
            | ["sources", _, "identity", ..] => !self.value.get_ref().is_table(),
            // A URL can hold a password or a token.
            ["accounts", _, "base_url" | "proxy"]
            | ["accounts", _, "proxy", "url"]
            | ["webhooks", "public_url"] => {
                let text = self.value.get_ref().as_str().unwrap_or_default();
                text.contains(['@', '?'])
            }
            // So can a webhook's path.
            ["sinks", _, "url" | "proxy"]
            | ["sinks", _, "proxy", "url"]
            | ["alarms", "url" | "proxy"]
            | ["alarms", "proxy", "url"] => true,
            // An age identity is mistaken for a recipient.
            ["sinks", _, "recipients"] => true,
            _ => false,
        }
    }
}

fn take_out<'i>(
    above: &[String],
    table: &mut DeTable<'i>,
    error: &Range<usize>,
) -> Option<Entry<'i>> {
    let mut at_fault = None;
    for (key, value) in table.iter_mut() {
        let path = [above, &[key.get_ref().to_string()]].concat();
        let within = is_within(error, &value.span());
        let deeper = match value.get_mut() {
            DeValue::Table(below) => take_out(&path, below, error),
            DeValue::Array(array) => take_element(&path, array, error),
            _ => None,
        };
        if deeper.is_some() {
            return deeper;
        }
        if within || key.span() == *error {
            at_fault = Some((path, key.clone()));
            break;
        }
    }
    let (path, key) = at_fault?;
    let value = table.remove(&key)?;
    Some(Entry {
        path,
        key: key.span(),
        value,
    })
}

fn take_element<'i>(
    path: &[String],
    array: &mut DeArray<'i>,
    error: &Range<usize>,
) -> Option<Entry<'i>> {
    let at_fault = |element: &Spanned<DeValue<'_>>| is_within(error, &element.span());
    let element = array.iter().find(|element| at_fault(element))?.clone();
    let rest = array.iter().filter(|element| !at_fault(element));
    *array = rest.cloned().collect();
    Some(Entry {
        path: path.to_vec(),
        key: element.span(),
        value: element,
    })
}

fn is_within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
