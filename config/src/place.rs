//! Where something stands in the configuration files.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::sources::{Source, Sources};

/// A key of the tree with its span.
pub(crate) type Key<'i> = Spanned<DeString<'i>>;

/// A place in a configuration file; displays as `file:line:column`.
#[derive(Debug, Clone)]
pub struct Place {
    sources: Arc<Sources>,
    span: Range<usize>,
}

impl Place {
    pub(crate) fn new(sources: &Arc<Sources>, span: Range<usize>) -> Self {
        Self {
            sources: Arc::clone(sources),
            span,
        }
    }

    /// The file, as it was named when it was read.
    pub fn file(&self) -> &Path {
        &self.source().path
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.source().line_and_column(self.span.start).0
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.source().line_and_column(self.span.start).1
    }

    pub(crate) fn source(&self) -> &Source {
        self.sources.at(self.span.start)
    }

    pub(crate) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// An empty span at the start of a file stands for the file as a whole.
    pub(crate) fn is_whole_file(&self) -> bool {
        self.span == (self.source().start..self.source().start)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source().line_and_column(self.span.start);
        write!(f, "{}:{line}:{column}", self.file().display())
    }
}

/// The places of all keys, kept after the tree itself is gone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    children: BTreeMap<String, Node>,
}

#[derive(Debug, Clone)]
struct Node {
    key: Range<usize>,
    /// The scalar values at or below the key.
    values: Vec<Range<usize>>,
    below: Places,
}

impl Places {
    pub(crate) fn of(table: &DeTable<'_>) -> Self {
        let children = table.iter().map(|(key, value)| {
            let node = Node {
                key: key.span(),
                values: scalars(value),
                below: Self::below(value),
            };
            (key.get_ref().to_string(), node)
        });
        Self {
            children: children.collect(),
        }
    }

    /// An array's elements are found by their position, and stand where their value stands.
    fn below(value: &Spanned<DeValue<'_>>) -> Self {
        match value.get_ref() {
            DeValue::Table(table) => Self::of(table),
            DeValue::Array(array) => {
                let children = array.iter().enumerate().map(|(position, element)| {
                    let node = Node {
                        key: element.span(),
                        values: scalars(element),
                        below: Self::below(element),
                    };
                    (position.to_string(), node)
                });
                Self {
                    children: children.collect(),
                }
            }
            _ => Self::default(),
        }
    }

    /// The key at `path`, or its nearest ancestor that exists.
    pub(crate) fn nearest(&self, path: &[&str]) -> Option<Range<usize>> {
        let (first, rest) = path.split_first()?;
        let node = self.children.get(*first)?;
        node.below.nearest(rest).or_else(|| Some(node.key.clone()))
    }

    /// The scalar values at or below exactly this path.
    pub(crate) fn values(&self, path: &[&str]) -> Option<&[Range<usize>]> {
        let (first, rest) = path.split_first()?;
        let node = self.children.get(*first)?;
        if rest.is_empty() {
            return Some(&node.values);
        }
        node.below.values(rest)
    }
}

/// The spans of the scalar values at or below a value.
pub(crate) fn scalars(value: &Spanned<DeValue<'_>>) -> Vec<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => table.values().flat_map(scalars).collect(),
        DeValue::Array(array) => array.iter().flat_map(scalars).collect(),
        _ => vec![value.span()],
    }
}
