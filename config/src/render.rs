//! Problems as text for a person.
//!
//! The source lines are shown, so this is where a secret in the wrong place would leak. What one
//! problem conceals is therefore blanked in the snippets of all: two problems may share a line.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::place::Place;
use crate::problem::Problem;
use crate::sources::Source;

/// Renders the problems in the given order, with an empty line between two.
pub(crate) fn render(problems: &[Problem], colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let concealed: Vec<_> = problems.iter().flat_map(|each| &each.concealed).collect();
    let texts = problems
        .iter()
        .map(|problem| renderer.render(&[group(problem, &concealed)]) + "\n");
    texts.collect::<Vec<_>>().join("\n")
}

fn group<'a>(problem: &'a Problem, concealed: &[&Range<usize>]) -> Group<'a> {
    let title = Level::ERROR.primary_title(problem.message.as_str());
    let mut group = Group::with_title(title);
    if problem.place.is_whole_file() {
        group = group.element(Origin::path(path(problem.place.source())));
    } else {
        group = group.element(snippet(&problem.place, None, concealed));
    }
    if let Some((place, part)) = &problem.related {
        group = group.element(snippet(place, Some(part), concealed));
    }
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

fn snippet<'a>(
    place: &'a Place,
    part: Option<&'a str>,
    concealed: &[&Range<usize>],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = place.source();
    let kind = match part {
        None => AnnotationKind::Primary,
        Some(_) => AnnotationKind::Context,
    };
    let annotation = kind.span(source.local(place.span())).label(part);
    Snippet::source(blank(source, concealed))
        .path(path(source))
        .annotation(annotation)
}

fn path(source: &Source) -> String {
    source.path.display().to_string()
}

/// The file's text with everything concealed turned into stars, byte for byte so that spans hold.
fn blank(source: &Source, concealed: &[&Range<usize>]) -> String {
    let mut text = source.text.clone();
    for span in concealed {
        if span.start < source.start || span.end > source.start + source.text.len() {
            continue;
        }
        let local = source.local(span);
        let stars = text[local.clone()]
            .chars()
            .flat_map(|each| {
                let star = if matches!(each, '"' | '\'' | '\n') {
                    each
                } else {
                    '*'
                };
                std::iter::repeat_n(star, each.len_utf8())
            })
            .collect::<String>();
        text.replace_range(local, &stars);
    }
    text
}
