//! `reissue plan`: what a slot would ask if it ran now. Nothing is sent, and nothing is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Failed;
use super::choice::Planning;
use crate::account::Account;
use crate::cards::{Candidates, CardOnFile, TokenKind, Verdict};
use crate::clock;
use crate::generation::Schedule;
use crate::ledger::context::Context;
use crate::source::{Reject, Source};

/// What a slot would ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// As of when.
    pub at: DateTime<Utc>,
    /// The files of the source, those first that are read.
    pub files: Vec<PreviewedFile>,
    /// How many cards wait since an earlier slot, whose day's budget had no room for them.
    pub waited: u64,
    /// How many cards there are in all.
    pub cards: u64,
    /// How many of them meet with each verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// How many are asked about.
    pub ask: u64,
    /// In how many submissions.
    pub submissions: u64,
    /// How many cards a submission may hold.
    pub largest_submission: u32,
    /// How many cards the account may ask about in a day (UTC).
    pub cards_per_day: Option<u64>,
    /// How many of these the day's submissions hold already.
    pub asked_today: u64,
    /// How many are left for the day after this slot.
    pub left_today: Option<u64>,
}

/// A file of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What becomes of it.
    #[serde(flatten)]
    pub fate: FileFate,
}

/// What a slot makes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileFate {
    /// It is read.
    Ready {
        /// How many valid cards it holds.
        cards: u64,
        /// How many of them are asked about.
        ask: u64,
        /// How many rows are rejected.
        rejected: u64,
        /// The first of those.
        rejects: Vec<Reject>,
    },
    /// It may still be growing: a slot waits for it, for an hour at most.
    Settling {
        /// When it counts, if it does not change until then.
        until: DateTime<Utc>,
    },
    /// It is not read.
    Refused {
        /// What is wrong with it.
        why: String,
    },
}

/// What the slot of a schedule would do now.
///
/// # Errors
/// One sentence: what the slot would fail of.
pub fn preview(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    source: &Source,
) -> Result<Preview, String> {
    let planning = Planning {
        context,
        account,
        schedule,
        source,
        now: clock::now(),
    };
    planned(&planning).map_err(|why| why.to_string())
}

fn planned(planning: &Planning<'_>) -> Result<Preview, Failed> {
    let slots = planning.context.store.slots(&planning.schedule.name)?;
    let slots = slots.unwrap_or_default();
    let look = planning.look(&slots.inputs)?;
    let mut candidates = Candidates::default();
    let mut kinds: Vec<Option<TokenKind>> = Vec::new();
    let mut take = |card: &CardOnFile<'_>, fingerprint| {
        candidates.add(fingerprint, card.next_billing);
        kinds.push(card.number.token_kind());
        Ok(())
    };
    let waited = planning.read_deferred(slots.deferred.as_ref(), &mut take)?;
    let read = planning.read(
        &look.ready,
        |file, today, with| Ok((file.identity().path.clone(), file.preview(today, with)?)),
        take,
    )?;
    let choice = planning.choose(candidates)?;
    let (_, mut verdicts) = choice.selection.verdicts().split_at(waited as usize);
    let mut files = Vec::new();
    for (path, held) in read.files {
        let own;
        (own, verdicts) = verdicts.split_at(held.cards as usize);
        let asked = own.iter().filter(|verdict| **verdict == Verdict::Ask);
        let fate = FileFate::Ready {
            cards: held.cards,
            ask: asked.count() as u64,
            rejected: held.rejected,
            rejects: held.rejects,
        };
        files.push(PreviewedFile { path, fate });
    }
    files.extend(look.settling.into_iter().map(|file| PreviewedFile {
        path: file.path,
        fate: FileFate::Settling { until: file.until },
    }));
    let left_out = look.refused.into_iter().chain(read.left_out);
    files.extend(left_out.map(|error| PreviewedFile {
        fate: FileFate::Refused {
            why: error.why.to_string(),
        },
        path: error.path,
    }));
    let asks = choice.selection.verdicts().iter();
    let ask = asks.filter(|verdict| **verdict == Verdict::Ask).count() as u64;
    let largest_submission = planning.largest();
    let budget = choice.budget;
    Ok(Preview {
        at: planning.now,
        files,
        waited,
        cards: kinds.len() as u64,
        verdicts: choice.verdicts(),
        ask,
        submissions: choice.selection.submissions(kinds, largest_submission),
        largest_submission,
        cards_per_day: budget.map(|budget| budget.cards_per_day),
        asked_today: budget.map_or(0, |budget| budget.asked_today),
        left_today: budget.map(|budget| budget.left().saturating_sub(ask)),
    })
}
