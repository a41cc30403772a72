//! Sources: resolved even before a slot needs them, so that `reissue check` knows that their files can
//! be opened.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use reissue_connector_api::{Job, Verb};

use super::build::Builder;
use crate::cards::Rules;
use crate::ledger::plan::ASKED_KEPT;
use crate::source::Source;

impl Builder<'_> {
    pub(super) fn read_sources(&mut self) -> BTreeMap<String, Arc<Source>> {
        let mut sources = BTreeMap::new();
        for (name, settings) in &self.config.sources {
            match Source::new(settings, self.credentials) {
                Ok(source) => _ = sources.insert(name.clone(), Arc::new(source)),
                Err((key, why)) => self.problem(&["sources", name, key], why, None),
            }
        }
        sources
    }

    /// How a schedule chooses among the cards of its source.
    pub(super) fn rules(
        &mut self,
        name: &str,
        settings: &reissue_config::Schedule,
        job: &Job,
    ) -> Rules {
        for (key, span) in [
            ("due_within", settings.due_within),
            ("not_asked_within", settings.not_asked_within),
            ("ask_at_least_every", settings.ask_at_least_every),
        ] {
            if span.is_some() && job.verb == Verb::Subscribe {
                let message = format!(
                    "job `{}` keeps subscriptions: its source is all that is wanted, and nothing is \
                     chosen from it",
                    job.name
                );
                let help = "remove the key";
                self.problem(&["schedules", name, key], message, Some(help.into()));
            }
        }
        for (key, span) in [
            ("not_asked_within", settings.not_asked_within),
            ("ask_at_least_every", settings.ask_at_least_every),
        ] {
            if delta(span).is_some_and(|span| span > ASKED_KEPT) {
                let days = ASKED_KEPT.num_days();
                let message = format!("`{key}` looks back further than anybody remembers");
                let help = format!(
                    "it is remembered for {days} days that a card was asked about; write at most \
                     \"{days}d\""
                );
                self.problem(&["schedules", name, key], message, Some(help));
            }
        }
        Rules {
            due_within: delta(settings.due_within),
            not_asked_within: delta(settings.not_asked_within),
            ask_at_least_every: delta(settings.ask_at_least_every),
        }
    }
}

fn delta(duration: Option<Duration>) -> Option<TimeDelta> {
    duration.map(|duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX))
}
