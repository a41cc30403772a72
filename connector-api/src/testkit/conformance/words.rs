//! A code or a word that the connector does not know is kept and concludes nothing: providers add
//! them at any time.

use std::collections::BTreeSet;

use serde_json::Value;

use super::play::Stage;
use super::provider::{Call, Script};
use crate::fault::Fault;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        let played = stage.play(script)?;
        let codes = played.updates.iter().map(|update| &update.provider.0);
        for code in codes
            .filter(|code| !code.is_empty())
            .collect::<BTreeSet<_>>()
        {
            unknown_code(stage, script, code, played.updates.len())?;
        }
    }
    match &stage.provider.ready_word {
        Some(word) => unknown_state(stage, word),
        None => Ok(()),
    }
}

fn unknown_code(
    stage: &Stage<'_>,
    script: &Script,
    code: &str,
    count: usize,
) -> Result<(), String> {
    let new = strange(code);
    let Some(changed) = replaced(script, code, &new) else {
        return Err(format!(
            "{script} reports the provider's code `{code}`, which stands in no answer: keep the \
             code as the provider wrote it"
        ));
    };
    let played = stage.play(&changed)?;
    let kept = played
        .updates
        .iter()
        .filter(|update| update.provider.0 == new);
    let concludes = kept.clone().any(|update| update.outcome != "unknown");
    if concludes {
        return Err(format!(
            "{changed} takes a code that it cannot know for another outcome than `unknown`: map \
             the documented codes one by one, and all others to `Outcome::Unknown`"
        ));
    }
    if !played.is_complete() || played.updates.len() != count || kept.count() == 0 {
        return Err(format!(
            "{changed} does not keep the record: report it as `Outcome::Unknown` with the \
             provider's code as it stands"
        ));
    }
    Ok(())
}

fn unknown_state(stage: &Stage<'_>, word: &str) -> Result<(), String> {
    let new = strange(word);
    let mut met = false;
    for script in &stage.provider.scripts {
        let Some(changed) = replaced(script, word, &new) else {
            continue;
        };
        let (before, after) = (stage.play(script)?.outcome, stage.play(&changed)?.outcome);
        let running = match script.call {
            Call::Discover(_) => {
                let after = states(&after);
                after.len() == states(&before).len() && after.iter().all(|state| state == "running")
            }
            Call::Collect(..) => after
                .as_ref()
                .is_ok_and(|said| said.get("not-ready").is_some()),
            _ => continue,
        };
        met = true;
        if !running {
            return Err(format!(
                "{changed} does not take the batch as still running: a state that the connector \
                 does not know is `FoundState::Running` in `discover` and `NotReady` in `collect`"
            ));
        }
    }
    if met {
        return Ok(());
    }
    Err(format!(
        "the ready word `{word}` stands in no scripted answer: give `Provider::ready_word` the word \
         as the provider writes it"
    ))
}

/// The states of what `discover` found.
fn states(outcome: &Result<Value, Fault>) -> Vec<Value> {
    let found = outcome.as_ref().ok().and_then(Value::as_array);
    let found = found.into_iter().flatten();
    found.map(|found| found["state"].clone()).collect()
}

/// A word of the same shape that no provider uses.
fn strange(word: &str) -> String {
    let swap = |from: char| match from {
        'Z' => 'Q',
        'z' => 'q',
        '9' => '8',
        'A'..='Z' => 'Z',
        'a'..='z' => 'z',
        '0'..='9' => '9',
        other => other,
    };
    word.chars().map(swap).collect()
}

/// The script with a word replaced wherever it stands alone as a value; none if it stands nowhere.
fn replaced(script: &Script, word: &str, by: &str) -> Option<Script> {
    let mut changed = script.clone();
    changed.how = format!(", with `{by}` in place of `{word}`,");
    let mut met = false;
    for (_, answer) in &mut changed.exchanges {
        let Ok(body) = std::str::from_utf8(&answer.body) else {
            continue;
        };
        let mut out = String::new();
        let mut rest = body;
        while let Some(at) = rest.find(word) {
            let (before, after) = (&rest[..at], &rest[at + word.len()..]);
            let alone = !before.ends_with(in_word) && !after.starts_with(in_word);
            let is_key = after.trim_start_matches('"').trim_start().starts_with(':');
            met |= alone && !is_key;
            out.push_str(before);
            out.push_str(if alone && !is_key { by } else { word });
            rest = after;
        }
        out.push_str(rest);
        answer.body = out.into_bytes();
    }
    met.then_some(changed)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
