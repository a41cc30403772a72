//! What must hold in every call, whatever the provider answers and whenever the daemon stops.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::play::{Played, Stage, WEBHOOK_SECRET};
use super::provider::{Call, Script};
use crate::card::mask_pans;

pub(super) fn check(stage: &Stage<'_>, script: &Script, played: &Played) -> Result<(), String> {
    no_panic(script, played)?;
    sends_little(script, played)?;
    asks_below_the_origin(script, played)?;
    keeps_quiet(stage, script, played)
}

fn no_panic(script: &Script, played: &Played) -> Result<(), String> {
    match &played.outcome {
        Err(fault) if played.panicked => Err(format!(
            "{script} panicked ({}): return a fault instead, `garbled` for an answer that is not \
             as documented",
            fault.message
        )),
        _ => Ok(()),
    }
}

/// The daemon holds a durable intent for one request that may cost money, and for none where it
/// only reads.
fn sends_little(script: &Script, played: &Played) -> Result<(), String> {
    let allowed = match script.call {
        Call::Submit(_) | Call::Subscribe(_) | Call::Unsubscribe(_) | Call::Enrol => 1,
        Call::Discover(_) | Call::Collect(..) | Call::Reconcile(_) | Call::Receive(_) => 0,
    };
    let mut sent = played.requests.iter().filter(|one| one.method != "GET");
    match sent.nth(allowed) {
        None => Ok(()),
        Some(one) if allowed == 0 => Err(format!(
            "{script} sent a {} to `{}`: this verb only reads; what changes something at the \
             provider belongs into `submit`, `subscribe`, `unsubscribe` or `enrol`",
            one.method, one.template
        )),
        Some(one) => Err(format!(
            "{script} sent a second request other than GET, a {} to `{}`: a call may send one, \
             because the daemon holds a durable intent for one; send all cards in it",
            one.method, one.template
        )),
    }
}

fn asks_below_the_origin(script: &Script, played: &Played) -> Result<(), String> {
    for request in &played.requests {
        let path = &request.path;
        if !path.starts_with('/') || path.starts_with("//") || path.contains('#') {
            return Err(format!(
                "{script} asked for `{path}`: a request names a path below the account's origin, \
                 `/` first, and never another host"
            ));
        }
        if path.contains(['{', '}', ' ']) {
            return Err(format!(
                "{script} asked for `{path}`: fill in every placeholder with `Request::param` and \
                 the query with `Request::query`, which encode"
            ));
        }
    }
    Ok(())
}

/// No secret and no card number where people or logs could see it.
fn keeps_quiet(stage: &Stage<'_>, script: &Script, played: &Played) -> Result<(), String> {
    for (place, text) in shown(script, played) {
        let secrets = stage.provider.secrets.iter();
        let secrets = secrets.map(|(name, value)| (name.as_str(), value.as_str()));
        let leaked = secrets.chain([WEBHOOK_SECRET]).find(|(_, value)| {
            let plain = percent_decode_str(&text).decode_utf8_lossy();
            text.contains(value) || plain.contains(value)
        });
        if let Some((name, _)) = leaked {
            return Err(format!(
                "{script} put the secret `{name}` into {place}: a secret goes into a header or a \
                 body and nowhere else"
            ));
        }
        if mask_pans(&text).is_some() {
            return Err(format!(
                "{script} put a full card number into {place}: it belongs into `Card::pan` or a \
                 request's body and nowhere else"
            ));
        }
    }
    Ok(())
}

/// Every text that reaches a log, a trace, the ledger or an access log, and where it stands.
fn shown(script: &Script, played: &Played) -> Vec<(&'static str, String)> {
    let mut shown = Vec::new();
    for request in &played.requests {
        shown.push(("the path or query of a request", request.path.clone()));
        shown.push(("the template of a request", request.template.to_string()));
    }
    shown.extend(
        played
            .log
            .iter()
            .map(|line| ("a line of the log", line.clone())),
    );
    match &played.outcome {
        Err(fault) => shown.push(("the message of a fault", fault.message.clone())),
        // What enrolment remembers is sealed.
        Ok(said) if script.call == Call::Enrol => texts(&said["state"], &mut shown),
        Ok(said) => texts(said, &mut shown),
    }
    for update in &played.updates {
        let (code, reason, message) = &update.provider;
        for text in [
            &update.record,
            code,
            reason,
            message,
            &update.old.pan_masked,
        ] {
            shown.push(("a text of an update", text.clone()));
        }
        let new = update.new.iter();
        shown.extend(new.map(|card| ("a text of an update", card.pan_masked.clone())));
    }
    shown
}

fn texts(value: &Value, shown: &mut Vec<(&'static str, String)>) {
    match value {
        Value::String(text) => shown.push(("what it returned", text.clone())),
        Value::Array(values) => values.iter().for_each(|value| texts(value, shown)),
        Value::Object(values) => values.values().for_each(|value| texts(value, shown)),
        _ => {}
    }
}
