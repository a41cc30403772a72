//! The run of a submission before the provider has it: send it once, or ask whether it arrived.
//!
//! The intent is durable before the first byte leaves, and a request that may have arrived is never
//! repeated by itself: what is not certain is asked for (`reconcile`), and in the end a person decides.

use std::time::Duration;

use reissue_connector_api::{Fault, Found, Kind, Receipt, Reconciled, Submission, mask_pans};

use super::batch::{Batch, State};
use super::change;
use super::context::Context;
use super::deadlines::Deadlines;
use super::ended::{Ended, note, record};
use super::event::Event;
use super::key::BatchKey;
use super::pace::Task;
use super::receipt::believed;
use super::verdict::{HELD, Sent, on_submission, reconcile_again};
use crate::account::Account;
use crate::cards::{CardsReader, SealedFile, unreadable, write_refusals};
use crate::clock;
use crate::connector::Loan;
use crate::egress::Stop;
use crate::spool::own_disk;
use crate::store::StoreError;

/// Sends a planned submission.
pub(super) fn submit(
    context: &Context,
    account: &Account,
    batch: &Batch,
) -> Result<Ended, StoreError> {
    if let Some(change) = batch.change {
        return change::send(context, account, batch, change);
    }
    let file = SealedFile::submission(&context.state, &batch.key.account, &batch.key.id);
    let cards = match CardsReader::open(&file, &context.keyring) {
        Ok(cards) => cards,
        Err(error) => return fail(context, batch, unreadable(&error)),
    };
    context.commit(&[Event::SubmissionSending {
        batch: batch.key.clone(),
    }])?;
    let answer = send(account, batch, cards);
    context.note_answer(account, &Task::Batch(batch.key.clone()), &answer);
    let answer = match answer {
        Ok(receipt) => believed(context, batch, receipt)?,
        Err(fault) => Err(fault),
    };
    match answer {
        Ok(receipt) => accepted(context, account, batch, receipt),
        Err(fault) => not_accepted(context, batch, fault),
    }
}

/// Asks the provider whether it has a submission that may have arrived.
pub(super) fn reconcile(
    context: &Context,
    account: &Account,
    batch: &Batch,
) -> Result<Ended, StoreError> {
    if batch.state == State::Sending {
        context.commit(&[Event::SubmissionUncertain {
            batch: batch.key.clone(),
            fault: note(&Fault::new(
                Kind::Unreachable,
                "the daemon ended while it was being sent",
            )),
        }])?;
        // At once, with what is known now.
        return Ok(Ended::Later(Duration::ZERO));
    }
    let answer = ask(context, account, batch);
    context.note_answer(account, &Task::Batch(batch.key.clone()), &answer);
    match answer {
        Ok(Reconciled::Accepted(receipt)) => match believed(context, batch, receipt)? {
            Ok(receipt) => accepted(context, account, batch, receipt),
            Err(fault) => not_seen(context, batch, &fault.message),
        },
        Ok(Reconciled::NotSeen) => not_seen(context, batch, "the provider does not show it"),
        Ok(Reconciled::Unknowable) => hold(
            context,
            batch,
            "the provider cannot be asked whether it has it",
        ),
        Err(fault) if fault.kind == Kind::Cancelled => Ok(Ended::Later(Duration::ZERO)),
        Err(fault) => {
            record(context, batch, &fault, false)?;
            Ok(Ended::Failed(fault, Duration::ZERO))
        }
    }
}

/// The provider has the submission.
pub(crate) fn accept(
    account: &Account,
    batch: &Batch,
    found: Found,
    refused: u64,
    by: Option<String>,
) -> Event {
    // The provider says when, or it was while the request was under way.
    let asked_at = batch.asked_at.unwrap_or(batch.known_since);
    // Not before it was there nor in the future, whatever the provider's clock says: what is looked for
    // at another time than the provider's is looked for too late.
    let created = found.created.unwrap_or(asked_at);
    let created = created.min(clock::now()).max(batch.known_since);
    let job = account.connector.manifest().job(&batch.job);
    let deadlines = Deadlines::of(job.map(|job| account.timing(job)), created);
    Event::SubmissionAccepted {
        batch: batch.key.clone(),
        refused,
        first_poll: match batch.cards.map(u64::from) {
            // Nothing will be answered, so nothing is waited for.
            Some(cards) if cards == refused || batch.change.is_some() => created,
            _ => deadlines.first_poll,
        },
        purge: match batch.change {
            // The provider keeps nothing for us.
            Some(_) => None,
            None => found.purge.or(deadlines.purge),
        },
        overdue: deadlines.overdue,
        found,
        by,
    }
}

fn send(account: &Account, batch: &Batch, cards: CardsReader) -> Result<Receipt, Fault> {
    let _span = span("submit", account, batch).entered();
    let instance = account.instance()?;
    // A daemon that is to end waits for this answer: without it nobody would know what was paid for.
    let mut loan = Loan::for_submit(account.egress.call(1, Stop::default()), cards);
    let outcome = instance.submit(&mut loan, &batch.job, &submission(batch));
    let has_posted = loan.has_posted();
    let receipt = loan.settle(outcome)?;
    has_sent_what_it_took(has_posted, receipt.refused.len(), batch)?;
    Ok(receipt)
}

/// What a connector refuses by itself needs no request, and anything else does.
pub(super) fn has_sent_what_it_took(
    has_posted: bool,
    refused: usize,
    batch: &Batch,
) -> Result<(), Fault> {
    match has_posted || refused as u64 >= u64::from(submission(batch).cards) {
        true => Ok(()),
        false => Err(Fault::garbled(
            "the connector says that the provider took the cards, and it sent nothing that the provider \
             took: tell its author",
        )),
    }
}

fn ask(context: &Context, account: &Account, batch: &Batch) -> Result<Reconciled, Fault> {
    let _span = span("reconcile", account, batch).entered();
    let instance = account.instance()?;
    let mut loan = Loan::without_updates(account.egress.call(0, context.stop.clone()));
    let outcome = instance.reconcile(&mut loan, &batch.job, &submission(batch));
    loan.settle(outcome)
}

pub(super) fn span(verb: &'static str, account: &Account, batch: &Batch) -> tracing::Span {
    tracing::info_span!(
        "call",
        otel.name = verb,
        verb,
        account = account.name,
        batch = %batch.key,
    )
}

pub(super) fn submission(batch: &Batch) -> Submission {
    Submission {
        id: batch.key.id.clone(),
        cards: batch.cards.unwrap_or(0),
    }
}

pub(super) fn accepted(
    context: &Context,
    account: &Account,
    batch: &Batch,
    receipt: Receipt,
) -> Result<Ended, StoreError> {
    let refused = receipt.refused.len() as u64;
    // First of all, because nobody else may ever name the provider's id again.
    tracing::info!(
        batch = %batch.key,
        provider_id = receipt.found.id,
        cards = batch.cards,
        refused,
        "The provider has the submission."
    );
    let file = SealedFile::refusals(&context.state, &batch.key.account, &batch.key.id);
    if refused > 0
        && let Err(error) = write_refusals(&file, &receipt.refused, &context.keyring)
    {
        let mut fault = own_disk(&error);
        fault.message = format!(
            "the provider has it as {}, and which cards it refused cannot be kept: {}",
            receipt.found.id, fault.message
        );
        context.commit(&[Event::SubmissionUncertain {
            batch: batch.key.clone(),
            fault: note(&fault),
        }])?;
        return Ok(Ended::Failed(fault, Duration::ZERO));
    }
    context.commit(&[accept(account, batch, receipt.found, refused, None)])?;
    Ok(Ended::Well)
}

pub(super) fn not_accepted(
    context: &Context,
    batch: &Batch,
    mut fault: Fault,
) -> Result<Ended, StoreError> {
    if let Some(masked) = mask_pans(&fault.message) {
        fault.message = masked;
    }
    let key = batch.key.clone();
    let verdict = on_submission(&fault);
    tracing::warn!(
        batch = %key,
        kind = fault.kind.as_str(),
        fault = fault.message,
        ?verdict,
        "A submission was not accepted."
    );
    let returned = Event::SubmissionReturned {
        batch: key.clone(),
        fault: note(&fault),
    };
    match verdict {
        Sent::No => {
            context.commit(&[returned])?;
            Ok(Ended::Failed(fault, Duration::ZERO))
        }
        // It was sent before: what the provider refuses may be that it comes again.
        Sent::Refused if batch.doubted => uncertain(context, key, &fault),
        Sent::Refused => {
            context.commit(&[Event::BatchRefused {
                batch: key,
                reason: fault.message,
            }])?;
            Ok(Ended::Well)
        }
        Sent::Held => {
            let held = Event::BatchFailed {
                batch: key,
                fault: note(&fault),
                held: true,
            };
            context.commit(&[returned, held])?;
            Ok(Ended::Failed(fault, HELD))
        }
        Sent::Unknown => uncertain(context, key, &fault),
    }
}

fn uncertain(context: &Context, batch: BatchKey, fault: &Fault) -> Result<Ended, StoreError> {
    context.commit(&[Event::SubmissionUncertain {
        batch,
        fault: note(fault),
    }])?;
    Ok(Ended::Later(Duration::ZERO))
}

/// That the provider does not show it does not prove that it was not received: listings lag.
fn not_seen(context: &Context, batch: &Batch, why: &str) -> Result<Ended, StoreError> {
    match reconcile_again(clock::now() - batch.changed) {
        Some(after) => Ok(Ended::Later(after)),
        None => hold(context, batch, why),
    }
}

fn hold(context: &Context, batch: &Batch, why: &str) -> Result<Ended, StoreError> {
    let before = batch.fault.as_ref().map(|fault| fault.message.as_str());
    let message = match before {
        Some(before) => format!("{before}; {why}"),
        None => why.to_owned(),
    };
    tracing::error!(batch = %batch.key, why = message, "A person must say whether the provider has it.");
    context.commit(&[Event::BatchFailed {
        batch: batch.key.clone(),
        fault: note(&Fault::new(Kind::Unreachable, message)),
        held: true,
    }])?;
    Ok(Ended::Well)
}

pub(super) fn fail(context: &Context, batch: &Batch, fault: Fault) -> Result<Ended, StoreError> {
    record(context, batch, &fault, false)?;
    Ok(Ended::Failed(fault, Duration::ZERO))
}
