//! What sections say about each other, and keys of one account that exclude each other.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::inquiries;
use crate::nearest::{nearest, suggestion};
use crate::place::{Key, Place};
use crate::problem::Problem;
use crate::sources::Sources;

/// Every reference that leads nowhere. Without a `complete` tree, what is absent is not missed.
pub(super) fn check(root: &DeTable<'_>, sources: &Arc<Sources>, complete: bool) -> Vec<Problem> {
    let check = Check { sources, complete };
    let accounts = names(root, "accounts");
    let sinks = names(root, "sinks");
    let mut problems = Vec::new();
    for (name, account) in tables(root, "accounts") {
        problems.extend(check.endpoint(name, account));
        problems.extend(check.sinks(account, &sinks));
    }
    problems.extend(check.unused(root, "connectors"));
    problems.extend(check.unused(root, "fees"));
    for (_, schedule) in tables(root, "schedules") {
        if let Some(account) = schedule.get("account") {
            problems.extend(check.reference(account, &accounts, "account"));
        }
    }
    problems.extend(inquiries::check(&check, root));
    problems
}

pub(super) struct Check<'a> {
    sources: &'a Arc<Sources>,
    pub(super) complete: bool,
}

impl Check<'_> {
    /// A pin that no account's connector has guards nothing, and fees count nothing: most likely the
    /// name is misspelt.
    fn unused(&self, root: &DeTable<'_>, section: &str) -> Vec<Problem> {
        let used = tables(root, "accounts")
            .filter_map(|(_, account)| account.get("connector")?.get_ref().as_str())
            .collect::<Vec<_>>();
        let tables = root
            .get(section)
            .and_then(|tables| tables.get_ref().as_table());
        let keys = tables.into_iter().flat_map(|tables| tables.keys());
        let unused = keys.filter(|key| self.complete && !used.contains(&key.get_ref().as_ref()));
        unused
            .map(|key| {
                let name = key.get_ref().as_ref();
                let message = format!("no account uses the connector `{name}`");
                let help = suggestion(name, &used, "connectors of accounts");
                self.problem(key.span(), message).help(help)
            })
            .collect()
    }

    fn endpoint(&self, name: &Key<'_>, account: &DeTable<'_>) -> Option<Problem> {
        let environment = account.get_key_value("environment");
        let base_url = account.get_key_value("base_url");
        match (environment, base_url) {
            (Some((environment, _)), Some((base_url, _))) => {
                let message = "an account has either an `environment` or a `base_url`";
                let first = Place::new(self.sources, environment.span());
                Some(
                    self.problem(base_url.span(), message)
                        .related(first, "set here too")
                        .help("a `base_url` replaces the environment; remove one of the two"),
                )
            }
            (None, None) if self.complete && !account.keys().any(is_misspelt_endpoint) => {
                let message = format!(
                    "`[accounts.{}]` does not say whom to talk to",
                    name.get_ref()
                );
                let help = "add `environment`, one of the connector's, or `base_url` for a sandbox";
                Some(self.problem(name.span(), message).help(help))
            }
            _ => None,
        }
    }

    fn sinks(&self, account: &DeTable<'_>, known: &[&str]) -> Vec<Problem> {
        let Some((key, DeValue::Array(sinks))) = account
            .get_key_value("sinks")
            .map(|(key, value)| (key, value.get_ref()))
        else {
            return Vec::new();
        };
        if sinks.is_empty() {
            let help =
                "name one of `[sinks.NAME]`: updates that go nowhere would be paid for and lost";
            let problem = self.problem(key.span(), "an account needs at least one sink");
            return vec![problem.help(help)];
        }
        let unknown = sinks
            .iter()
            .filter_map(|sink| self.reference(sink, known, "sink"));
        let twice = sinks.iter().enumerate().filter_map(|(position, sink)| {
            let name = sink.get_ref().as_str()?;
            let before = |other: &Spanned<DeValue<'_>>| other.get_ref().as_str() == Some(name);
            if !sinks[..position].iter().any(before) {
                return None;
            }
            let message = format!("the sink `{name}` is named twice");
            let help = "remove one: an update goes to a sink once";
            Some(self.problem(sink.span(), message).help(help))
        });
        unknown.chain(twice).collect()
    }

    /// A problem if the name that stands there is none of those that are known.
    pub(super) fn reference(
        &self,
        value: &Spanned<DeValue<'_>>,
        known: &[&str],
        what: &str,
    ) -> Option<Problem> {
        let name = value.get_ref().as_str()?;
        if known.contains(&name) || !self.complete {
            return None;
        }
        let message = format!("there is no {what} `{name}`");
        let help = suggestion(name, known, &format!("{what}s"));
        Some(self.problem(value.span(), message).help(help))
    }

    pub(super) fn problem(
        &self,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
    ) -> Problem {
        Problem::new(self.place(span), message)
    }

    pub(super) fn place(&self, span: std::ops::Range<usize>) -> Place {
        Place::new(self.sources, span)
    }
}

fn is_misspelt_endpoint(key: &Key<'_>) -> bool {
    nearest(key.get_ref(), ["environment", "base_url"]).is_some()
}

pub(super) fn names<'t>(root: &'t DeTable<'_>, section: &str) -> Vec<&'t str> {
    let family = root
        .get(section)
        .and_then(|value| value.get_ref().as_table());
    let keys = family.into_iter().flat_map(|family| family.keys());
    keys.map(|key| key.get_ref().as_ref()).collect()
}

pub(super) fn tables<'t, 'i>(
    root: &'t DeTable<'i>,
    section: &str,
) -> impl Iterator<Item = (&'t Key<'i>, &'t DeTable<'i>)> {
    let family = root
        .get(section)
        .and_then(|value| value.get_ref().as_table());
    let entries = family.into_iter().flat_map(|family| family.iter());
    entries.filter_map(|(key, value)| Some((key, value.get_ref().as_table()?)))
}
