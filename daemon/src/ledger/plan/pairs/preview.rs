//! `reissue subscriptions`: where the pairs of an account stand, and what its next slot would change.
//! Nothing is sent, and nothing is written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::known::Known;
use crate::account::Account;
use crate::cards::{CardOnFile, Fingerprint, Number};
use crate::clock;
use crate::generation::Schedule;
use crate::ledger::context::Context;
use crate::ledger::plan::Failed;
use crate::ledger::plan::choice::Planning;
use crate::ledger::plan::recall::asked_today;
use crate::source::Source;
use crate::subscriptions::{Standing, difference, write_key};

/// Where an account's subscriptions stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standings {
    /// As of when.
    pub at: DateTime<Utc>,
    /// The schedule that keeps them.
    pub schedule: String,
    /// How many pairs the source wanted when it was last read.
    pub wanted: u64,
    /// How many pairs stand where.
    pub pairs: BTreeMap<Standing, u64>,
    /// What the next slot changes.
    pub next: NextSlot,
}

/// What the next slot changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextSlot {
    /// How many pairs the source holds now; none where nothing is handed in.
    pub given: Option<u64>,
    /// Why a file of the source cannot be read, so that nothing is changed.
    pub unreadable: Option<String>,
    /// How many pairs are added.
    pub add: u64,
    /// How many are removed.
    pub remove: u64,
    /// How many additions wait for another day's budget.
    pub over_budget: u64,
    /// How many pairs the source lacks that it had before.
    pub missing: u64,
    /// Whether those are so many that a person must say it is right.
    pub waits: bool,
}

/// A pair, its number masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairView {
    /// What the customer knows the card by.
    pub reference: String,
    /// The card.
    pub pan_masked: String,
    /// The merchant number.
    pub se_number: String,
    /// What the provider knows the pair by.
    pub key: String,
    /// Whether the source wants it.
    pub wanted: bool,
    /// Where it stands.
    pub stands: Standing,
}

/// Where the pairs of an account stand, and what the next slot changes; `with` is shown every pair.
///
/// # Errors
/// One sentence: what cannot be read.
pub fn preview(
    context: &Context,
    account: &Account,
    schedule: &Schedule,
    source: &Source,
    with: &mut dyn FnMut(PairView),
) -> Result<Standings, String> {
    let planning = Planning {
        context,
        account,
        schedule,
        source,
        now: clock::now(),
    };
    standings(&planning, with).map_err(|why| why.to_string())
}

fn standings(planning: &Planning<'_>, with: &mut dyn FnMut(PairView)) -> Result<Standings, Failed> {
    let Planning {
        context,
        account,
        schedule,
        ..
    } = *planning;
    // No slot puts another file of subscriptions in the place of the one that is known.
    let _alone = context.planning();
    let slots = context.store.slots(&schedule.name)?.unwrap_or_default();
    let mut known = Known::read(context, account, slots.subscriptions.as_ref())?;
    let mut standings = Standings {
        at: planning.now,
        schedule: schedule.name.clone(),
        wanted: known.rows.iter().filter(|row| row.wanted).count() as u64,
        pairs: BTreeMap::new(),
        next: next(planning, &known, slots.may_lack)?,
    };
    let rows = std::mem::take(&mut known.rows);
    let Some(mut pairs) = known.pairs.take() else {
        return Ok(standings);
    };
    for position in 0..pairs.len() {
        let Some((card, _, subscription)) = pairs.at(position)? else {
            continue;
        };
        let row = rows[position as usize];
        *standings.pairs.entry(row.standing).or_default() += 1;
        let mut key = String::new();
        write_key(subscription.number, &mut key);
        with(PairView {
            reference: card.reference.to_owned(),
            pan_masked: match card.number {
                Number::Pan(pan) => pan.masked(),
                Number::Token(..) => String::new(),
            },
            se_number: card.se_number.to_owned(),
            key,
            wanted: row.wanted,
            stands: row.standing,
        });
    }
    Ok(standings)
}

fn next(planning: &Planning<'_>, known: &Known, may_lack: Option<u64>) -> Result<NextSlot, Failed> {
    let (given, unreadable) = match given(planning) {
        Ok(given) => (given, None),
        Err(Failed::Source(error)) => (None, Some(error.to_string())),
        Err(error) => return Err(error),
    };
    let budget = match planning.account.cards_per_day {
        Some(most) => most.saturating_sub(asked_today(planning)?),
        None => u64::MAX,
    };
    let difference = difference(&known.rows, given.as_deref(), budget);
    let missing = difference.missing;
    Ok(NextSlot {
        given: given.map(|given| given.len() as u64),
        unreadable,
        add: difference.adds(),
        remove: difference.removes(),
        over_budget: difference.over_budget,
        missing: missing.missing,
        waits: missing.is_sudden() && may_lack < Some(missing.missing),
    })
}

/// The pairs that the source holds now; none where nothing is handed in.
fn given(planning: &Planning<'_>) -> Result<Option<Vec<Fingerprint>>, Failed> {
    let look = planning.look(&[])?;
    if let Some(error) = look.refused.into_iter().next() {
        return Err(error.into());
    }
    if look.ready.is_empty() {
        return Ok(None);
    }
    let fingerprints = planning.account.fingerprints(&planning.context.keyring);
    let mut pairs = Vec::new();
    let read = planning.read(
        &look.ready,
        |file, today, with| file.preview(today, with),
        |card: &CardOnFile<'_>, fingerprint| {
            pairs.push(fingerprints.pair(fingerprint, card.se_number));
            Ok(())
        },
    )?;
    match read.left_out.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(Some(pairs)),
    }
}
