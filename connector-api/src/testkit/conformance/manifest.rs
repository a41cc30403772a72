//! The manifest says everything that operators and the ledger need.

use std::collections::BTreeSet;

use super::play::Stage;
use crate::manifest::{Job, Verb};

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    let manifest = stage.manifest();
    named("the manifest's `name`", manifest.name)?;
    told("the manifest's `version`", manifest.version)?;
    told("the manifest's `summary`", manifest.summary)?;
    once(
        "environment",
        manifest.environments.iter().map(|it| it.name),
    )?;
    for environment in manifest.environments {
        let place = format!("environment `{}`", environment.name);
        named(&place, environment.name)?;
        let host = environment.base_url.strip_prefix("https://");
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@'])) {
            return Err(format!(
                "{place} has the `base_url` `{}`: write an origin alone, such as \
                 `https://api.example.com`; paths are the connector's",
                environment.base_url
            ));
        }
    }
    once("secret", manifest.secrets.iter().map(|it| it.name))?;
    for secret in manifest.secrets {
        told(
            &format!("the `summary` of secret `{}`", secret.name),
            secret.summary,
        )?;
    }
    once("job", manifest.jobs.iter().map(|it| it.name))?;
    if manifest.jobs.is_empty() {
        return Err("the manifest has no job: a schedule could name nothing".into());
    }
    manifest.jobs.iter().try_for_each(job)
}

fn job(job: &Job) -> Result<(), String> {
    let place = format!("job `{}`", job.name);
    named(&place, job.name)?;
    told(&format!("the `summary` of {place}"), job.summary)?;
    let fields = job.suggested_cron.split_whitespace().count();
    if !(5..=6).contains(&fields) {
        return Err(format!(
            "{place} suggests the cron line `{}`: write minute, hour, day of month, month and day \
             of week, such as `30 6 * * *`",
            job.suggested_cron
        ));
    }
    match job.verb {
        Verb::Discover if job.first_lookback.is_zero() => {
            return Err(format!(
                "{place} has no `first_lookback`: say how far back its first run looks, such as \
                 `days(7)`"
            ));
        }
        Verb::Submit | Verb::Subscribe if job.largest_submission == 0 => {
            return Err(format!(
                "{place} has no `largest_submission`: say how many cards the provider takes in one \
                 request"
            ));
        }
        _ => {}
    }
    let timing = &job.timing;
    if timing.poll_every.is_zero() || timing.overdue_after <= timing.first_poll {
        return Err(format!(
            "{place} has a `timing` that cannot be: `poll_every` must be above zero, and \
             `overdue_after` later than `first_poll`"
        ));
    }
    Ok(())
}

fn named(what: &str, name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{what} is `{name}`: it is written in the configuration, so use lower-case letters, digits \
         and hyphens, a letter first"
    ))
}

fn told(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!(
            "{what} is empty: say it in one line, for operators"
        ));
    }
    Ok(())
}

fn once<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!(
                "the manifest has the {what} `{name}` twice: name each once"
            ));
        }
    }
    Ok(())
}
