//! Delivery: every sink that does not have a batch yet gets it, and none waits for another.

use std::path::Path;
use std::time::Duration;

use reissue_connector_api::{Fault, Kind};

use super::batch::{Batch, SinkState};
use super::context::Context;
use super::ended::{Ended, record};
use super::event::Event;
use crate::seal::SealError;
use crate::sink::files::{self, FilesSink};
use crate::spool::own_disk;
use crate::store::StoreError;

pub(super) fn deliver(context: &Context, batch: &Batch) -> Result<Ended, StoreError> {
    let mut faults = Vec::new();
    for (name, state) in &batch.sinks {
        let _span = tracing::info_span!("deliver", sink = name).entered();
        if let Err(fault) = deliver_to(context, batch, name, state)? {
            faults.push((name, fault));
        }
    }
    let Some((_, first)) = faults.first() else {
        return Ok(Ended::Well);
    };
    record(context, batch, first, false)?;
    for (sink, fault) in &faults {
        tracing::warn!(
            batch = %batch.key,
            sink,
            fault = fault.message,
            "Delivery failed; it will be tried again."
        );
    }
    let (_, first) = faults.swap_remove(0);
    Ok(Ended::Failed(first, Duration::ZERO))
}

fn deliver_to(
    context: &Context,
    batch: &Batch,
    name: &str,
    state: &SinkState,
) -> Result<Result<(), Fault>, StoreError> {
    let path = match state {
        SinkState::Done { .. } => return Ok(Ok(())),
        SinkState::Publishing { path } => path.clone(),
        SinkState::Pending => {
            let generation = context.generation();
            let Some(sink) = generation.sinks.get(name) else {
                let message = format!("sink `{name}` is not configured any more: put it back");
                return Ok(Err(Fault::new(Kind::Settings, message)));
            };
            if !generation.may_hold(name, &batch.key.account) {
                return Ok(Err(Fault::new(Kind::Settings, in_the_clear(name))));
            }
            let path = sink.path(batch);
            if let Err(error) = write(context, batch, sink, &path) {
                return Ok(Err(own_disk(&error)));
            }
            let path = path.to_string_lossy().into_owned();
            context.commit(&[Event::Publishing {
                batch: batch.key.clone(),
                sink: name.to_owned(),
                path: path.clone(),
            }])?;
            path
        }
    };
    if let Err(error) = files::publish(Path::new(&path)) {
        return Ok(Err(own_disk(&error)));
    }
    context.commit(&[Event::Delivered {
        batch: batch.key.clone(),
        sink: name.to_owned(),
    }])?;
    tracing::info!(batch = %batch.key, sink = name, path, "The batch was delivered.");
    Ok(Ok(()))
}

/// Why a sink does not get a batch that may hold full card numbers.
pub fn in_the_clear(sink: &str) -> String {
    format!(
        "sink `{sink}` would hold full card numbers in the clear: give it `recipients`, or accept it with \
         `plaintext = \"i-accept\"`"
    )
}

fn write(context: &Context, batch: &Batch, sink: &FilesSink, path: &Path) -> Result<(), SealError> {
    let spool = context.spools.open(&batch.key, &context.keyring)?;
    sink.write(path, spool)
}
