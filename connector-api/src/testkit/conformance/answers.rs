//! An answer that is not documented becomes a fault of the right kind, and ends the call.

use std::time::Duration;

use serde_json::Value;

use super::super::Answer;
use super::play::{Played, Stage};
use super::provider::{Call, Script};
use crate::fault::{Fault, Kind};
use crate::notification::Notification;

/// What gateways answer in a provider's place.
const PAGE: &str = "<html><head><title>Error</title></head><body>Try again later</body></html>\n";
const NOISE: [u8; 8] = [0xff, 0xfe, 0x00, 0x9f, 0x92, 0x96, 0x80, 0x0a];

/// Statuses that any provider may answer at any time, and the kinds of fault that they can mean.
const STATUSES: [(u16, &[Kind]); 7] = [
    (401, &[Kind::Credentials, Kind::Refused]),
    (403, &[Kind::Credentials, Kind::Refused]),
    (404, &[Kind::Gone, Kind::Refused]),
    (410, &[Kind::Gone, Kind::Refused]),
    (429, &[Kind::Busy]),
    (500, &[Kind::Busy]),
    (503, &[Kind::Busy]),
];
const RETRY_AFTER: Duration = Duration::from_secs(120);

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        if let Call::Receive(notification) = &script.call {
            odd_notification(stage, notification)?;
        }
        for (at, (line, answer)) in script.exchanges.iter().enumerate() {
            for (status, kinds) in STATUSES {
                if !stage.documents(line, |answer| answer.status == status) {
                    odd_status(stage, script, at, status, kinds)?;
                }
            }
            if answer.is_success() && !answer.body.is_empty() {
                let page = Answer::ok(PAGE).header("content-type", "text/html");
                garbage(stage, &script.answered(at, page, "a page of HTML"))?;
                garbage(
                    stage,
                    &script.answered(at, Answer::ok(NOISE), "bytes that are no text"),
                )?;
            }
        }
    }
    Ok(())
}

fn odd_status(
    stage: &Stage<'_>,
    script: &Script,
    at: usize,
    status: u16,
    kinds: &[Kind],
) -> Result<(), String> {
    let answer = Answer::new(status, PAGE)
        .header("content-type", "text/html")
        .header("retry-after", &RETRY_AFTER.as_secs().to_string());
    let script = script.answered(at, answer, &format!("HTTP {status}"));
    let played = stage.play(&script)?;
    if let Some(further) = played.requests.get(at + 1) {
        return Err(format!(
            "{script} went on to ask for `{} {}`: return the fault that `Response::fault` makes of \
             the status; only the ledger tries again",
            further.method, further.path
        ));
    }
    let fault = fault_of(&script, &played, "`Response::fault` knows which")?;
    if !kinds.contains(&fault.kind) {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        return Err(format!(
            "{script} ended in a fault of the kind `{}`: this status means `{}` \
             (`Response::fault` knows), and the ledger decides by the kind alone",
            fault.kind.as_str(),
            kinds.join("` or `")
        ));
    }
    if status == 429 && fault.retry_after != Some(RETRY_AFTER) {
        return Err(format!(
            "{script} forgot the provider's `Retry-After`: `Response::fault` reads it, or use \
             `Fault::retry_after`"
        ));
    }
    Ok(())
}

fn garbage(stage: &Stage<'_>, script: &Script) -> Result<(), String> {
    let played = stage.play(script)?;
    let fault = fault_of(script, &played, "`garbled`")?;
    if fault.kind != Kind::Garbled {
        return Err(format!(
            "{script} ended in a fault of the kind `{}`: an answer that is not as documented is \
             `garbled`, which holds the batch and loses nothing",
            fault.kind.as_str()
        ));
    }
    Ok(())
}

fn odd_notification(stage: &Stage<'_>, notification: &Notification) -> Result<(), String> {
    let received = |body: &str, what: &str| {
        let mut script = Script::bare(Call::Receive(Notification {
            body: body.into(),
            ..notification.clone()
        }));
        script.how = format!(", when the body is {what},");
        script
    };
    garbage(stage, &received(PAGE, "a page of HTML"))?;
    garbage(stage, &received("", "empty"))?;
    for nothing in ["{}", "[]", "null", "7", "\"\""] {
        let script = received(nothing, &format!("`{nothing}`"));
        let played = stage.play(&script)?;
        let announced = played.outcome.as_ref().ok().and_then(Value::as_array);
        if announced.is_some_and(|announced| !announced.is_empty()) {
            return Err(format!(
                "{script} announced a batch that the body does not name: anybody can call a webhook, \
                 and every batch that it announces is asked for at the provider"
            ));
        }
    }
    Ok(())
}

fn fault_of<'p>(script: &Script, played: &'p Played, which: &str) -> Result<&'p Fault, String> {
    let fault = match &played.outcome {
        Ok(_) => {
            return Err(format!(
                "{script} went on as if it were an answer: return a fault ({which}); a status that \
                 is documented for this request belongs into a script"
            ));
        }
        Err(fault) => fault,
    };
    if !fault.sent
        && played
            .requests
            .iter()
            .any(|request| request.method != "GET")
    {
        return Err(format!(
            "{script} said that nothing was sent, and a request that may cost money had left: mark \
             the fault with `Fault::sent`"
        ));
    }
    if fault.message.contains(PAGE.trim()) {
        return Err(format!(
            "{script} put the provider's body into the fault: say what was expected instead; a \
             body may hold card numbers"
        ));
    }
    Ok(fault)
}
