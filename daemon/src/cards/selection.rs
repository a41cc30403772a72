//! Whom to ask about: a pure function of what is known of each card.
//!
//! A card is judged in this order, and the first that applies is its verdict:
//!
//! 1. **Doubled.** Another row of the input is the same card. The row that is billed soonest stands
//!    for all of them; among equals the first.
//! 2. **Suppressed.** An earlier answer says that asking is of no use, and nobody lifted that.
//! 3. **Asked lately.** `not_asked_within` is set, and less than that ago the card was asked about.
//!    Nothing overrides it: it is what keeps a question from being paid for twice.
//! 4. **Not due.** `due_within` is set, and the next billing is later than that, or unknown. Two
//!    things make a card due all the same: a billing that has passed, since a charge that failed is
//!    tried again; and `ask_at_least_every`, where the card was never asked about, or that long ago
//!    or longer. Without `due_within` every card is due.
//! 5. **Over the budget.** More cards are left than the day's budget. Those that are billed soonest
//!    are asked about, those without a known billing last, and among equals the first of the input.
//!
//! A billing is a date, so a card is due until the end of the day (UTC) in which `due_within` ends.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::candidates::Candidate;
use super::segment::Suppression;
use super::{Remembered, TokenKind};

/// What a schedule says about time. Each is longer than zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Ask only about cards whose next billing is at most this far ahead.
    pub due_within: Option<TimeDelta>,
    /// Never ask about a card that was asked about less than this ago.
    pub not_asked_within: Option<TimeDelta>,
    /// With `due_within`: ask about a card that is not due too, once this has passed since it was
    /// asked about. Shorter than `not_asked_within` it would say nothing.
    pub ask_at_least_every: Option<TimeDelta>,
}

impl Rules {
    /// How far back it matters whether a card was asked about; none if it does not.
    pub fn memory(&self) -> Option<TimeDelta> {
        self.not_asked_within.max(self.ask_at_least_every)
    }
}

/// How many cards an account may still be asked about today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// `cards_per_day` of the account.
    pub cards_per_day: u64,
    /// How many cards the day's submissions hold already.
    pub asked_today: u64,
}

impl Budget {
    /// How many are left for today.
    pub fn left(&self) -> u64 {
        self.cards_per_day.saturating_sub(self.asked_today)
    }
}

/// What becomes of one card of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is asked about.
    Ask,
    /// It is billed too late, or nobody knows when.
    NotDue,
    /// It was asked about a short while ago.
    AskedLately,
    /// An earlier answer says that asking is of no use.
    Suppressed(Suppression),
    /// Another row of the input is the same card.
    Doubled,
    /// The day's budget is used up; it waits for the schedule's next slot, which judges it anew.
    OverBudget,
}

impl Verdict {
    /// Its word in events and listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::NotDue => "not_due",
            Self::AskedLately => "asked_lately",
            Self::Suppressed(why) => why.as_str(),
            Self::Doubled => "doubled",
            Self::OverBudget => "over_budget",
        }
    }
}

/// The verdict on every card of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// In the order of the input.
    verdicts: Vec<Verdict>,
}

impl Selection {
    /// The verdicts, in the order of the input.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// How many cards met with each verdict; they add up to the input.
    pub fn counts(&self) -> BTreeMap<Verdict, u64> {
        let mut counts = BTreeMap::new();
        for verdict in &self.verdicts {
            *counts.entry(*verdict).or_default() += 1;
        }
        counts
    }

    /// How many submissions of at most `largest` cards it takes to ask, where these are the kinds of
    /// all cards of the input, in its order: a submission holds one kind.
    pub fn submissions(
        &self,
        kinds: impl IntoIterator<Item = Option<TokenKind>>,
        largest: u32,
    ) -> u64 {
        let mut asked: BTreeMap<Option<TokenKind>, u64> = BTreeMap::new();
        for (verdict, kind) in self.verdicts.iter().zip(kinds) {
            *asked.entry(kind).or_default() += u64::from(*verdict == Verdict::Ask);
        }
        let largest = u64::from(largest);
        asked.values().map(|cards| cards.div_ceil(largest)).sum()
    }
}

/// Decides about every card of an input.
pub fn select(
    cards: Remembered,
    rules: &Rules,
    budget: Option<Budget>,
    now: DateTime<Utc>,
) -> Selection {
    let mut cards = cards.0;
    let mut verdicts = vec![Verdict::Ask; cards.len()];
    let mut last = None;
    cards.retain(|card| {
        let doubled = last.replace(card.fingerprint) == Some(card.fingerprint);
        let verdict = if doubled {
            Verdict::Doubled
        } else {
            judge(card, rules, now)
        };
        verdicts[card.position as usize] = verdict;
        verdict == Verdict::Ask
    });
    for card in beyond(budget, &mut cards) {
        verdicts[card.position as usize] = Verdict::OverBudget;
    }
    Selection { verdicts }
}

fn judge(card: &Candidate, rules: &Rules, now: DateTime<Utc>) -> Verdict {
    let asked_within = |span: TimeDelta| card.asked_at().is_some_and(|at| now - at < span);
    if let Some(why) = card.suppressed {
        return Verdict::Suppressed(why);
    }
    if rules.not_asked_within.is_some_and(asked_within) {
        return Verdict::AskedLately;
    }
    let due = rules.due_within.is_none_or(|span| {
        let end = now.checked_add_signed(span);
        let horizon = end.map_or(NaiveDate::MAX, |end| end.date_naive());
        card.next_billing.is_some_and(|billing| billing <= horizon)
    });
    let asked_long_ago = rules
        .ask_at_least_every
        .is_some_and(|span| !asked_within(span));
    if due || asked_long_ago {
        Verdict::Ask
    } else {
        Verdict::NotDue
    }
}

/// The cards that the budget has no room for.
fn beyond(budget: Option<Budget>, cards: &mut [Candidate]) -> &[Candidate] {
    let left = budget.map_or(u64::MAX, |budget| budget.left());
    match usize::try_from(left) {
        Ok(left) if left < cards.len() => {
            cards.select_nth_unstable_by_key(left, urgency);
            &cards[left..]
        }
        _ => &[],
    }
}

fn urgency(card: &Candidate) -> (NaiveDate, u32) {
    (card.next_billing.unwrap_or(NaiveDate::MAX), card.position)
}
