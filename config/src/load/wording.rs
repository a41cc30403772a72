//! serde's errors in our words.
//!
//! serde tells what happened only as text, so this is the one place that takes such text apart; the
//! pinned outputs of the tests notice when serde changes it. It repeats strings from the file in
//! its messages: we never do, since they may be secrets.

use super::entry::Entry;
use crate::fault::message_and_help;
use crate::nearest::suggestion;

const UNKNOWN_KEY: &str = "unknown field ";

/// The key that a table inside a section lacks, if that is the error.
pub(super) fn missing_key(error: &toml::de::Error) -> Option<&str> {
    let rest = error.message().strip_prefix("missing field ")?;
    quoted(rest).next()
}

/// Whether the error is about a key that is not known where it stands.
pub(super) fn is_unknown_key(error: &toml::de::Error) -> bool {
    error.message().starts_with(UNKNOWN_KEY)
}

/// What is wrong at the entry at fault, and the help.
pub(super) fn explain(at_fault: &Entry<'_>, error: &toml::de::Error) -> (String, Option<String>) {
    let text = error.message();
    let (key, above) = match at_fault.path.split_last() {
        Some((key, above)) => (key.as_str(), above.join(".")),
        None => ("", String::new()),
    };
    if let Some(known) = text.strip_prefix(UNKNOWN_KEY) {
        let known: Vec<&str> = quoted(known).skip(1).collect();
        let message = format!("unknown key `{key}` in `[{above}]`");
        return (message, Some(suggestion(key, &known, "keys here")));
    }
    if let Some(values) = text.strip_prefix("unknown variant ") {
        let mut values = quoted(values);
        let unknown = values.next().unwrap_or_default();
        let known: Vec<&str> = values.collect();
        let message = format!("`{key}` cannot be `{unknown}`");
        return (message, Some(suggestion(unknown, &known, "values")));
    }
    if let Some(expected) = expectation(text) {
        let found = match at_fault.value.get_ref().type_str() {
            found if expected.starts_with("a whole number") && found == "integer" => {
                return (format!("`{key}` must be {expected}"), form(expected));
            }
            found if found.starts_with(['a', 'i']) => format!("an {found}"),
            found => format!("a {found}"),
        };
        let message = format!("`{key}` must be {expected}, and this is {found}");
        return (message, form(expected));
    }
    let (message, help) = message_and_help(text);
    (message.to_owned(), help.map(str::to_owned))
}

/// How what was expected is written.
fn form(expected: &str) -> Option<String> {
    let form = match expected {
        "a string" => "write it in quotes",
        "a boolean" => "write true or false, without quotes",
        "an array" => "write it in brackets, such as [\"…\"]",
        "a table" => "write it in braces, such as { key = \"…\" }",
        "a duration in quotes" => "write a number and a unit, such as \"90s\" or \"26h\"",
        "a size in quotes" => "write a whole number and a unit, such as \"512MiB\"",
        "a price in quotes" => "write it with a point, such as \"1.50\"",
        "a reference to a secret" => "write { file = \"/PATH\" }, or another place of a secret",
        expected if expected.starts_with("a whole number") => "write 1 or more, without quotes",
        expected if expected.starts_with("the URL of a proxy") => {
            "write \"http://proxy.example:3128\""
        }
        _ => return None,
    };
    Some(form.to_owned())
}

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What serde expected, in TOML's words.
fn expectation(text: &str) -> Option<&str> {
    if text == "wanted string or table" {
        return Some("a string");
    }
    let text = text
        .strip_prefix("invalid type: ")
        .or(text.strip_prefix("invalid value: "))?;
    let (_, expected) = text.rsplit_once(", expected ")?;
    Some(match expected {
        "a sequence" => "an array",
        "a map" => "a table",
        "path string" => "a string",
        "a nonzero u32" | "a nonzero u64" => "a whole number above zero",
        other if other.starts_with("struct ") => "a table",
        other => other,
    })
}
