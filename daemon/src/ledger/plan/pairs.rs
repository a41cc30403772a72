//! The run of a slot whose job keeps subscriptions: what the source wants is compared with what is at the
//! provider, and the difference becomes submissions.
//!
//! The order is that of [`plan`](super): the new file of the account's subscriptions is durable, then one
//! record names it, its submissions and the files of the source, then the files go. Only slots write that
//! file. What happens in between is in the ledger's batches and in small files of their own, and the next
//! slot takes it in (`known`).

mod came;
mod known;
mod preview;
mod wanted;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use reissue_connector_api::{Fault, Kind};

use self::known::Known;
pub use self::preview::{NextSlot, PairView, Standings, preview};
use self::wanted::Handed;
use self::write::{Written, write};
use super::choice::Planning;
use super::recall::asked_today;
use super::{Failed, fault_of, key, leave_out, put_away, served};
use crate::cards::SealedFile;
use crate::ledger::ended::Ended;
use crate::ledger::event::Event;
use crate::ledger::slots::{OpenSlot, Slots};
use crate::spool::own_disk;
use crate::store::StoreError;
use crate::subscriptions::{Difference, Given, Missing, Step, difference};
use crate::wording::counted;

pub(super) fn run(
    planning: &Planning<'_>,
    slots: &Slots,
    open: &OpenSlot,
) -> Result<Result<Ended, Fault>, StoreError> {
    match serve(planning, slots, open) {
        Ok(served) => Ok(served),
        Err(Failed::State(error)) => Err(error),
        Err(Failed::Source(error)) => Ok(Err(fault_of(&error))),
        Err(Failed::Sealing(error)) => Ok(Err(own_disk(&error))),
    }
}

fn serve(
    planning: &Planning<'_>,
    slots: &Slots,
    open: &OpenSlot,
) -> Result<Result<Ended, Fault>, Failed> {
    let Planning {
        context,
        account,
        schedule,
        now,
        ..
    } = *planning;
    let mut wanted = match wanted::read(planning, open)? {
        Handed::Settling(until) => {
            tracing::info!(
                schedule = schedule.name,
                %until,
                "A file of cards may still be growing; the slot waits for it."
            );
            let wait = (until - now).to_std().unwrap_or(Duration::from_secs(1));
            return Ok(Ok(Ended::Later(wait)));
        }
        Handed::Nothing => None,
        Handed::All(wanted) => Some(wanted),
    };
    // Nobody else spends the day's budget meanwhile.
    let _alone = context.planning();
    let mut known = Known::read(context, account, slots.subscriptions.as_ref())?;
    let budget = match account.cards_per_day {
        Some(most) => most.saturating_sub(asked_today(planning)?),
        None => u64::MAX,
    };
    let given = wanted.as_ref().map(|wanted| wanted.pairs.as_slice());
    let difference = difference(&known.rows, given, budget);
    if difference.missing.is_sudden() && slots.may_lack < Some(difference.missing.missing) {
        return Ok(Err(lacks(&account.name, difference.missing)));
    }
    let mut events = Vec::new();
    let mut planned = 0;
    if wanted.is_some() || known.has_news() || difference.adds() + difference.removes() > 0 {
        let Written { file, submissions } = write(
            planning,
            slots,
            &mut known,
            wanted.as_deref_mut(),
            &difference,
        )?;
        planned = submissions.len() as u64;
        tracing::info!(
            schedule = schedule.name,
            pairs = file.pairs,
            adds = difference.adds(),
            removes = difference.removes(),
            over_budget = difference.over_budget,
            submissions = planned,
            "The changes of the subscriptions are planned."
        );
        events.extend(submissions.into_iter().map(|one| Event::SubmissionPlanned {
            batch: key(account, &one.id),
            job: schedule.job.name.to_owned(),
            schedule: schedule.name.clone(),
            cards: one.pairs,
            change: Some(one.change),
        }));
        events.push(Event::SubscriptionsWritten {
            schedule: schedule.name.clone(),
            file,
        });
    }
    let files = wanted.map(|wanted| wanted.files).unwrap_or_default();
    if !files.is_empty() {
        events.push(Event::CardsTaken {
            schedule: schedule.name.clone(),
            files: files.clone(),
            waited: 0,
            verdicts: verdicts(&difference),
            deferred: None,
        });
    }
    events.extend(leave_out(schedule, slots, &[]));
    let cards = files.iter().map(|file| file.cards).sum();
    let rewritten = events
        .iter()
        .any(|event| matches!(event, Event::SubscriptionsWritten { .. }));
    events.push(served(schedule, open, now, cards, planned));
    context.commit(&events)?;
    put_away(context, &schedule.name, &files)?;
    if rewritten {
        let before = slots
            .subscriptions
            .as_ref()
            .map(|file| SealedFile::subscriptions(&context.state, &account.name, &file.name));
        before.into_iter().chain(known.taken_in).for_each(forget);
    }
    Ok(Ok(Ended::Well))
}

/// A crash before this leaves files that the next start sweeps, or that change nothing when they are taken
/// in once more.
fn forget(file: SealedFile) {
    if let Err(error) = file.delete() {
        tracing::warn!(%error, "A file that was read for the last time cannot be deleted.");
    }
}

fn lacks(account: &str, missing: Missing) -> Fault {
    Fault::new(
        Kind::Settings,
        format!(
            "the source lacks {} that it had before, of {}: nothing is changed. Hand in all that is \
             wanted; or, if it is right, `reissue subscriptions {account} --may-lack {}`, which lets \
             them be removed",
            counted(missing.missing, "pair"),
            missing.of,
            missing.missing
        ),
    )
}

/// How many rows of the source met with each verdict.
fn verdicts(difference: &Difference) -> BTreeMap<String, u64> {
    let mut verdicts = BTreeMap::new();
    for given in &difference.given {
        let word = match given {
            Given::Known(_) => "known",
            Given::New(Step::Add) => "add",
            Given::New(_) => "over_budget",
            Given::Doubled => "doubled",
        };
        *verdicts.entry(word.to_owned()).or_default() += 1;
    }
    verdicts
}
