//! One call of `collect`: the updates of a batch go into a new spool, the answers to a submission by way
//! of the cards that it asked about.

use std::time::Duration;

use reissue_connector_api::{Collected, Fault, Totals, Verb};

use super::answers::{Answering, Reporting, refused};
use super::batch::Batch;
use super::change::subscribed;
use super::context::Context;
use super::event::CardCounts;
use crate::account::Account;
use crate::clock;
use crate::connector::{Loan, Updates};
use crate::spool::{Origin, SpoolDirectory, Spooled, Spooling, own_disk};
use crate::store::StoreError;
use crate::subscriptions::Pairs;

/// What a call came to.
pub(super) enum Fetched {
    /// The updates are durable under their names.
    Complete(Complete),
    /// The provider is not done, and perhaps says when to ask again.
    NotReady(Option<Duration>),
    /// The provider declined the batch, in its own words.
    Declined(String),
}

/// The updates of a batch.
pub(super) struct Complete {
    /// The provider's own counts.
    pub(super) totals: Totals,
    /// How many answers it gave.
    pub(super) read: u64,
    /// What is to be delivered.
    pub(super) spooled: Spooled,
    /// What became of the cards, of a submission.
    pub(super) cards: Option<CardCounts>,
}

pub(super) fn fetch(
    context: &Context,
    account: &Account,
    batch: &Batch,
) -> Result<Result<Fetched, Fault>, StoreError> {
    let pairs = match keeps_subscriptions(account, batch) {
        true => subscribed(context, batch)?,
        false => Ok(None),
    };
    Ok(pairs
        .map_err(|error| own_disk(&error))
        .and_then(|pairs| collected(context, account, batch, pairs)))
}

/// Whether what it reports is of subscribed cards.
fn keeps_subscriptions(account: &Account, batch: &Batch) -> bool {
    let job = account.connector.manifest().job(&batch.job);
    job.is_some_and(|job| job.verb == Verb::Subscribe)
}

fn collected(
    context: &Context,
    account: &Account,
    batch: &Batch,
    pairs: Option<Pairs>,
) -> Result<Fetched, Fault> {
    let _span = tracing::info_span!(
        "call",
        otel.name = "collect",
        verb = "collect",
        account = account.name,
        batch = %batch.key,
    )
    .entered();
    let origin = Origin {
        account: account.name.clone(),
        connector: account.connector.manifest().name,
        job: batch.job.clone(),
        batch: batch.outer_id().to_owned(),
        asked_at: batch.asked_at,
        collected_at: clock::now(),
    };
    let aside = SpoolDirectory::aside(&context.state);
    let spool = |directory| Spooling::of(directory, &batch.key, origin.clone(), &context.keyring);
    if batch.change.is_some() {
        // The provider said all at once.
        let complete = refused(context, account, batch, pairs, spool(&context.spools))?;
        return Ok(Fetched::Complete(complete));
    }
    if keeps_subscriptions(account, batch) {
        let (updates, aside) = (spool(&context.spools), spool(&aside));
        let mut reports = Reporting::of(context, account, batch, pairs, updates, aside)?;
        let collected = call(context, account, batch, &mut reports)?;
        return fetched(collected, |totals| reports.finish(totals));
    }
    if batch.cards.is_none() {
        let mut updates = spool(&context.spools);
        let collected = call(context, account, batch, &mut updates)?;
        return fetched(collected, |totals| {
            let spooled = updates.finish()?;
            Ok(Complete {
                totals,
                read: spooled.counts.sum(),
                spooled,
                cards: None,
            })
        });
    }
    let (updates, aside) = (spool(&context.spools), spool(&aside));
    let mut answers = Answering::to(context, account, batch, updates, aside)?;
    let collected = match batch.is_wholly_refused() {
        // There is nothing to ask for.
        true => Collected::Complete {
            totals: Totals::default(),
        },
        false => call(context, account, batch, &mut answers)?,
    };
    fetched(collected, |totals| {
        answers.finish(totals, account.no_change)
    })
}

fn call(
    context: &Context,
    account: &Account,
    batch: &Batch,
    updates: &mut dyn Updates,
) -> Result<Collected, Fault> {
    let instance = account.instance()?;
    let call = account.egress.call(0, context.stop.clone());
    let mut loan = Loan::for_collect(call, updates, account.connector.manifest().pans);
    let outcome = instance.collect(&mut loan, &batch.for_connector());
    loan.settle(outcome)
}

fn fetched(
    collected: Collected,
    complete: impl FnOnce(Totals) -> Result<Complete, Fault>,
) -> Result<Fetched, Fault> {
    match collected {
        Collected::Complete { totals } => complete(totals).map(Fetched::Complete),
        Collected::NotReady { retry_after } => Ok(Fetched::NotReady(retry_after)),
        Collected::Failed(reason) => Ok(Fetched::Declined(reason)),
    }
}
