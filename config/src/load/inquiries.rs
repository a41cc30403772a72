//! What schedules and sources say about each other, and keys of one of them that exclude each other.

use toml::de::DeTable;

use super::references::{Check, names, tables};
use crate::problem::Problem;

/// Keys that choose among the cards of a source, and mean nothing without one.
const SELECTION: [&str; 3] = ["due_within", "not_asked_within", "ask_at_least_every"];

/// Everything that cannot be meant so.
pub(super) fn check(check: &Check<'_>, root: &DeTable<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let sources = names(root, "sources");
    for (name, schedule) in tables(root, "schedules") {
        match schedule.get("source") {
            Some(source) => problems.extend(check.reference(source, &sources, "source")),
            None => problems.extend(selects_from_nothing(check, name.get_ref(), schedule)),
        }
        problems.extend(asks_too_often(check, schedule));
    }
    problems.extend(taken_twice(
        check,
        root,
        "schedules",
        "source",
        |source, other| {
            let message = format!("the source `{source}` has another schedule already");
            let help =
                "the cards of a file are asked about once; give each schedule a source of its own";
            (source == other).then_some((message, help))
        },
    ));
    problems.extend(taken_twice(
        check,
        root,
        "sources",
        "path",
        |path, other| {
            let message = "another source reads the same files".to_owned();
            let help = "a file is read once; give each source files of its own";
            (means(path, other) || means(other, path)).then_some((message, help))
        },
    ));
    for (_, source) in tables(root, "sources") {
        problems.extend(cannot_decrypt(check, source));
        problems.extend(keeps_where_it_reads(check, source));
    }
    problems
}

fn selects_from_nothing(check: &Check<'_>, name: &str, schedule: &DeTable<'_>) -> Option<Problem> {
    let selection = SELECTION
        .iter()
        .find_map(|key| schedule.get_key_value(*key));
    let (key, _) = selection.filter(|_| check.complete)?;
    let message = format!(
        "`{}` chooses among cards, and `[schedules.{name}]` has none",
        key.get_ref()
    );
    let help = "add `source`, one of `[sources.NAME]`, or remove the key";
    Some(check.problem(key.span(), message).help(help))
}

fn asks_too_often(check: &Check<'_>, schedule: &DeTable<'_>) -> Option<Problem> {
    let duration = |key| {
        let text = schedule.get(key)?.get_ref().as_str()?;
        humantime::parse_duration(text).ok()
    };
    let (often, never) = (
        duration("ask_at_least_every")?,
        duration("not_asked_within")?,
    );
    if often >= never {
        return None;
    }
    let message = "a card would have to be asked about before it may be asked about again";
    let help = "make `ask_at_least_every` at least as long as `not_asked_within`";
    let value = schedule.get("ask_at_least_every")?;
    Some(check.problem(value.span(), message).help(help))
}

/// A problem for each table of the section whose key has the value of an earlier one's.
/// Values of a key that take what an earlier one takes; `wrong` says of two whether they do.
fn taken_twice(
    check: &Check<'_>,
    root: &DeTable<'_>,
    section: &str,
    key: &str,
    wrong: impl Fn(&str, &str) -> Option<(String, &'static str)>,
) -> Vec<Problem> {
    let mut values: Vec<_> = tables(root, section)
        .filter_map(|(_, table)| table.get(key))
        .filter_map(|value| Some((value.get_ref().as_str()?, value.span())))
        .collect();
    values.sort_by_key(|(_, span)| span.start);
    let problems = values.iter().enumerate().filter_map(|(at, (text, span))| {
        let mut earlier = values[..at].iter();
        let ((message, help), first) =
            earlier.find_map(|(other, first)| Some((wrong(text, other)?, first)))?;
        let problem = check.problem(span.clone(), message);
        Some(
            problem
                .related(check.place(first.clone()), "here")
                .help(help),
        )
    });
    problems.collect()
}

/// Whether a path of files means those of another too: `*.csv` takes what was put there as `due-*.csv`.
fn means(path: &str, other: &str) -> bool {
    let parts = |text| str::rsplit_once(text, '/');
    let (Some((directory, name)), Some((others, its))) = (parts(path), parts(other)) else {
        return false;
    };
    let pattern = glob::Pattern::new(name);
    directory == others && pattern.is_ok_and(|pattern| pattern.matches(its))
}

fn cannot_decrypt(check: &Check<'_>, source: &DeTable<'_>) -> Option<Problem> {
    let path = source.get("path")?;
    let encrypted = path.get_ref().as_str()?.ends_with(".age");
    if !encrypted || source.contains_key("identity") || !check.complete {
        return None;
    }
    let help = "add `identity = { file = \"/PATH\" }`, the age identity that opens them";
    let problem = check.problem(path.span(), "nothing here can open these files");
    Some(problem.help(help))
}

fn keeps_where_it_reads(check: &Check<'_>, source: &DeTable<'_>) -> Option<Problem> {
    let kept = source.get("keep_done")?;
    let (directory, _) = source.get("path")?.get_ref().as_str()?.rsplit_once('/')?;
    if kept.get_ref().as_str()?.trim_end_matches('/') != directory.trim_end_matches('/') {
        return None;
    }
    let help = "name another directory, on the same file system";
    let message = "files would be read again where they are kept";
    Some(check.problem(kept.span(), message).help(help))
}
