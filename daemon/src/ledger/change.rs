//! The run of a submission that changes subscriptions.
//!
//! An addition is sent once, as a question is: a pair that is added twice may be paid for twice. A removal
//! is repeated until the provider has confirmed it, since a pair that stays costs money for ever.

use std::collections::HashSet;
use std::time::Duration;

use reissue_connector_api::{Fault, Found, FoundState, Receipt, Refused, mask_pans};

use super::batch::Batch;
use super::context::Context;
use super::ended::{Ended, note};
use super::event::{Change, Event};
use super::pace::Task;
use super::submit::{accepted, fail, has_sent_what_it_took, not_accepted, span, submission};
use super::verdict::{HELD, Verdict, on_removal};
use crate::account::Account;
use crate::cards::SealedFile;
use crate::connector::Loan;
use crate::egress::Stop;
use crate::seal::SealError;
use crate::spool::own_disk;
use crate::store::StoreError;
use crate::subscriptions::Pairs;

/// Sends a planned change, or a removal once more.
pub(super) fn send(
    context: &Context,
    account: &Account,
    batch: &Batch,
    change: Change,
) -> Result<Ended, StoreError> {
    let pairs = match subscribed(context, batch)? {
        Ok(Some(pairs)) => pairs,
        Ok(None) => return fail(context, batch, Fault::settings(NO_PAIRS)),
        Err(error) => return fail(context, batch, own_disk(&error)),
    };
    context.commit(&[Event::SubmissionSending {
        batch: batch.key.clone(),
    }])?;
    let answer = call(account, batch, change, pairs);
    context.note_answer(account, &Task::Batch(batch.key.clone()), &answer);
    match answer {
        Ok(refused) => done(context, account, batch, refused),
        Err(fault) if change == Change::Remove => not_removed(context, batch, fault),
        Err(fault) => not_accepted(context, batch, fault),
    }
}

/// What a journal says that was put in place of a newer one.
const NO_PAIRS: &str = "the ledger knows no file of the account's subscriptions, so nothing can be sent: \
                        was an older journal put back? Give the batch up with `--as abandon`";

/// The account's subscriptions, as the schedule of a batch keeps them; none where it has kept none yet.
pub(super) fn subscribed(
    context: &Context,
    batch: &Batch,
) -> Result<Result<Option<Pairs>, SealError>, StoreError> {
    // No slot puts another file in its place meanwhile.
    let _alone = context.planning();
    let slots = context.store.slots(&batch.schedule)?;
    let Some(file) = slots.and_then(|slots| slots.subscriptions) else {
        return Ok(Ok(None));
    };
    let file = SealedFile::subscriptions(&context.state, &batch.key.account, &file.name);
    Ok(Pairs::open(&file, &context.keyring).map(Some))
}

fn call(
    account: &Account,
    batch: &Batch,
    change: Change,
    pairs: Pairs,
) -> Result<Vec<Refused>, Fault> {
    let verb = match change {
        Change::Add => "subscribe",
        Change::Remove => "unsubscribe",
    };
    let _span = span(verb, account, batch).entered();
    let instance = account.instance()?;
    let pairs = pairs.of_submission(&batch.key.id);
    // A daemon that is to end waits for this answer: without it nobody would know what was paid for.
    let mut loan = Loan::for_submit(account.egress.call(1, Stop::default()), pairs);
    let given = submission(batch);
    let outcome = match change {
        Change::Add => instance.subscribe(&mut loan, &batch.job, &given),
        Change::Remove => instance.unsubscribe(&mut loan, &batch.job, &given),
    };
    let has_posted = loan.has_posted();
    let refused = loan.settle(outcome)?;
    has_sent_what_it_took(has_posted, refused.len(), batch)?;
    Ok(refused)
}

fn done(
    context: &Context,
    account: &Account,
    batch: &Batch,
    refused: Vec<Refused>,
) -> Result<Ended, StoreError> {
    let pairs = subscribed(context, batch)?;
    let refused = match pairs.and_then(|pairs| asked(batch, pairs, refused)) {
        Ok(refused) => refused,
        Err(error) => {
            let mut fault = own_disk(&error);
            fault.sent = true;
            return not_accepted(context, batch, fault);
        }
    };
    let found = Found::new(&batch.key.id, FoundState::Ready);
    let receipt = Receipt {
        found,
        accepted: None,
        refused,
    };
    accepted(context, account, batch, receipt)
}

/// Those that were refused of the pairs that were sent, each once.
fn asked(
    batch: &Batch,
    pairs: Option<Pairs>,
    refused: Vec<Refused>,
) -> Result<Vec<Refused>, SealError> {
    let Some(mut pairs) = pairs else {
        return Ok(Vec::new());
    };
    let mut seen = HashSet::new();
    let mut asked = Vec::with_capacity(refused.len());
    for one in refused {
        let sent = pairs
            .find(&one.key)?
            .filter(|(_, _, pair)| pair.is_in(&batch.key.id));
        match sent {
            Some((_, _, pair)) if seen.insert(pair.number) => asked.push(one),
            _ => tracing::warn!(
                batch = %batch.key,
                "The provider refused a pair that was not sent, or one of them twice."
            ),
        }
    }
    Ok(asked)
}

fn not_removed(context: &Context, batch: &Batch, mut fault: Fault) -> Result<Ended, StoreError> {
    if let Some(masked) = mask_pans(&fault.message) {
        fault.message = masked;
    }
    let key = batch.key.clone();
    let held = on_removal(&fault) == Verdict::Held;
    tracing::warn!(
        batch = %key,
        kind = fault.kind.as_str(),
        fault = fault.message,
        held,
        "A removal is not confirmed; it will be sent again."
    );
    let returned = Event::SubmissionReturned {
        batch: key.clone(),
        fault: note(&fault),
    };
    if !held {
        context.commit(&[returned])?;
        return Ok(Ended::Failed(fault, Duration::ZERO));
    }
    let held = Event::BatchFailed {
        batch: key,
        fault: note(&fault),
        held,
    };
    context.commit(&[returned, held])?;
    Ok(Ended::Failed(fault, HELD))
}
