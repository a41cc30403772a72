//! Every claim of the manifest is exercised, and everything that is exercised is claimed.

use serde_json::Value;

use super::play::{Played, Stage};
use super::provider::{Call, Script};
use crate::fault::Kind;
use crate::manifest::{Job, Verb};
use crate::notification::Notification;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        claimed(stage, script)?;
    }
    let jobs = stage.manifest().jobs;
    jobs.iter().try_for_each(|job| exercised(stage, job))?;
    for script in &stage.provider.scripts {
        as_scripted(stage, script)?;
    }
    for job in jobs {
        completes(stage, job)?;
    }
    let none = || "no-such-job".to_owned();
    [
        Call::Discover(none()),
        Call::Submit(none()),
        Call::Reconcile(none()),
        Call::Subscribe(none()),
        Call::Unsubscribe(none()),
        Call::Receive(Notification {
            headers: [].into(),
            body: "{}".into(),
        }),
        Call::Enrol,
    ]
    .into_iter()
    .filter(|call| !claims(stage, call) || is_silent(stage, call))
    .try_for_each(|call| unsupported(stage, call))
}

fn claims(stage: &Stage<'_>, call: &Call) -> bool {
    let any = |claim: fn(&Job) -> bool| stage.manifest().jobs.iter().any(claim);
    match call {
        Call::Discover(_) => any(|job| job.verb == Verb::Discover),
        Call::Submit(_) => any(|job| job.verb == Verb::Submit),
        Call::Reconcile(_) => any(|job| job.verb != Verb::Discover),
        Call::Subscribe(_) | Call::Unsubscribe(_) => any(|job| job.verb == Verb::Subscribe),
        Call::Receive(_) => any(|job| job.needs_webhook),
        Call::Enrol => any(|job| job.needs_enrolment),
        Call::Collect(..) => true,
    }
}

/// `reconcile` belongs to every submission, and not every provider can be asked.
fn is_silent(stage: &Stage<'_>, call: &Call) -> bool {
    let is_reconcile = |call: &Call| matches!(call, Call::Reconcile(_));
    let mut scripts = stage.provider.scripts.iter();
    is_reconcile(call) && !scripts.any(|script| is_reconcile(&script.call))
}

fn claimed(stage: &Stage<'_>, script: &Script) -> Result<(), String> {
    let job = |name: &str| stage.manifest().job(name);
    let known = match &script.call {
        Call::Discover(name) => job(name).is_some_and(|job| job.verb == Verb::Discover),
        Call::Submit(name) => job(name).is_some_and(|job| job.verb == Verb::Submit),
        Call::Reconcile(name) => job(name).is_some_and(|job| job.verb != Verb::Discover),
        Call::Subscribe(name) | Call::Unsubscribe(name) => {
            job(name).is_some_and(|job| job.verb == Verb::Subscribe)
        }
        Call::Collect(name, _) => job(name).is_some(),
        call => claims(stage, call),
    };
    if known {
        return Ok(());
    }
    Err(format!(
        "{script} is scripted, and no job of the manifest claims it: add the job, or take the \
         script away"
    ))
}

fn exercised(stage: &Stage<'_>, job: &Job) -> Result<(), String> {
    let name = job.name;
    let mut needed = vec![(format!(".collect(\"{name}\", …)"), is_collect(name))];
    match job.verb {
        Verb::Discover => needed.push((
            format!(".discover(\"{name}\", …)"),
            Box::new(move |call| matches!(call, Call::Discover(of) if of == name)),
        )),
        Verb::Submit => needed.push((
            format!(".submit(\"{name}\", …)"),
            Box::new(move |call| matches!(call, Call::Submit(of) if of == name)),
        )),
        Verb::Subscribe => {
            needed.push((
                format!(".subscribe(\"{name}\", …)"),
                Box::new(move |call| matches!(call, Call::Subscribe(of) if of == name)),
            ));
            needed.push((
                format!(".unsubscribe(\"{name}\", …)"),
                Box::new(move |call| matches!(call, Call::Unsubscribe(of) if of == name)),
            ));
        }
        Verb::Unknown => {}
    }
    if job.needs_webhook {
        let receive: Test<'_> = Box::new(|call| matches!(call, Call::Receive(_)));
        needed.push((".receive(…)".into(), receive));
    }
    if job.needs_enrolment {
        needed.push((".enrol(…)".into(), Box::new(|call| *call == Call::Enrol)));
    }
    for (method, is_it) in needed {
        if !stage
            .provider
            .scripts
            .iter()
            .any(|script| is_it(&script.call))
        {
            return Err(format!(
                "the manifest claims the job `{name}`, and nothing exercises it: add `{method}` to \
                 the `Provider`"
            ));
        }
    }
    Ok(())
}

type Test<'t> = Box<dyn Fn(&Call) -> bool + 't>;

fn is_collect(job: &str) -> Test<'_> {
    Box::new(move |call| matches!(call, Call::Collect(of, _) if of == job))
}

/// The provider's own answers lead somewhere, twice the same.
fn as_scripted(stage: &Stage<'_>, script: &Script) -> Result<(), String> {
    let instance = stage.open()?;
    let played = stage.play_on(&instance, script)?;
    let said = match &played.outcome {
        Ok(said) => said,
        Err(fault) => {
            return Err(format!(
                "{script} fails although everything is as scripted: {fault}"
            ));
        }
    };
    if let Some((line, _)) = script.exchanges.iter().rev().take(played.left).next_back() {
        return Err(format!(
            "{script} never asked for `{line}`: take the exchange away, or ask for it"
        ));
    }
    let empty = said.as_array().is_some_and(Vec::is_empty);
    if empty && matches!(script.call, Call::Discover(_) | Call::Receive(_)) {
        return Err(format!(
            "{script} found no batch: script an answer that names one"
        ));
    }
    if let Call::Receive(_) = script.call {
        announces_for_jobs(stage, script, said)?;
    }
    let takes_cards = matches!(
        script.call,
        Call::Submit(_) | Call::Subscribe(_) | Call::Unsubscribe(_)
    );
    if takes_cards && played.cards_left > 0 {
        return Err(format!(
            "{script} did not take every card: walk them with `Submission::for_each` and send all"
        ));
    }
    let again = stage.play_on(&instance, script)?;
    if again.outcome != played.outcome || again.updates != played.updates {
        return Err(format!(
            "{script} came to something else the second time: a connector keeps nothing between \
             calls; what must be remembered is the ledger's"
        ));
    }
    Ok(())
}

/// The ledger collects an announced batch as the job that it is announced for.
fn announces_for_jobs(stage: &Stage<'_>, script: &Script, said: &Value) -> Result<(), String> {
    for announced in said.as_array().into_iter().flatten() {
        let name = announced["job"].as_str().unwrap_or_default();
        let job = stage.manifest().job(name);
        if !job.is_some_and(|job| job.needs_webhook) {
            return Err(format!(
                "{script} announces a batch for `{name}`, which is no job of the manifest that \
                 needs a webhook: name the job that collects it, and set its `needs_webhook`"
            ));
        }
    }
    Ok(())
}

fn completes(stage: &Stage<'_>, job: &Job) -> Result<(), String> {
    let of_job = is_collect(job.name);
    for script in &stage.provider.scripts {
        if of_job(&script.call) && stage.play(script)?.is_complete() {
            return Ok(());
        }
    }
    Err(format!(
        "no `collect` of the job `{}` ends in `Complete`: script a batch whose results are ready",
        job.name
    ))
}

/// Nothing is done that nobody claims.
fn unsupported(stage: &Stage<'_>, call: Call) -> Result<(), String> {
    let script = Script::bare(call);
    let played = stage.play(&script)?;
    let default = match &script.call {
        Call::Reconcile(_) => Some(Value::from("unknowable")),
        Call::Enrol => Some(serde_json::json!({"state": "active", "remember": {}, "secrets": {}})),
        _ => None,
    };
    match &played.outcome {
        Err(fault) if fault.kind == Kind::Unsupported && played.requests.is_empty() => Ok(()),
        Ok(said) if Some(said) == default.as_ref() && played.requests.is_empty() => Ok(()),
        _ => Err(format!(
            "{} does something, and nothing claims it: leave the verb to the trait's default, or \
             claim a job for it in the manifest and script it",
            verb(&script.call)
        )),
    }
}

fn verb(call: &Call) -> &'static str {
    match call {
        Call::Discover(_) => "`discover`",
        Call::Collect(..) => "`collect`",
        Call::Submit(_) => "`submit`",
        Call::Reconcile(_) => "`reconcile`",
        Call::Subscribe(_) => "`subscribe`",
        Call::Unsubscribe(_) => "`unsubscribe`",
        Call::Receive(_) => "`receive`",
        Call::Enrol => "`enrol`",
    }
}

impl Played {
    pub(super) fn is_complete(&self) -> bool {
        let said = self.outcome.as_ref();
        said.is_ok_and(|said| said.get("complete").is_some())
    }
}
