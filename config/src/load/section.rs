//! Reading sections of the tree into the model.
//!
//! serde stops at the first fault. So a section is read again with the key at fault taken out, until
//! it reads or only lacks keys. Which keys it must have is asked of its JSON schema: serde would name
//! only one missing key, and it would name those that were taken out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::entry::Entry;
use super::wording;
use crate::nearest::{nearest, suggestion};
use crate::place::{Place, scalars};
use crate::problem::{Problem, Problems};
use crate::sources::Sources;

pub(super) struct Reader<'a> {
    sources: &'a Arc<Sources>,
    problems: &'a mut Problems,
    /// Whether the tree holds everything that the files say.
    complete: bool,
    sections: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        sources: &'a Arc<Sources>,
        problems: &'a mut Problems,
        complete: bool,
    ) -> Self {
        Self {
            sources,
            problems,
            complete,
            sections: Vec::new(),
        }
    }

    /// Takes `[section]` out of the root and reads it.
    pub(super) fn single<T>(&mut self, root: &mut DeTable<'_>, section: &'static str) -> Option<T>
    where
        T: DeserializeOwned + JsonSchema,
    {
        let entry = self.take(root, section);
        self.read(entry.unwrap_or_else(|| Entry::unwritten(section)))
    }

    /// The same for a section that may be left out as a whole.
    pub(super) fn optional<T>(&mut self, root: &mut DeTable<'_>, section: &'static str) -> Option<T>
    where
        T: DeserializeOwned + JsonSchema,
    {
        let entry = self.take(root, section)?;
        self.read(entry)
    }

    /// Takes all `[section.NAME]` out of the root and reads each with `read`.
    pub(super) fn family<'i, T>(
        &mut self,
        root: &mut DeTable<'i>,
        section: &'static str,
        read: impl Fn(&mut Self, Entry<'i>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut family = BTreeMap::new();
        let Some(entry) = self.take(root, section) else {
            return family;
        };
        let DeValue::Table(table) = entry.value.into_inner() else {
            let message = format!("`{section}` must hold tables, each with a name");
            let help = format!("write `[{section}.NAME]`");
            self.report(entry.key, message, Some(help));
            return family;
        };
        for (key, value) in table {
            let name = key.get_ref().to_string();
            if !is_name(&name) {
                let message = format!("`{name}` is not a name for one of the {section}");
                let help = "a name has 1 to 64 letters, digits, `-` and `_`, and begins with a letter or digit";
                self.report(key.span(), message, Some(help.to_owned()));
            }
            if let Some(read) = read(self, Entry::new(&[section], &key, value)) {
                family.insert(name, read);
            }
        }
        family
    }

    /// Reads one section or one named table.
    pub(super) fn read<T>(&mut self, mut entry: Entry<'_>) -> Option<T>
    where
        T: DeserializeOwned + JsonSchema,
    {
        let DeValue::Table(table) = entry.value.get_ref() else {
            let message = format!("`{}` must be a table", entry.path.join("."));
            let help = format!("write `[{}]` and its keys below it", entry.path.join("."));
            self.report(entry.key, message, Some(help));
            return None;
        };
        let mut inlined = SchemaSettings::draft2020_12();
        inlined.inline_subschemas = true;
        let schema = inlined.into_generator().into_root_schema_for::<T>();
        let missing: Vec<&str> = required(&schema)
            .filter(|key| !table.contains_key(*key))
            .collect();
        let read = self.read_faultless(&mut entry, &schema);
        let taken = read.as_ref().err().into_iter().flatten();
        let misspelt: Vec<&str> = taken
            .filter_map(|path| Some(path.last()?.as_str()))
            .collect();
        for key in missing {
            if !misspelt.iter().any(|word| nearest(word, [key]).is_some()) {
                self.missing(&entry, key, purpose(&schema, &[key]));
            }
        }
        read.ok()
    }

    /// Reads what is left when every key at fault is reported and taken out; if that is not enough
    /// for a section, the paths of those keys.
    fn read_faultless<T>(
        &mut self,
        entry: &mut Entry<'_>,
        schema: &Schema,
    ) -> Result<T, Vec<Vec<String>>>
    where
        T: DeserializeOwned,
    {
        let mut taken: Vec<Vec<String>> = Vec::new();
        loop {
            let error = match T::deserialize(ValueDeserializer::from(entry.value.clone())) {
                Ok(section) => return Ok(section),
                Err(error) => error,
            };
            // No key is at fault when the section itself lacks one.
            let at_fault = error.span().and_then(|span| entry.take_out(&span));
            let Some(at_fault) = at_fault else {
                return Err(taken);
            };
            // A table that has lost a key may well be wrong without it.
            let follows = |path: &Vec<String>| path.starts_with(&at_fault.path);
            let is_table = at_fault.value.get_ref().is_table();
            if !(is_table && taken.iter().any(follows)) {
                let inside = &at_fault.path[entry.path.len()..];
                self.refuse(&at_fault, &error, schema, inside);
            }
            taken.push(at_fault.path);
        }
    }

    /// Reports every section of the root that nobody took.
    pub(super) fn refuse_the_rest(&mut self, root: DeTable<'_>) {
        for (key, value) in root {
            let place = Place::new(self.sources, key.span());
            let problem = Problem::new(place, format!("unknown section `{}`", key.get_ref()))
                .help(suggestion(key.get_ref(), &self.sections, "sections"))
                .conceal(scalars(&value));
            self.problems.push(problem);
        }
    }

    fn take<'i>(&mut self, root: &mut DeTable<'i>, section: &'static str) -> Option<Entry<'i>> {
        self.sections.push(section);
        let (key, value) = root.remove_entry(section)?;
        Some(Entry::new(&[], &key, value))
    }

    fn missing(&mut self, section: &Entry<'_>, key: &str, purpose: Option<String>) {
        if !self.complete {
            return;
        }
        let message = format!("missing key `{key}` in `[{}]`", section.path.join("."));
        let help = purpose.map(|purpose| format!("add `{key}`: {purpose}"));
        self.report(section.key.clone(), message, help);
    }

    /// Reports the key at fault, which stands at the path `inside` the section of this schema.
    fn refuse(
        &mut self,
        at_fault: &Entry<'_>,
        error: &toml::de::Error,
        schema: &Schema,
        inside: &[String],
    ) {
        if let Some(key) = wording::missing_key(error) {
            let inside = inside.iter().map(String::as_str);
            let path: Vec<&str> = inside.chain([key]).collect();
            return self.missing(at_fault, key, purpose(schema, &path));
        }
        let span = error.span().unwrap_or_else(|| at_fault.key.clone());
        let place = Place::new(self.sources, span);
        let (message, help) = wording::explain(at_fault, error);
        let mut problem = Problem::new(place, message);
        if let Some(help) = help {
            problem = problem.help(help);
        }
        if wording::is_unknown_key(error) || at_fault.may_hold_secret() {
            problem = problem.conceal(scalars(&at_fault.value));
        }
        self.problems.push(problem);
    }

    fn report(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        let mut problem = Problem::new(Place::new(self.sources, span), message);
        if let Some(help) = help {
            problem = problem.help(help);
        }
        self.problems.push(problem);
    }
}

/// Names stand in paths, URLs, metrics and file names, and must read the same in all of them.
fn is_name(text: &str) -> bool {
    let is_inner = |each: u8| each.is_ascii_alphanumeric() || each == b'-' || each == b'_';
    text.len() <= 64
        && text.bytes().all(is_inner)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// The keys that a section must have.
fn required(schema: &Schema) -> impl Iterator<Item = &str> {
    let required = schema.get("required").and_then(|keys| keys.as_array());
    required
        .into_iter()
        .flatten()
        .filter_map(|key| key.as_str())
}

/// The first sentence of the documentation of the key at `path`.
fn purpose(schema: &Schema, path: &[&str]) -> Option<String> {
    let key = path
        .iter()
        .try_fold(schema.as_value(), |at, key| below(at, key))?;
    let text = key.get("description")?.as_str()?.replace('\n', " ");
    let sentence = text.split(". ").next()?;
    Some(sentence.trim_end_matches('.').to_owned())
}

/// The schema of a key, whichever of its table's forms has it.
fn below<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let here = schema.get("properties").and_then(|keys| keys.get(key));
    here.or_else(|| {
        let forms = schema.get("anyOf")?.as_array()?;
        forms.iter().find_map(|form| below(form, key))
    })
}
