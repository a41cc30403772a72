//! What to add and what to remove, so that the provider has what the source wants. A pure function: what is
//! known, what is wanted, and how much may be added come in, one step for every pair comes out.
//!
//! A pair that a submission is under way for is left alone until it is known what became of it. One of which
//! nobody will ever know is removed first, since a removal may be repeated and an addition may not; if it is
//! wanted, it is added at the slot after.

use std::collections::{BTreeMap, HashSet};

use super::Standing;
use crate::cards::Fingerprint;

/// The share of the wanted pairs, in percent, that a source may lack at once without a person.
const LACKS: u64 = 20;

/// A pair that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its card and merchant number.
    pub pair: Fingerprint,
    /// The pair of the source that it stands for.
    pub replaces: Option<Fingerprint>,
    /// Whether the source wanted it.
    pub wanted: bool,
    /// Where it stands.
    pub standing: Standing,
    /// Whether a submission is under way for it.
    pub under_way: bool,
}

/// What becomes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Leave,
    /// A submission adds it.
    Add,
    /// A submission removes it.
    Remove,
    /// It is forgotten.
    Forget,
}

/// What becomes of a row of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is the known pair in that row.
    Known(u32),
    /// It is new.
    New(Step),
    /// Another row is the same pair.
    Doubled,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// For each known pair, whether it is wanted now and what becomes of it.
    pub known: Vec<(bool, Step)>,
    /// For each row of the source what becomes of it; empty where nothing was handed in.
    pub given: Vec<Given>,
    /// How much of what was wanted the source lacks now.
    pub missing: Missing,
    /// How many additions wait for another day's budget.
    pub over_budget: u64,
}

/// How many pairs a source lacks that it had before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missing {
    /// So many.
    pub missing: u64,
    /// Of so many.
    pub of: u64,
}

impl Missing {
    /// Whether a person must say that this is right: a file that broke off would cost every other card
    /// its subscription.
    pub fn is_sudden(self) -> bool {
        self.missing * 100 > self.of * LACKS
    }
}

impl Difference {
    /// How many pairs are added.
    pub fn adds(&self) -> u64 {
        let new = self
            .given
            .iter()
            .filter(|one| **one == Given::New(Step::Add));
        self.count(Step::Add) + new.count() as u64
    }

    /// How many pairs are removed.
    pub fn removes(&self) -> u64 {
        self.count(Step::Remove)
    }

    fn count(&self, step: Step) -> u64 {
        self.known.iter().filter(|known| known.1 == step).count() as u64
    }
}

/// Compares. `given` is what the source hands in, in its order, and none where it hands in nothing: then
/// what was wanted still is. At most `budget` pairs are added, those first that stand for another one.
pub fn difference(rows: &[Row], given: Option<&[Fingerprint]>, budget: u64) -> Difference {
    let mut difference = Difference::default();
    let mut left = budget;
    let mut claimed = Claims::of(rows);
    let wanted: Vec<bool> = match given {
        None => rows
            .iter()
            .map(|row| row.wanted && !claimed.is_superseded(row))
            .collect(),
        Some(given) => {
            difference.given = claimed.match_with(given);
            let mut wanted = vec![false; rows.len()];
            for one in &difference.given {
                if let Given::Known(row) = one {
                    wanted[*row as usize] = true;
                }
            }
            let before = rows.iter().zip(&wanted).filter(|(row, _)| row.wanted);
            let before = before.filter(|(row, _)| !claimed.is_superseded(row));
            for (_, wanted) in before {
                difference.missing.of += 1;
                difference.missing.missing += u64::from(!wanted);
            }
            wanted
        }
    };
    let mut add = |over_budget: &mut u64| match left.checked_sub(1) {
        Some(less) => {
            left = less;
            Step::Add
        }
        None => {
            *over_budget += 1;
            Step::Leave
        }
    };
    difference.known = vec![(false, Step::Leave); rows.len()];
    for first in [true, false] {
        for (at, (row, wanted)) in rows.iter().zip(&wanted).enumerate() {
            if row.replaces.is_some() != first {
                continue;
            }
            let step = match (row.standing, wanted) {
                _ if row.under_way => Step::Leave,
                (Standing::Subscribed | Standing::Refused, true) => Step::Leave,
                (Standing::Absent | Standing::Refused, false) => Step::Forget,
                (Standing::Absent, true) => add(&mut difference.over_budget),
                (Standing::Subscribed, false) | (Standing::Unknown, _) => Step::Remove,
                // Nobody knows what came of a submission that is not under way any more.
                (Standing::Adding | Standing::Removing, _) => Step::Remove,
            };
            difference.known[at] = (*wanted, step);
        }
    }
    for one in &mut difference.given {
        if let Given::New(step) = one {
            *step = add(&mut difference.over_budget);
        }
    }
    difference
}

/// Which row a pair of the source means.
struct Claims {
    /// By the pair itself, or by the one that it replaces.
    rows: BTreeMap<Fingerprint, u32>,
    /// Pairs in whose place another one stands.
    superseded: HashSet<Fingerprint>,
}

impl Claims {
    fn of(rows: &[Row]) -> Self {
        let superseded: HashSet<_> = rows.iter().filter_map(|row| row.replaces).collect();
        let numbered = || rows.iter().zip(0_u32..);
        let own = numbered().map(|(row, at)| (row.pair, at));
        let replaced = numbered().filter_map(|(row, at)| Some((row.replaces?, at)));
        Self {
            // What replaces a pair comes before the pair itself.
            rows: own.chain(replaced).collect(),
            superseded,
        }
    }

    fn is_superseded(&self, row: &Row) -> bool {
        self.superseded.contains(&row.pair)
    }

    fn match_with(&mut self, given: &[Fingerprint]) -> Vec<Given> {
        let mut seen = HashSet::with_capacity(given.len());
        let verdicts = given.iter().map(|pair| match self.rows.get(pair) {
            _ if !seen.insert(*pair) => Given::Doubled,
            Some(row) => Given::Known(*row),
            None => Given::New(Step::Add),
        });
        verdicts.collect()
    }
}
