//! What the ledger knows of a schedule: which slots were served, which one is open.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::{Deferred, Event, FaultNote, Subscriptions};
use crate::source::{LeftOut, Taken};

/// The slots of one schedule, as the fold of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slots {
    /// The schedule's cron line and zone when its slots began to count.
    pub times: String,
    /// When its slots began to count.
    pub set: DateTime<Utc>,
    /// Slots after this instant are due: the last slot, or when the schedule was set.
    pub since: DateTime<Utc>,
    /// The slot whose run is under way or will be tried again.
    pub open: Option<OpenSlot>,
    /// The last slot that was served.
    pub served: Option<ServedSlot>,
    /// When a run of this schedule last found a batch that was new.
    pub last_new_batch: Option<DateTime<Utc>>,
    /// Files whose cards are in submissions, and that are not yet deleted or moved away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Taken>,
    /// Files that the last slot did not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Reject files of the last slot, with their rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejects: BTreeMap<PathBuf, u64>,
    /// What the last input came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Cards that wait for the next slot, because the day's budget had no room for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<Deferred>,
    /// The file of the account's subscriptions, of a schedule that keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<Subscriptions>,
    /// How many pairs the source may lack that it had before, because a person said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_lack: Option<u64>,
    /// How many slots nobody was there to serve.
    pub missed: u64,
    /// How many slots fell due while the one before was still open.
    pub overlapped: u64,
}

/// What became of the rows of an input: each was rejected or is a card, and each card, of these or those
/// that had waited, met with one verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// When its cards were durable.
    pub at: DateTime<Utc>,
    /// How many files it was.
    pub files: u64,
    /// How many rows were rejected.
    pub rejected: u64,
    /// How many valid cards there were.
    pub cards: u64,
    /// How many cards had waited since an earlier slot.
    #[serde(default)]
    pub waited: u64,
    /// How many of them met with each verdict; those to `ask` about are in submissions.
    pub verdicts: BTreeMap<String, u64>,
}

/// A slot that is being served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSlot {
    /// The planned instant.
    pub slot: DateTime<Utc>,
    /// How far back it looks, where a person said so.
    pub since: Option<DateTime<Utc>>,
    /// Why it has not been served yet.
    pub fault: Option<FaultNote>,
}

/// A slot that was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedSlot {
    /// The planned instant.
    pub slot: DateTime<Utc>,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when its listing is complete.
    pub covered: DateTime<Utc>,
    /// How many batches it showed.
    pub listed: u64,
    /// How many of them were new.
    pub new: u64,
}

impl Slots {
    /// The slots after one more event.
    pub fn apply(before: Option<Self>, event: &Event, at: DateTime<Utc>) -> Self {
        let mut slots = before.unwrap_or_default();
        match event {
            Event::ScheduleSet { times, .. } => {
                slots.times.clone_from(times);
                slots.set = at;
                slots.since = at;
            }
            Event::SlotOpened {
                slot,
                missed,
                asked_by,
                since,
                ..
            } => {
                slots.missed += u64::from(*missed);
                // A slot that a person asked for leaves the schedule's own rhythm alone.
                if asked_by.is_none() {
                    slots.since = slots.since.max(*slot);
                }
                slots.rejects.clear();
                slots.open = Some(OpenSlot {
                    slot: *slot,
                    since: *since,
                    fault: None,
                });
            }
            Event::SlotsMissed { slot, missed, .. } => {
                slots.missed += u64::from(*missed);
                slots.since = slots.since.max(*slot);
            }
            Event::SlotOverlapped { slot, .. } => {
                slots.overlapped += 1;
                slots.since = slots.since.max(*slot);
            }
            Event::SlotFailed { fault, .. } => {
                if let Some(open) = &mut slots.open {
                    open.fault = Some(fault.clone());
                }
            }
            Event::SlotServed {
                slot,
                covered,
                listed,
                new,
                ..
            } => {
                // A person may have opened another one meanwhile.
                slots.open.take_if(|open| open.slot == *slot);
                slots.served = Some(ServedSlot {
                    slot: *slot,
                    at,
                    covered: *covered,
                    listed: *listed,
                    new: *new,
                });
                if *new > 0 {
                    slots.last_new_batch = Some(at);
                }
            }
            Event::CardsTaken {
                files,
                waited,
                verdicts,
                deferred,
                ..
            } => {
                slots.deferred.clone_from(deferred);
                slots.inputs.clone_from(files);
                let rejects = files.iter().filter_map(|file| {
                    let path = file.rejects.clone()?;
                    Some((path, file.rejected))
                });
                slots.rejects = rejects.collect();
                slots.input = Some(Input {
                    at,
                    files: files.len() as u64,
                    rejected: files.iter().map(|file| file.rejected).sum(),
                    cards: files.iter().map(|file| file.cards).sum(),
                    waited: *waited,
                    verdicts: verdicts.clone(),
                });
            }
            Event::SubscriptionsWritten { file, .. } => {
                slots.subscriptions = Some(file.clone());
                slots.may_lack = None;
            }
            Event::MissingAccepted { missing, .. } => slots.may_lack = Some(*missing),
            Event::InputsLeftOut { files, .. } => slots.left_out.clone_from(files),
            Event::InputsFinished { .. } => slots.inputs.clear(),
            _ => {}
        }
        slots
    }
}
