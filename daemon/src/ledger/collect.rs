//! The run of a batch at its provider: its results become a spool of updates, which is deleted in the end.

use std::time::Duration;

use reissue_connector_api::{Fault, Totals, mask_pans};

use super::batch::Batch;
use super::brake::brake;
use super::context::Context;
use super::ended::{Ended, record};
use super::event::Event;
use super::fetch::{Complete, Fetched, fetch};
use super::pace::Task;
use super::verdict::{HELD, Verdict, granted, held_for, on_batch, on_unconfirmed};
use crate::account::Account;
use crate::clock;
use crate::spool::SpoolDirectory;
use crate::store::StoreError;

pub(super) fn run(
    context: &Context,
    account: &Account,
    batch: &Batch,
) -> Result<Ended, StoreError> {
    let answer = fetch(context, account, batch)?;
    // Some providers refuse the credentials for a batch that is not there: all that were only announced
    // count as one call.
    let call = match batch.unconfirmed {
        true => Task::Inbox(account.name.clone()),
        false => Task::Batch(batch.key.clone()),
    };
    context.note_answer(account, &call, &answer);
    if batch.unconfirmed && answer.is_ok() {
        context.confirmed(&batch.key);
    }
    match answer {
        Ok(Fetched::Complete(complete)) => finish(context, account, batch, complete),
        Ok(Fetched::NotReady(retry_after)) => {
            if batch.fault.is_some() || batch.unconfirmed {
                context.commit(&[Event::BatchWaits {
                    batch: batch.key.clone(),
                }])?;
            }
            Ok(Ended::Later(until_ready(account, batch, retry_after)))
        }
        Ok(Fetched::Declined(reason)) => {
            let reason = mask_pans(&reason).unwrap_or(reason);
            tracing::warn!(batch = %batch.key, reason, "The provider declined the batch.");
            context.commit(&[Event::BatchRefused {
                batch: batch.key.clone(),
                reason,
            }])?;
            Ok(Ended::Well)
        }
        Err(fault) => fail(context, batch, fault),
    }
}

/// How long to wait for a batch that is not ready: what the provider wishes, but never a flood.
fn until_ready(account: &Account, batch: &Batch, wish: Option<Duration>) -> Duration {
    const SOONEST: Duration = Duration::from_secs(1);
    let job = account.connector.manifest().job(&batch.job);
    let usual = job.map_or(HELD, |job| account.timing(job).poll_every);
    wish.map_or(usual, |wish| {
        granted(wish, batch.purge, clock::now()).max(SOONEST)
    })
}

/// The spool is durable under its name: one commit makes batch and spool visible together.
fn finish(
    context: &Context,
    account: &Account,
    batch: &Batch,
    complete: Complete,
) -> Result<Ended, StoreError> {
    let Complete {
        totals,
        read,
        spooled,
        cards,
    } = complete;
    let mismatches = mismatches(totals, read, spooled.billable);
    for mismatch in &mismatches {
        tracing::warn!(batch = %batch.key, mismatch, "The provider's totals do not fit.");
    }
    if let Some(aside @ 1..) = cards.map(|cards| cards.aside) {
        tracing::error!(batch = %batch.key, aside, "Answers that nobody asked for are set aside.");
    }
    let updates = spooled.counts.sum();
    let counts = spooled.counts.into_rows();
    let braked = brake(&account.brakes, &counts, batch.cards.map(u64::from));
    if let Some(why) = &braked {
        tracing::error!(batch = %batch.key, why, "The batch is held before delivery.");
    }
    context.commit(&[Event::Collected {
        batch: batch.key.clone(),
        updates,
        counts,
        totals,
        mismatches,
        cards,
        braked,
        sinks: account.sinks.clone(),
    }])?;
    tracing::info!(batch = %batch.key, job = batch.job, updates, "The batch was collected.");
    Ok(Ended::Well)
}

/// Totals are the provider's own arithmetic: shown and counted, never believed.
fn mismatches(totals: Totals, read: u64, billable: u64) -> Vec<String> {
    let compare = |announced: Option<u64>, read: u64, what: &str| {
        announced
            .filter(|announced| *announced != read)
            .map(|announced| format!("the provider announces {announced} {what}, {read} were read"))
    };
    [
        compare(totals.records, read, "records"),
        compare(totals.billed, billable, "billed answers"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn fail(context: &Context, batch: &Batch, mut fault: Fault) -> Result<Ended, StoreError> {
    let now = clock::now();
    let wish = fault.retry_after;
    fault.retry_after = wish.map(|wish| granted(wish, batch.purge, now));
    let verdict = match batch.unconfirmed {
        true => on_unconfirmed(batch, &fault, now),
        false => on_batch(&fault, batch.purge, now),
    };
    let at_least = match verdict {
        Verdict::Nothing => return Ok(Ended::Later(Duration::ZERO)),
        Verdict::Held => held_for(batch.purge, now),
        Verdict::BackOff | Verdict::Expired | Verdict::Unknown | Verdict::Unfounded => {
            Duration::ZERO
        }
    };
    if verdict == Verdict::Unfounded {
        context.commit(&[Event::BatchUnfounded {
            batch: batch.key.clone(),
        }])?;
        return Ok(Ended::Well);
    }
    if verdict == Verdict::Expired {
        tracing::error!(batch = %batch.key, fault = fault.message, "The provider no longer has the batch.");
        context.commit(&[Event::BatchExpired {
            batch: batch.key.clone(),
            reason: fault.message,
        }])?;
        return Ok(Ended::Well);
    }
    record(context, batch, &fault, verdict == Verdict::Held)?;
    if verdict == Verdict::Unknown {
        tracing::debug!(batch = %batch.key, fault = fault.message, "The provider does not know an announced batch.");
        return Ok(Ended::Failed(fault, at_least));
    }
    tracing::warn!(
        batch = %batch.key,
        kind = fault.kind.as_str(),
        fault = fault.message,
        held = verdict == Verdict::Held,
        "Collecting failed; it will be tried again."
    );
    Ok(Ended::Failed(fault, at_least))
}

/// Nobody looks at its updates any more.
pub(super) fn delete_spool(context: &Context, batch: &Batch) -> Result<Ended, StoreError> {
    let aside = SpoolDirectory::aside(&context.state);
    let deleted = context.spools.delete(&batch.key);
    if let Err(error) = deleted.and_then(|()| aside.delete(&batch.key)) {
        tracing::warn!(batch = %batch.key, %error, "The spool cannot be deleted; it will be tried again.");
        return Ok(Ended::Later(HELD));
    }
    context.commit(&[Event::SpoolDeleted {
        batch: batch.key.clone(),
    }])?;
    Ok(Ended::Well)
}
