//! The run of a slot whose job asks about cards: its submissions are planned once, in one record.
//!
//! The order is what makes it so: the submissions are durable, then the record that names them and the
//! files that they came from, then the files go. A crash before the record leaves nothing that counts; a
//! crash after it leaves files that are known to be taken.
//!
//! `choice` decides whom to ask about and `recall` what is remembered of them, for the slot as for its
//! [`preview()`].

mod choice;
pub mod pairs;
mod preview;
mod recall;

use std::sync::MutexGuard;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::{Fault, Kind, Verb};

use self::choice::{Choice, Planning};
pub use self::preview::{FileFate, Preview, PreviewedFile, preview};
pub use self::recall::ASKED_KEPT;
use super::context::Context;
use super::ended::Ended;
use super::event::{Deferred, Event};
use super::key::BatchKey;
use super::slots::{OpenSlot, Slots};
use crate::account::Account;
use crate::cards::{CardOnFile, Intake, Named, SealedFile, Submitted};
use crate::clock;
use crate::generation::Schedule;
use crate::seal::SealError;
use crate::source::{LeftOut, Source, SourceError, Taken};
use crate::spool::own_disk;
use crate::store::StoreError;

/// How long a slot waits for files that are still written to: one that is copied when the slot falls
/// due belongs to it, and one that never ends must not keep the others.
const GROWS: TimeDelta = TimeDelta::hours(1);

/// What became of the source.
enum Plan<'c> {
    /// These cards, in these submissions; and the files that are left out. Nobody else plans until it
    /// is committed.
    Made {
        alone: MutexGuard<'c, ()>,
        files: Vec<Taken>,
        waited: u64,
        choice: Choice,
        submitted: Submitted,
        left_out: Vec<SourceError>,
    },
    /// A file may still be growing.
    Settling(DateTime<Utc>),
    /// There is no file that can be read.
    Nothing { left_out: Vec<SourceError> },
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A sealed file cannot be read or written.
    #[error(transparent)]
    Sealing(#[from] SealError),
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] StoreError),
}

pub(super) fn run(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    source: &Source,
    slots: &Slots,
    open: &OpenSlot,
) -> Result<Result<Ended, Fault>, StoreError> {
    if let Err(error) = finish_inputs(context, &schedule.name, &slots.inputs)? {
        return Ok(Err(fault_of(&error)));
    }
    let now = clock::now();
    let planning = Planning {
        context,
        account,
        schedule,
        source,
        now,
    };
    if schedule.job.verb == Verb::Subscribe {
        return pairs::run(&planning, slots, open);
    }
    let (alone, files, waited, choice, submitted, left_out) = match plan(&planning, slots, open) {
        Ok(Plan::Made {
            alone,
            files,
            waited,
            choice,
            submitted,
            left_out,
        }) => (alone, files, waited, choice, submitted, left_out),
        Ok(Plan::Settling(until)) => {
            tracing::info!(
                schedule = schedule.name,
                %until,
                "A file of cards may still be growing; the slot waits for it."
            );
            let wait = (until - now).to_std().unwrap_or(Duration::from_secs(1));
            return Ok(Ok(Ended::Later(wait)));
        }
        Ok(Plan::Nothing { left_out }) => {
            let mut events = Vec::from_iter(leave_out(schedule, slots, &left_out));
            events.push(served(schedule, open, now, 0, 0));
            context.commit(&events)?;
            return Ok(Ok(Ended::Well));
        }
        Err(Failed::State(error)) => return Err(error),
        Err(Failed::Source(error)) => return Ok(Err(fault_of(&error))),
        Err(Failed::Sealing(error)) => return Ok(Err(own_disk(&error))),
    };
    let Submitted { planned, deferred } = submitted;
    let verdicts = choice.verdicts();
    let cards = files.iter().map(|file| file.cards).sum();
    for (file, rejects) in files
        .iter()
        .filter_map(|it| Some((it, it.rejects.as_ref()?)))
    {
        tracing::warn!(
            schedule = schedule.name,
            file = %file.file.path.display(),
            rows = file.rejected,
            rejects = %rejects.display(),
            "Rows of a file of cards are not asked about."
        );
    }
    tracing::info!(
        schedule = schedule.name,
        cards,
        submissions = planned.len(),
        ?verdicts,
        "The slot's submissions are planned."
    );
    let mut events: Vec<Event> = planned
        .iter()
        .map(|one| Event::SubmissionPlanned {
            batch: key(account, &one.id),
            job: schedule.job.name.to_owned(),
            schedule: schedule.name.clone(),
            cards: one.cards,
            change: None,
        })
        .collect();
    let new = planned.len() as u64;
    events.push(Event::CardsTaken {
        schedule: schedule.name.clone(),
        files: files.clone(),
        waited,
        verdicts,
        deferred: (deferred > 0).then(|| Deferred {
            file: named_after(open),
            cards: deferred,
        }),
    });
    events.extend(leave_out(schedule, slots, &left_out));
    events.push(served(schedule, open, now, cards, new));
    context.commit(&events)?;
    drop(alone);
    put_away(context, &schedule.name, &files)?;
    let read = slots
        .deferred
        .as_ref()
        .map(|it| planning.deferred(&it.file));
    for file in choice.outdated.into_iter().chain(read) {
        if let Err(error) = file.delete() {
            tracing::warn!(%error, "A file that was read for the last time cannot be deleted.");
        }
    }
    Ok(Ok(Ended::Well))
}

/// Deletes or moves away the files whose cards are durable. What cannot be now is tried again when the
/// daemon starts or reloads, and before the source is next looked at.
pub(super) fn put_away(
    context: &Context,
    schedule: &str,
    inputs: &[Taken],
) -> Result<(), StoreError> {
    if let Err(error) = finish_inputs(context, schedule, inputs)? {
        tracing::error!(schedule, %error, "A file that was read cannot be put away.");
    }
    Ok(())
}

/// Says which files were not read; and that there are none any more.
fn leave_out(schedule: &Schedule, slots: &Slots, refused: &[SourceError]) -> Option<Event> {
    let mut files = Vec::with_capacity(refused.len());
    for error in refused {
        tracing::error!(schedule = schedule.name, %error, "A file of cards is not read.");
        files.extend(LeftOut::of(error));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    (!files.is_empty() || !slots.left_out.is_empty()).then(|| Event::InputsLeftOut {
        schedule: schedule.name.clone(),
        files,
    })
}

fn served(
    schedule: &Schedule,
    open: &OpenSlot,
    now: DateTime<Utc>,
    listed: u64,
    new: u64,
) -> Event {
    Event::SlotServed {
        schedule: schedule.name.clone(),
        slot: open.slot,
        covered: now,
        listed,
        new,
    }
}

fn plan<'c>(planning: &Planning<'c>, slots: &Slots, open: &OpenSlot) -> Result<Plan<'c>, Failed> {
    let Planning {
        context,
        account,
        schedule,
        now,
        ..
    } = *planning;
    // Those that were taken are put away by now.
    let look = planning.look(&[])?;
    let mut left_out = look.refused;
    match look.settling.iter().map(|one| one.until).max() {
        Some(until) if now - open.slot < GROWS => return Ok(Plan::Settling(until)),
        _ => left_out.extend(look.settling.into_iter().map(|one| one.grows())),
    }
    let (state, keyring) = (&context.state, &context.keyring);
    let mut intake = Intake::begin(
        &SealedFile::intake(state, &account.name, &schedule.name),
        keyring,
    )?;
    let mut take = |card: &CardOnFile<'_>, fingerprint| Ok(intake.add(card, fingerprint)?);
    let waited = planning.read_deferred(slots.deferred.as_ref(), &mut take)?;
    let read = planning.read(
        &look.ready,
        |file, today, with| file.read(today, with),
        take,
    )?;
    left_out.extend(read.left_out);
    if read.files.is_empty() && waited == 0 {
        return Ok(Plan::Nothing { left_out });
    }
    let (candidates, taken) = intake.complete()?;
    // Not before all is read: files may lie where reading takes long.
    let alone = context.planning();
    let choice = planning.choose(candidates)?;
    let deferred = planning.deferred(&named_after(open));
    let (chosen, largest) = (&choice.selection, planning.largest());
    let submitted = taken.submit(chosen, largest, keyring, &deferred, || {
        let id = new_id(now);
        Named {
            cards: SealedFile::submission(state, &account.name, &id),
            asked: SealedFile::asked(state, &account.name, &id),
            id,
        }
    })?;
    Ok(Plan::Made {
        alone,
        files: read.files,
        waited,
        choice,
        submitted,
        left_out,
    })
}

/// What the file of a slot's deferred cards is called.
fn named_after(open: &OpenSlot) -> String {
    open.slot.timestamp_micros().to_string()
}

fn finish_inputs(
    context: &Context,
    schedule: &str,
    inputs: &[Taken],
) -> Result<Result<(), SourceError>, StoreError> {
    if inputs.is_empty() {
        return Ok(Ok(()));
    }
    // One that cannot go keeps none of the others, which may hold card numbers.
    let mut failed = None;
    for taken in inputs {
        failed = failed.or(taken.done().err());
    }
    if let Some(error) = failed {
        return Ok(Err(error));
    }
    context.commit(&[Event::InputsFinished {
        schedule: schedule.to_owned(),
    }])?;
    Ok(Ok(()))
}

fn fault_of(error: &SourceError) -> Fault {
    Fault::new(Kind::Settings, error.to_string())
}

fn key(account: &Account, id: &str) -> BatchKey {
    BatchKey {
        account: account.name.clone(),
        id: id.to_owned(),
    }
}

/// An id that no other submission has: at most 25 characters of `[a-z0-9-]`, those of a day side by side.
/// Its chance is letters: digits beside those of the date may look like a card number, and be masked.
pub(super) fn new_id(now: DateTime<Utc>) -> String {
    let mut chance = [0; 12];
    // The generator of AWS-LC ends the process rather than return predictable bytes.
    aws_lc_rs::rand::fill(&mut chance).expect("AWS-LC's generator does not fail");
    let letters = chance.map(|byte| char::from(b'a' + byte % 16));
    now.format("%Y%m%d-").to_string() + &String::from_iter(letters)
}
