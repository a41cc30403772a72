//! A run: one attempt to do what a task is for, on a thread of its own, with a trace of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reissue_connector_api::{Fault, Kind};
use tracing::Span;
use tracing::field::Empty;

use super::batch::{Calls, Work};
use super::context::Context;
use super::ended::{Ended, is_news, note};
use super::event::Event;
use super::key::BatchKey;
use super::pace::{Delivery, Pace, Task};
use super::slots::OpenSlot;
use super::submit::{reconcile, submit};
use super::verdict::HELD;
use super::{announced, collect, deliver, discover, enrol, plan};
use crate::clock;
use crate::generation::Schedule;
use crate::store::StoreError;

/// Starts a run of the task, unless one is under way or it has to wait; `calls` says whom it will call.
pub(super) fn start(context: &Arc<Context>, task: Task, calls: Calls, now: DateTime<Utc>) {
    let generation = context.generation();
    let account = match &task {
        Task::Slot(schedule) => generation.schedules.get(schedule).map(|it| &it.account),
        Task::Batch(key) => Some(&key.account),
        Task::Delivery(delivery) => Some(&delivery.batch.account),
        Task::Enrolment(account) | Task::Inbox(account) => Some(account),
    };
    let Some(account) = account else {
        return;
    };
    if !context.take(&task, account, calls, now) {
        return;
    }
    let context = Arc::clone(context);
    let name = format!("run-{account}");
    let thread_context = Arc::clone(&context);
    let thread_task = task.clone();
    let thread_account = account.clone();
    let spawned = std::thread::Builder::new()
        .name(name)
        .spawn(move || run(&thread_context, &thread_task, &thread_account));
    if let Err(error) = spawned {
        let fault = Fault::new(Kind::Busy, format!("no thread for a run: {error}"));
        context.give_back(&task, |pace| {
            pace.failed(task.clone(), now, fault, Duration::ZERO)
        });
    }
}

fn run(context: &Arc<Context>, task: &Task, account: &str) {
    let span = span(context, task, account);
    let entered = span.enter();
    let outcome = catch_unwind(AssertUnwindSafe(|| match task {
        Task::Slot(schedule) => slot(context, schedule),
        Task::Batch(key) => batch(context, key),
        Task::Delivery(delivery) => deliver::run(context, delivery),
        Task::Enrolment(account) => enrol::look(context, account),
        Task::Inbox(account) => announced::run(context, account),
    }));
    let ended = match outcome {
        Ok(Ok(ended)) => ended,
        // A commit for which there was no space is a crash that did not happen: the task is tried
        // again from what the ledger holds, once the pause is over.
        Ok(Err(error)) => {
            context.fail(&error);
            Ended::Later(Duration::ZERO)
        }
        // The panic hook has logged it. Nothing was committed, so the task can be tried again.
        Err(_) => Ended::Failed(
            Fault::new(
                Kind::Busy,
                "the daemon panicked in this run; that is a defect, please report it",
            ),
            Duration::ZERO,
        ),
    };
    if let Ended::Failed(..) = &ended {
        span.record("otel.status_code", "ERROR");
    }
    drop(entered);
    drop(span);
    let now = clock::now();
    context.give_back(task, |pace: &mut Pace| match ended {
        Ended::Well => pace.clear(task),
        Ended::Later(after) => pace.later(task.clone(), now, after),
        Ended::Failed(fault, at_least) => pace.failed(task.clone(), now, fault, at_least),
    });
}

/// Serves a slot: where it has a source its cards go to the provider, else the provider is asked what it has
/// made.
fn slot(context: &Context, name: &str) -> Result<Ended, StoreError> {
    let generation = context.generation();
    let (Some(schedule), Some(slots)) =
        (generation.schedules.get(name), context.store.slots(name)?)
    else {
        return Ok(Ended::Well);
    };
    let (Some(account), Some(open)) = (generation.accounts.get(&schedule.account), &slots.open)
    else {
        return Ok(Ended::Well);
    };
    let served = match &schedule.source {
        Some(source) => plan::run(context, account, schedule, source, &slots, open)?,
        None => discover::run(context, account, schedule, &slots, open)?,
    };
    match served {
        Ok(ended) => Ok(ended),
        Err(fault) => not_served(context, schedule, open, fault),
    }
}

fn not_served(
    context: &Context,
    schedule: &Schedule,
    open: &OpenSlot,
    fault: Fault,
) -> Result<Ended, StoreError> {
    if fault.kind == Kind::Cancelled {
        return Ok(Ended::Later(Duration::ZERO));
    }
    tracing::warn!(
        schedule = schedule.name,
        slot = %open.slot,
        kind = fault.kind.as_str(),
        fault = fault.message,
        "A slot cannot be served; it will be tried again."
    );
    if is_news(open.fault.as_ref(), &fault) {
        context.commit(&[Event::SlotFailed {
            schedule: schedule.name.clone(),
            fault: note(&fault),
        }])?;
    }
    Ok(Ended::Failed(fault, Duration::ZERO))
}

/// Does for a batch what comes next.
fn batch(context: &Context, key: &BatchKey) -> Result<Ended, StoreError> {
    let Some(batch) = context.store.batch(key)? else {
        return Ok(Ended::Well);
    };
    let generation = context.generation();
    match (batch.work(), generation.accounts.get(&key.account)) {
        // Its delivery is a run of its own.
        (Some(Work::Deliver) | None, _) => Ok(Ended::Well),
        (Some(Work::DeleteSpool), _) => collect::delete_spool(context, &batch),
        (Some(Work::Submit), Some(account)) => submit(context, account, &batch),
        (Some(Work::Reconcile), Some(account)) => reconcile(context, account, &batch),
        (Some(Work::Collect | Work::Confirm), Some(account)) => {
            collect::run(context, account, &batch)
        }
        (Some(_), None) => {
            let fault = generation.why_waits(&key.account);
            let fault = fault.unwrap_or_else(|| removed(&key.account));
            Ok(Ended::Failed(fault, HELD))
        }
    }
}

/// A reload takes no account away that has open batches, but a listing may be under way then.
fn removed(account: &str) -> Fault {
    Fault::settings(format!(
        "account `{account}` is not configured any more: put it back until its batches are delivered"
    ))
}

/// The root of a trace, called after the schedule or the batch's job. A span keeps the name that it
/// had when it was entered.
fn span(context: &Context, task: &Task, account: &str) -> Span {
    let (name, schedule, batch) = match task {
        Task::Slot(schedule) => (schedule.clone(), Some(schedule), None),
        Task::Batch(key) | Task::Delivery(Delivery { batch: key, .. }) => {
            // A state that cannot be read is noticed by the run itself.
            let batch = context.store.batch(key).ok().flatten();
            (
                batch.map_or_else(String::new, |batch| batch.job),
                None,
                Some(key),
            )
        }
        Task::Enrolment(_) => ("enrolment".to_owned(), None, None),
        Task::Inbox(_) => ("inbox".to_owned(), None, None),
    };
    tracing::info_span!(
        parent: None,
        "run",
        otel.name = format!("run {name}"),
        otel.status_code = Empty,
        schedule,
        account,
        batch = batch.map(tracing::field::display),
    )
}
