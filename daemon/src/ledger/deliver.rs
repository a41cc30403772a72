//! Delivery: the run that brings one batch to one sink. No sink waits for another, and none for a
//! provider.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use reissue_connector_api::{Fault, Kind};

use super::batch::{Batch, Position, SinkState, Work};
use super::context::Context;
use super::ended::{Ended, note};
use super::event::Event;
use super::pace::Delivery;
use super::verdict::HELD;
use crate::clock;
use crate::seal::SealError;
use crate::sink::Sink;
use crate::sink::files::{self, FilesSink};
use crate::sink::webhook::WebhookSink;
use crate::spool::own_disk;
use crate::store::StoreError;

/// How long a receiver may refuse a batch before a person is asked.
const PATIENCE: TimeDelta = TimeDelta::days(1);

pub(super) fn run(context: &Context, delivery: &Delivery) -> Result<Ended, StoreError> {
    let Some(batch) = context.store.batch(&delivery.batch)? else {
        return Ok(Ended::Well);
    };
    // As it is now: a person may have decided since it was due.
    let is_due = batch.work() == Some(Work::Deliver);
    let sink = delivery.sink.as_str();
    let Some(state) = batch.sinks.get(sink).filter(|it| is_due && !it.is_done()) else {
        return Ok(Ended::Well);
    };
    let _span = tracing::info_span!("deliver", sink).entered();
    match deliver(context, &batch, sink, state)? {
        Ok(()) => Ok(Ended::Well),
        Err(fault) => failed(context, &batch, sink, fault),
    }
}

fn deliver(
    context: &Context,
    batch: &Batch,
    name: &str,
    state: &SinkState,
) -> Result<Result<(), Fault>, StoreError> {
    if let SinkState::Publishing { path } = state {
        return publish(context, batch, name, path);
    }
    let generation = context.generation();
    if !generation.may_hold(name, &batch.key.account) {
        return Ok(Err(Fault::new(Kind::Settings, in_the_clear(name))));
    }
    match generation.sinks.get(name).map(|sink| &**sink) {
        Some(Sink::Files(sink)) => write(context, batch, name, sink),
        Some(Sink::Webhook(sink)) => send(context, batch, name, sink, state.position()),
        None => {
            let message = format!("sink `{name}` is not configured any more: put it back");
            Ok(Err(Fault::new(Kind::Settings, message)))
        }
    }
}

fn write(
    context: &Context,
    batch: &Batch,
    name: &str,
    sink: &FilesSink,
) -> Result<Result<(), Fault>, StoreError> {
    let path = sink.path(batch);
    let spool = context.spools.open(&batch.key, &context.keyring);
    if let Err(error) = spool.and_then(|spool| sink.write(&path, spool)) {
        return Ok(Err(sinks_disk(context, name, &error)));
    }
    let path = path.to_string_lossy().into_owned();
    context.commit(&[Event::Publishing {
        batch: batch.key.clone(),
        sink: name.to_owned(),
        path: path.clone(),
    }])?;
    publish(context, batch, name, &path)
}

fn publish(
    context: &Context,
    batch: &Batch,
    name: &str,
    path: &str,
) -> Result<Result<(), Fault>, StoreError> {
    if let Err(error) = files::publish(Path::new(path)) {
        return Ok(Err(sinks_disk(context, name, &error)));
    }
    context.commit(&[delivered(batch, name)])?;
    context.note_sink(name, None);
    tracing::info!(batch = %batch.key, sink = name, path, "The batch was delivered.");
    Ok(Ok(()))
}

/// Posts page after page. Each that is acknowledged is durable before the next one leaves.
fn send(
    context: &Context,
    batch: &Batch,
    name: &str,
    sink: &WebhookSink,
    position: Position,
) -> Result<Result<(), Fault>, StoreError> {
    let pages = context.spools.open_whole(&batch.key, &context.keyring);
    let mut pages = match pages.and_then(|spool| sink.pages(batch, position, spool)) {
        Ok(pages) => pages,
        Err(error) => return Ok(Err(own_disk(&error))),
    };
    let mut position = position;
    loop {
        let page = match pages.next_page() {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) => return Ok(Err(own_disk(&error))),
        };
        let answer = sink.post(batch, &page, &context.stop);
        context.note_sink(name, answer.as_ref().err());
        if let Err(fault) = answer {
            return Ok(Err(fault));
        }
        position = page.position();
        let mut events = vec![Event::PageDelivered {
            batch: batch.key.clone(),
            sink: name.to_owned(),
            pages: position.pages,
            updates: position.updates,
        }];
        events.extend(page.last.then(|| delivered(batch, name)));
        context.commit(&events)?;
    }
    tracing::info!(batch = %batch.key, sink = name, pages = position.pages, "The batch was delivered.");
    Ok(Ok(()))
}

fn delivered(batch: &Batch, sink: &str) -> Event {
    Event::Delivered {
        batch: batch.key.clone(),
        sink: sink.to_owned(),
    }
}

fn sinks_disk(context: &Context, sink: &str, error: &SealError) -> Fault {
    let fault = own_disk(error);
    context.note_sink(sink, Some(&fault));
    fault
}

/// Why a sink does not get a batch that may hold full card numbers.
pub fn in_the_clear(sink: &str) -> String {
    format!(
        "sink `{sink}` would hold full card numbers in the clear: give it `recipients`, or accept it with \
         `plaintext = \"i-accept\"`"
    )
}

fn failed(context: &Context, batch: &Batch, sink: &str, fault: Fault) -> Result<Ended, StoreError> {
    if fault.kind == Kind::Cancelled {
        return Ok(Ended::Later(Duration::ZERO));
    }
    // As the ledger knows it now: pages may have been acknowledged in this run.
    let batch = context.store.batch(&batch.key)?;
    let Some(batch) = batch.filter(|batch| batch.work() == Some(Work::Deliver)) else {
        return Ok(Ended::Well);
    };
    let known = batch.failing.get(sink);
    let generation = context.generation();
    let is_receiver = matches!(
        generation.sinks.get(sink).map(|it| &**it),
        Some(Sink::Webhook(_))
    );
    let held = is_receiver && known.is_some_and(|known| clock::now() - known.since >= PATIENCE);
    // The first fault of its kind is news; the same again changes nothing that we know.
    if known.is_none_or(|known| known.fault.kind != fault.kind || known.held != held) {
        context.commit(&[Event::SinkFailed {
            batch: batch.key.clone(),
            sink: sink.to_owned(),
            fault: note(&fault),
            held,
        }])?;
    }
    tracing::warn!(
        batch = %batch.key,
        sink,
        kind = fault.kind.as_str(),
        fault = fault.message,
        held,
        "Delivery failed; it will be tried again."
    );
    Ok(Ended::Failed(
        fault,
        if held { HELD } else { Duration::ZERO },
    ))
}
