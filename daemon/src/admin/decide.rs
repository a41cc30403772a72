//! What a person decides about one batch: try it now, deliver it, give it up, deliver it once more.
//! Each answer is one sentence; what changes the ledger is an event with the name of who asked.

use std::collections::BTreeSet;
use std::path::Path;

use super::refusal::Refusal;
use super::request::Decision;
use super::{named, uncertain};
use crate::ledger::batch::{SinkState, Work};
use crate::ledger::context::Context;
use crate::ledger::deliver::in_the_clear;
use crate::ledger::event::Resolution;
use crate::ledger::pace::Task;
use crate::ledger::runs::Reserved;
use crate::ledger::{Batch, BatchKey, Event, State};
use crate::sink::files;

/// Collects or delivers the batch now, whatever it waits for.
///
/// # Errors
/// There is nothing that could be tried.
pub(super) fn retry(context: &Context, batch: &Batch) -> Result<String, Refusal> {
    let key = &batch.key;
    let does = match batch.work() {
        Some(Work::Submit) => "submitted",
        Some(Work::Reconcile) => "asked for at the provider",
        Some(Work::Collect | Work::Confirm) => "collected",
        Some(Work::Deliver) => {
            if !context.may(key, Work::Deliver) {
                return Err(shadow(batch));
            }
            context.hurry_deliveries(batch);
            "delivered"
        }
        None if batch.braked.is_none() => {
            return Err(Refusal::conflict(format!(
                "nobody knows whether the provider has {key}, so it is not sent again by itself: ask \
                 the provider, and decide with `reissue batch resolve {key} --as {accepted}`, \
                 `--as not-sent` or `--as abandon`",
                accepted = match batch.change {
                    Some(_) => "accepted",
                    None => "accepted:ID",
                }
            )));
        }
        None => {
            return Err(Refusal::conflict(format!(
                "{key} is held before delivery, so there is nothing to try: decide with `reissue \
                 batch resolve {key} --as deliver`, or `--as abandon`"
            )));
        }
        Some(Work::DeleteSpool) => return Err(over(batch)),
    };
    context.hurry_for_a_person(&Task::Batch(key.clone()), &key.account);
    Ok(format!(
        "{key} is {does} now; `reissue batch show {key}` says how it went"
    ))
}

/// Records the decision.
///
/// # Errors
/// It does not fit the batch.
pub(super) fn resolve(
    context: &Context,
    batch: &Batch,
    decision: Decision,
    by: String,
) -> Result<String, Refusal> {
    let (_reserved, batch) = alone_with(context, &batch.key)?;
    let (key, batch) = (&batch.key, &batch);
    if !batch.state.is_open() {
        return Err(over(batch));
    }
    let (event, said) = match &decision {
        Decision::Accepted(id) => uncertain::accepted(context, batch, id, by.clone())?,
        Decision::Resolution(resolution) => {
            let said = recorded(context, batch, *resolution)?;
            let event = Event::Resolved {
                batch: key.clone(),
                resolution: *resolution,
                by: by.clone(),
            };
            (event, said)
        }
    };
    context.commit(&[event])?;
    tracing::warn!(batch = %key, by, said, "A person decided about a batch.");
    if decision == Decision::Resolution(Resolution::Abandon) {
        forget_unpublished(batch);
    }
    context.hurry(&Task::Batch(key.clone()));
    Ok(said)
}

/// What a resolution does, if it fits the batch.
fn recorded(context: &Context, batch: &Batch, resolution: Resolution) -> Result<String, Refusal> {
    let key = &batch.key;
    let state = batch.state.as_str();
    match resolution {
        Resolution::Deliver if batch.braked.is_none() => Err(Refusal::conflict(format!(
            "{key} is {state}, not held before delivery; `reissue batch retry {key}` tries it now"
        ))),
        Resolution::Deliver if !context.may(key, Work::Deliver) => Ok(format!(
            "{key} is no longer held; it is delivered once its account has no `deliver = false`"
        )),
        Resolution::Deliver => Ok(format!("{key} is delivered now")),
        Resolution::NotSent => uncertain::not_sent(batch),
        Resolution::Abandon => Ok(format!(
            "{key} is given up: it is not tried again, and nothing more of it is delivered{}",
            uncertain::given_up(context, batch)
        )),
    }
}

/// The batch as it is now, which no run changes meanwhile.
fn alone_with<'c>(context: &'c Context, key: &BatchKey) -> Result<(Reserved<'c>, Batch), Refusal> {
    let reserved = context.reserve(key).ok_or_else(|| {
        Refusal::conflict(format!(
            "a run of {key} is under way; decide again when it has ended"
        ))
    })?;
    let batch = context.store.batch(key)?;
    let batch =
        batch.ok_or_else(|| Refusal::conflict(format!("there is no batch {key} any more")))?;
    Ok((reserved, batch))
}

/// Files that were written and never got their name would stay in their sinks for ever.
fn forget_unpublished(batch: &Batch) {
    for state in batch.sinks.values() {
        if let SinkState::Publishing { path } = state {
            files::forget(Path::new(path));
        }
    }
}

/// Delivers a batch that is over once more, to the account's sinks or to those that are named.
///
/// # Errors
/// Its updates are not here, or a sink is unknown.
pub(super) fn redeliver(
    context: &Context,
    batch: &Batch,
    sinks: Vec<String>,
    by: String,
) -> Result<String, Refusal> {
    let (_reserved, batch) = alone_with(context, &batch.key)?;
    let (key, batch) = (&batch.key, &batch);
    if batch.state.is_open() {
        return Err(Refusal::conflict(format!(
            "{key} is {}, not over: `reissue batch retry {key}` tries it now",
            batch.state.as_str()
        )));
    }
    if !batch.has_updates() {
        return Err(Refusal::conflict(format!(
            "the updates of {key} are not here (any more: they are kept for 7 days after the end), \
             so they cannot be delivered again"
        )));
    }
    let generation = context.generation();
    let Some(account) = generation.config.accounts.get(&key.account) else {
        return Err(Refusal::conflict(format!(
            "account `{}` is not configured any more: put it back first",
            key.account
        )));
    };
    if !account.deliver {
        return Err(shadow(batch));
    }
    let sinks: BTreeSet<String> = match sinks.as_slice() {
        [] => account.sinks.iter().cloned().collect(),
        _ => sinks.into_iter().collect(),
    };
    let sinks = Vec::from_iter(sinks);
    let known = &generation.sinks;
    if let Some(unknown) = sinks.iter().find(|sink| !known.contains_key(*sink)) {
        let known = known.keys().map(String::as_str);
        let or = "`reissue status` shows them";
        return Err(named::unknown("sink", unknown, known, or));
    }
    if let Some(clear) = sinks
        .iter()
        .find(|sink| !generation.may_hold(sink, &key.account))
    {
        return Err(Refusal::conflict(in_the_clear(clear)));
    }
    let said = format!("{key} is delivered once more to {}", sinks.join(" and "));
    context.commit(&[Event::Redelivered {
        batch: key.clone(),
        sinks,
        by: by.clone(),
    }])?;
    tracing::warn!(batch = %key, by, "A person wants a batch delivered once more.");
    if let Some(batch) = context.store.batch(key)? {
        context.hurry_deliveries(&batch);
    }
    Ok(said)
}

fn shadow(batch: &Batch) -> Refusal {
    Refusal::conflict(format!(
        "account `{}` has `deliver = false`: set it to true and `reissue reload`, and all that it \
         has collected is delivered",
        batch.key.account
    ))
}

fn over(batch: &Batch) -> Refusal {
    let key = &batch.key;
    let what = match batch.state {
        State::Delivered => format!("; `reissue batch redeliver {key}` delivers it once more"),
        _ => String::new(),
    };
    Refusal::conflict(format!(
        "{key} is {}, so there is nothing to try or to decide{what}",
        batch.state.as_str()
    ))
}
