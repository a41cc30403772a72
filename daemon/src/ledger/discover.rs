//! The run of a slot without a source: list what the provider has made since we last looked.

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{Fault, Found, FoundState, Origin, Timing, Window, mask_pans};

use super::batch::{Batch, State};
use super::context::Context;
use super::deadlines::Deadlines;
use super::ended::Ended;
use super::event::Event;
use super::key::BatchKey;
use super::pace::Task;
use super::runs::Reserved;
use super::slots::{OpenSlot, Slots};
use super::submit::accept;
use crate::account::Account;
use crate::clock;
use crate::connector::Loan;
use crate::generation::Schedule;
use crate::store::StoreError;

/// Windows overlap by this much: batches appear late and change their status. Identity removes the
/// repeats.
const OVERLAP: TimeDelta = TimeDelta::days(7);

pub(super) fn run(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    slots: &Slots,
    open: &OpenSlot,
) -> Result<Result<Ended, Fault>, StoreError> {
    let window = window(schedule, slots, open, clock::now());
    let answer = list(context, account, schedule, window);
    context.note_answer(account, &Task::Slot(schedule.name.clone()), &answer);
    match answer {
        Ok(found) => serve(context, account, schedule, open, window, found).map(Ok),
        Err(fault) => Ok(Err(fault)),
    }
}

/// Back to where the last listing was complete, and a week more; further where a person said so. The
/// window never shrinks, so that a listing covers all that was before it.
fn window(schedule: &Schedule, slots: &Slots, open: &OpenSlot, now: DateTime<Utc>) -> Window {
    let usual = match &slots.served {
        // A clock that was ahead for a moment must not leave a gap.
        Some(served) => served.covered.min(now) - OVERLAP,
        None => now - schedule.first_lookback,
    };
    let from = open.since.map_or(usual, |since| since.min(usual));
    Window { from, to: now }
}

fn list(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    window: Window,
) -> Result<Vec<Found>, Fault> {
    let _span = tracing::info_span!(
        "call",
        otel.name = "discover",
        verb = "discover",
        account = account.name,
        schedule = schedule.name,
    )
    .entered();
    let instance = account.instance()?;
    let call = account.egress.call(0, context.stop.clone());
    let mut loan = Loan::without_updates(call);
    let outcome = instance.discover(&mut loan, schedule.job.name, window);
    loan.settle(outcome)
}

/// One record: the new batches and the slot that found them.
fn serve(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    open: &OpenSlot,
    window: Window,
    found: Vec<Found>,
) -> Result<Ended, StoreError> {
    let timing = account.timing(schedule.job);
    let listed = found.len() as u64;
    let mut events = Vec::new();
    let mut new = 0;
    // Held until the record is written, so that no run sends or asks meanwhile.
    let mut reserved = Vec::new();
    for mut found in found {
        mask(&mut found);
        let key = BatchKey {
            account: account.name.clone(),
            id: found.id.clone(),
        };
        match known(context, &key, &found)? {
            Some(batch) if batch.is_to_submit() => {
                let arrived = arrived(context, account, &batch.key, found)?;
                if let Some((reservation, event)) = arrived {
                    reserved.push((reservation, batch.key));
                    events.push(event);
                }
            }
            Some(batch) => hurry_if_ready(context, &batch, &found),
            None => {
                new += 1;
                events.extend(discovered(key, schedule, timing, found, window.to));
            }
        }
    }
    events.push(Event::SlotServed {
        schedule: schedule.name.clone(),
        slot: open.slot,
        covered: window.to,
        listed,
        new,
    });
    context.commit(&events)?;
    for (_, key) in &reserved {
        // It waited to be asked for again.
        context.hurry(&Task::Batch(key.clone()));
    }
    if new > 0 {
        tracing::info!(
            schedule = schedule.name,
            slot = %open.slot,
            from = %window.from,
            listed,
            new,
            "The provider has new batches."
        );
    } else {
        tracing::debug!(schedule = schedule.name, slot = %open.slot, listed, "Nothing is new.");
    }
    Ok(Ended::Well)
}

/// The batch that a row is of, by the provider's id or because the row says that it is our submission.
fn known(context: &Context, key: &BatchKey, found: &Found) -> Result<Option<Batch>, StoreError> {
    if let Some(known) = context.at_provider(&key.account, &key.id)? {
        return Ok(Some(known));
    }
    let Some(submission) = &found.submission else {
        return Ok(None);
    };
    let key = BatchKey {
        account: key.account.clone(),
        id: submission.clone(),
    };
    let known = context.store.batch(&key)?;
    Ok(known.filter(|batch| batch.cards.is_some()))
}

/// A submission of ours that the provider shows, whatever we thought of it. Nothing while a run of it
/// is under way, which learns the same.
fn arrived<'c>(
    context: &'c Context,
    account: &Account,
    key: &BatchKey,
    found: Found,
) -> Result<Option<(Reserved<'c>, Event)>, StoreError> {
    let Some(reserved) = context.reserve(key) else {
        return Ok(None);
    };
    let batch = context.store.batch(key)?;
    let batch = batch.filter(Batch::is_to_submit);
    Ok(batch.map(|batch| {
        tracing::info!(batch = %batch.key, provider_id = found.id, "The listing shows the submission.");
        (reserved, accept(account, &batch, found, 0, None))
    }))
}

/// The events of a batch that is new to us.
fn discovered(
    key: BatchKey,
    schedule: &Schedule,
    timing: Timing,
    found: Found,
    now: DateTime<Utc>,
) -> Vec<Event> {
    let deadlines = Deadlines::of(Some(timing), found.created.unwrap_or(now));
    let failed = match &found.state {
        FoundState::Failed(reason) => Some(Event::BatchRefused {
            batch: key.clone(),
            reason: reason.clone(),
        }),
        _ => None,
    };
    let first = Event::BatchFound {
        batch: key,
        job: schedule.job.name.to_owned(),
        origin: Origin::Found,
        schedule: schedule.name.clone(),
        first_poll: match found.state {
            FoundState::Running => deadlines.first_poll,
            _ => now,
        },
        purge: found.purge.or(deadlines.purge),
        overdue: deadlines.overdue,
        found,
    };
    std::iter::once(first).chain(failed).collect()
}

/// A batch that we wait for need not wait for its next poll once the listing shows it ready.
fn hurry_if_ready(context: &Context, known: &Batch, found: &Found) {
    let task = Task::Batch(known.key.clone());
    let only_not_ready = context.wait(&task).is_none_or(|wait| wait.fault.is_none());
    if known.state == State::Waiting && found.state != FoundState::Running && only_not_ready {
        context.hurry(&task);
    }
}

/// Texts of a provider's may hold what they should not.
pub(super) fn mask(found: &mut Found) {
    let state = match &mut found.state {
        FoundState::Failed(reason) => Some(reason),
        _ => None,
    };
    for text in found.facts.values_mut().chain(state) {
        if let Some(masked) = mask_pans(text) {
            *text = masked;
        }
    }
}
