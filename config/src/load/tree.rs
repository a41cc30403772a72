//! One tree from all files.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::place::{Key, Place, scalars};
use crate::problem::{Problem, Problems};
use crate::sources::{Source, Sources};

/// The sections whose keys are names, each with a table of its own.
const FAMILIES: [&str; 3] = ["accounts", "schedules", "sinks"];

/// Parses every file and merges the trees. A file that is not TOML has no part in it.
pub(super) fn grow<'i>(sources: &'i Arc<Sources>, problems: &mut Problems) -> DeTable<'i> {
    let mut root = DeTable::new();
    for source in sources.iter() {
        match DeTable::parse(&source.text) {
            Ok(table) => {
                let mut merge = Merge {
                    sources,
                    problems,
                    path: Vec::new(),
                };
                merge.merge(&mut root, shift_table(table.into_inner(), source.start));
            }
            Err(error) => {
                let span = shifted(error.span().unwrap_or_default(), source.start);
                let message = format!("this is not TOML: {}", error.message());
                let problem = Problem::new(Place::new(sources, span.clone()), message)
                    .conceal(values_near(source, &span));
                problems.push(problem);
            }
        }
    }
    root
}

struct Merge<'a> {
    sources: &'a Arc<Sources>,
    problems: &'a mut Problems,
    path: Vec<String>,
}

impl Merge<'_> {
    fn merge<'i>(&mut self, into: &mut DeTable<'i>, from: DeTable<'i>) {
        for (key, value) in from {
            let Some((first, _)) = into.get_key_value(&key) else {
                into.insert(key, value);
                continue;
            };
            let first = first.span();
            let may_merge = self.may_merge();
            let span = value.span();
            match (into.get_mut(&key).map(Spanned::get_mut), value.into_inner()) {
                (Some(DeValue::Table(into)), DeValue::Table(from)) if may_merge => {
                    self.path.push(key.get_ref().to_string());
                    self.merge(into, from);
                    self.path.pop();
                }
                (_, second) => self.twice(&key, first, &Spanned::new(span, second)),
            }
        }
    }

    /// Sections merge, and the named tables in them. What is below says one thing as a whole, such
    /// as a reference to a secret or a connector's settings, and must not be pieced together.
    fn may_merge(&self) -> bool {
        match self.path.as_slice() {
            [] => true,
            [section] => FAMILIES.contains(&section.as_str()),
            _ => false,
        }
    }

    fn twice(&mut self, key: &Key<'_>, first: Range<usize>, second: &Spanned<DeValue<'_>>) {
        let first = Place::new(self.sources, first);
        let name = key.get_ref();
        let message = match self.path.as_slice() {
            [] => format!("`{name}` is set twice"),
            path => format!("`{name}` of `[{}]` is set twice", path.join(".")),
        };
        // Nobody reads the second value, so nobody would notice that it is a secret.
        let problem = Problem::new(Place::new(self.sources, key.span()), message)
            .help(format!("remove it here or at {first}"))
            .related(first, "set here before")
            .conceal(scalars(second));
        self.problems.push(problem);
    }
}

/// The words right of `=` in the lines of a syntax error. What they mean is unknown, and the commonest
/// such error is a string without quotes; signs stay, since they are what the error is about.
fn values_near(source: &Source, error: &Range<usize>) -> Vec<Range<usize>> {
    let error = source.local(error);
    let text = &source.text;
    let start = text[..error.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[error.end..]
        .find('\n')
        .map_or(text.len(), |at| error.end + at);
    let mut right = false;
    let mut words = Vec::new();
    for (at, each) in text[start..end].char_indices() {
        match each {
            '\n' => right = false,
            '=' => right = true,
            _ if right && each.is_alphanumeric() => {
                let at = source.start + start + at;
                words.push(at..at + each.len_utf8());
            }
            _ => {}
        }
    }
    words
}

/// Moves a file's spans to the file's place in the coordinate space of all.
fn shift<'i>(value: Spanned<DeValue<'i>>, by: usize) -> Spanned<DeValue<'i>> {
    let span = shifted(value.span(), by);
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(shift_table(table, by)),
        DeValue::Array(array) => {
            DeValue::Array(array.into_iter().map(|value| shift(value, by)).collect())
        }
        scalar => scalar,
    };
    Spanned::new(span, value)
}

fn shift_table(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    let entries = table.into_iter().map(|(key, value)| {
        let span = shifted(key.span(), by);
        (Spanned::new(span, key.into_inner()), shift(value, by))
    });
    entries.collect()
}

fn shifted(span: Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}
