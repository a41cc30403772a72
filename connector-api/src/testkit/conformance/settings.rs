//! Every setting is documented, and every mistake in settings and secrets is named and not shown.

use serde_json::Value;

use super::super::account;
use super::play::Stage;
use crate::fault::{Fault, Kind};

/// In place of a secret; no sentence may repeat it.
const NOT_THE_SECRET: &str = "what-conformance-gives-for-a-secret";

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    let schema = &stage.loaded.description().settings;
    documented(schema)?;
    secrets_match(stage)?;
    stage.open()?;

    let settings = &stage.provider.settings;
    let mut wrong = settings.clone();
    wrong["no_such_setting"] = Value::Bool(true);
    names(
        stage,
        wrong,
        stage.provider.secrets.clone(),
        "no_such_setting",
    )
    .map_err(|said| {
        format!(
            "a setting that does not exist {said}: put `#[serde(deny_unknown_fields)]` on \
             `Settings`, so that a typo is an error with a name"
        )
    })?;

    let required = schema["required"].as_array().into_iter().flatten();
    for key in required.filter_map(Value::as_str) {
        let mut without = settings.clone();
        if let Some(settings) = without.as_object_mut() {
            settings.remove(key);
        }
        names(stage, without, stage.provider.secrets.clone(), key).map_err(|said| {
            format!("leaving out the required setting `{key}` {said}: return a `settings` fault that names it")
        })?;
    }
    secrets_are_missed_and_hidden(stage)
}

/// Every property at every depth has a description: `reissue connectors inspect` shows it.
fn documented(schema: &Value) -> Result<(), String> {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            if property["description"].as_str().is_none_or(str::is_empty) {
                return Err(format!(
                    "the setting `{name}` is not documented: write a doc comment above the field; \
                     operators read it in `reissue connectors inspect`"
                ));
            }
        }
    }
    match schema {
        Value::Object(members) => members.values().try_for_each(documented),
        Value::Array(members) => members.iter().try_for_each(documented),
        _ => Ok(()),
    }
}

fn secrets_match(stage: &Stage<'_>) -> Result<(), String> {
    let claimed = stage.manifest().secrets;
    let given = &stage.provider.secrets;
    for secret in claimed {
        if !given.iter().any(|(name, _)| name == secret.name) {
            return Err(format!(
                "the manifest claims the secret `{0}`, which is not scripted: add \
                 `.secret(\"{0}\", …)` to the `Provider`",
                secret.name
            ));
        }
    }
    match given
        .iter()
        .find(|(name, _)| claimed.iter().all(|it| it.name != name))
    {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "the secret `{name}` is scripted, and the manifest does not claim it: operators could \
             not know of it; add it to `secrets`"
        )),
    }
}

fn secrets_are_missed_and_hidden(stage: &Stage<'_>) -> Result<(), String> {
    let settings = &stage.provider.settings;
    for (at, (name, _)) in stage.provider.secrets.iter().enumerate() {
        let optional = stage
            .manifest()
            .secrets
            .iter()
            .any(|it| it.name == name && it.optional);
        let mut without = stage.provider.secrets.clone();
        without.remove(at);
        if optional {
            open(stage, settings.clone(), without).map_err(|fault| {
                format!(
                    "the manifest says that the secret `{name}` is optional, and without it the \
                     account cannot be opened: {fault}"
                )
            })?;
        } else {
            names(stage, settings.clone(), without, name).map_err(|said| {
                format!("leaving out the secret `{name}` {said}: take it with `Account::secret` in `open`")
            })?;
        }
        let mut other = stage.provider.secrets.clone();
        other[at].1 = NOT_THE_SECRET.into();
        if let Err(fault) = open(stage, settings.clone(), other)
            && fault.message.contains(NOT_THE_SECRET)
        {
            return Err(format!(
                "a wrong secret `{name}` is repeated in the fault of `open`: say what is wrong \
                 with it and never the value"
            ));
        }
    }
    Ok(())
}

/// Whether opening fails with a `settings` fault that holds the word; else what it did.
fn names(
    stage: &Stage<'_>,
    settings: Value,
    secrets: Vec<(String, String)>,
    word: &str,
) -> Result<(), String> {
    match open(stage, settings, secrets) {
        Ok(()) => Err("is accepted".into()),
        Err(fault) if fault.kind != Kind::Settings || !fault.message.contains(word) => {
            Err(format!("ends in `{fault}`"))
        }
        Err(_) => Ok(()),
    }
}

fn open(stage: &Stage<'_>, settings: Value, secrets: Vec<(String, String)>) -> Result<(), Fault> {
    stage.loaded.open(settings, &account(&secrets)).map(drop)
}
