//! `reissue run SCHEDULE`: a slot that a person opens, and what it comes to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{ConnectInfo, State as Shared};
use chrono::{DateTime, Utc};

use super::named;
use super::observe::Observer;
use super::refusal::Refusal;
use super::request::RunRequest;
use super::server::{Face, Peer, look};
use super::view::{InputView, RunView};
use crate::clock;
use crate::ledger::context::{Context, Follower};
use crate::ledger::pace::Task;
use crate::ledger::{Batch, Event};

/// How long a waiting look at the ledger rests after it, in times of what it took. Every step of every
/// submission is a change, and to look at all of them after each would take longer than to send them.
const REST: u32 = 50;
/// A wait that ends by the clock is not announced, so look now and then.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(
    Shared(face): Shared<Face>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Json(request): Json<RunRequest>,
) -> Result<Json<RunView>, Refusal> {
    let mut changed = face.context.changed.subscribe();
    // Before the slot is opened, so that no batch that it finds is missed.
    let follower = face.context.follow();
    let asked_by = peer.name();
    let opened = {
        let face = face.clone();
        let schedule = request.schedule.clone();
        look(face.clone(), move |_| {
            open_slot(&face.context, &schedule, request.since, asked_by)
        })
    };
    let Json(slot) = opened.await?;
    loop {
        changed.borrow_and_update();
        let began = Instant::now();
        let schedule = request.schedule.clone();
        let context = Arc::clone(&face.context);
        let follower = Arc::clone(&follower);
        let Json((view, settled)) = look(face.clone(), move |observer| {
            run_view(observer, &context, &follower, &schedule, slot)
        })
        .await?;
        if !request.wait || settled {
            return Ok(Json(view));
        }
        let rest = (began.elapsed() * REST).min(LOOK_EVERY);
        let change = async {
            tokio::time::sleep(rest).await;
            // Whether it is a change or the time that ends it: look.
            let _ = tokio::time::timeout(LOOK_EVERY - rest, changed.changed()).await;
        };
        tokio::select! {
            () = change => {}
            () = face.context.stop.stopped() => return Err(Refusal::stopping()),
        }
    }
}

/// Opens a slot now.
fn open_slot(
    context: &Context,
    schedule: &str,
    since: Option<DateTime<Utc>>,
    asked_by: String,
) -> Result<DateTime<Utc>, Refusal> {
    let generation = context.generation();
    let ready = named::schedule(&generation, schedule)?;
    let account = &ready.account;
    if let Some(why) = context.why_unenrolled(account, ready.job.name)? {
        return Err(Refusal::conflict(why));
    }
    let task = Task::Slot(schedule.to_owned());
    if context.is_running(&task) {
        // Whoever wants it run now has his wish already, unless it was to look further back.
        let slots = context.store.slots(schedule)?.unwrap_or_default();
        return match (slots.open, since) {
            (Some(open), None) => Ok(open.slot),
            _ => Err(Refusal::conflict(format!(
                "schedule `{schedule}` is running already; wait for it to end"
            ))),
        };
    }
    let slot = clock::now();
    context.commit(&[Event::SlotOpened {
        schedule: schedule.to_owned(),
        slot,
        missed: 0,
        asked_by: Some(asked_by),
        since,
    }])?;
    context.hurry_for_a_person(&task, account);
    Ok(slot)
}

/// What the slot has come to, and whether there is nothing more to wait for.
fn run_view(
    observer: &Observer<'_>,
    context: &Context,
    follower: &Follower,
    schedule: &str,
    slot: DateTime<Utc>,
) -> Result<(RunView, bool), Refusal> {
    let slots = observer.records.slots(schedule)?.unwrap_or_default();
    let open = slots.open.as_ref().filter(|open| open.slot == slot);
    let served = slots.served.as_ref().filter(|_| open.is_none());
    let batches = observer.recent_batches(follower, |batch| {
        batch.schedule == schedule && (batch.state.is_open() || batch.changed >= slot)
    })?;
    // After they were read: one that was found meanwhile is due by now.
    let now = clock::now();
    let at_rest = |batch: &Batch| {
        let may = |work| context.may(&batch.key, work);
        let waits = context
            .batch_waits(batch, now)
            .is_some_and(|wait| !wait.is_over(now))
            || now < batch.due()
            || !batch.work().is_some_and(may);
        !batch.state.is_open() || waits && !context.is_at(&batch.key)
    };
    let fault = open.and_then(|open| open.fault.clone());
    let listed = fault.is_some() || served.is_some();
    // The run goes on for a moment after its last commit; whoever waited may want to run again.
    let settled = listed
        && !context.is_running(&Task::Slot(schedule.to_owned()))
        && (fault.is_some() || batches.iter().all(|view| at_rest(&view.batch)));
    let view = RunView {
        schedule: schedule.to_owned(),
        slot,
        served: served.is_some(),
        fault,
        listed: served.map_or(0, |served| served.listed),
        input: served
            .filter(|_| asks(context, schedule))
            .map(|served| InputView {
                cards: served.listed,
                rejects: slots.rejects.clone(),
                left_out: slots.left_out.clone(),
            }),
        batches,
    };
    Ok((view, settled))
}

fn asks(context: &Context, schedule: &str) -> bool {
    let generation = context.generation();
    let schedule = generation.schedules.get(schedule);
    schedule.is_some_and(|schedule| schedule.source.is_some())
}
