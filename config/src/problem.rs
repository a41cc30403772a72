//! What is wrong with the configuration: one sentence, its place, and what to do.

use std::fmt;
use std::ops::Range;

use crate::place::Place;
use crate::render;

/// One thing that is wrong. Displays as one line: `file:line:column: message; help`.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// A second place that belongs to the story, and its part in it.
    pub(crate) related: Option<(Place, &'static str)>,
    /// What may be a secret in the wrong place, and so is never shown.
    pub(crate) concealed: Vec<Range<usize>>,
}

impl Problem {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            help: None,
            related: None,
            concealed: Vec::new(),
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn related(mut self, place: Place, part: &'static str) -> Self {
        self.related = Some((place, part));
        self
    }

    pub(crate) fn conceal(mut self, spans: impl IntoIterator<Item = Range<usize>>) -> Self {
        self.concealed.extend(spans);
        self
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What is wrong, without place and help.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// All that is wrong, in the order of files and lines.
#[derive(Debug, Clone, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem at the position that its place gives it.
    pub fn push(&mut self, problem: Problem) {
        let start = problem.place.span().start;
        let after = self
            .0
            .partition_point(|earlier| earlier.place.span().start <= start);
        self.0.insert(after, problem);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many things are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Every problem, in the order of files and lines.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// The text for a person: each problem with its source line, a caret and what to do.
    /// `colour` adds terminal escapes.
    pub fn render(&self, colour: bool) -> String {
        render::render(&self.0, colour)
    }
}

impl Extend<Problem> for Problems {
    fn extend<T: IntoIterator<Item = Problem>>(&mut self, problems: T) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
