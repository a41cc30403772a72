//! The brake: why a person must look at a batch before billing acts on it, as a pure function.
//!
//! A report lists changes only, so nothing can be said of their share; there a number may be set. The
//! answers to a submission have a share, and one that is too large speaks of a mistake, ours or the
//! provider's.

use reissue_config::Brake;

use super::event::OutcomeCount;

/// A submission of fewer cards has no share that means something.
const FEWEST: u64 = 100;

/// What an account allows.
#[derive(Debug, Clone, Copy)]
pub struct Brakes {
    /// The most updates of one batch.
    pub updates: Option<u64>,
    /// The largest shares of a submission.
    pub shares: Brake,
}

/// Why the batch is held, if it is; `cards` is how many a submission asked about.
pub(super) fn brake(
    brakes: &Brakes,
    counts: &[OutcomeCount],
    cards: Option<u64>,
) -> Option<String> {
    let updates = counts.iter().map(|row| row.count).sum::<u64>();
    if let Some(most) = brakes.updates.filter(|most| updates > *most) {
        return Some(format!(
            "it has {updates} updates, more than the account's brake_updates = {most}"
        ));
    }
    let cards = cards.filter(|cards| *cards >= FEWEST)?;
    let of = |outcomes: &[&str]| {
        let rows = counts
            .iter()
            .filter(|row| outcomes.contains(&&*row.outcome));
        rows.map(|row| row.count).sum::<u64>()
    };
    let shares = [
        ("closed", of(&["closed"]), brakes.shares.closed),
        (
            "changed",
            of(&["new_number", "new_expiry"]),
            brakes.shares.changed,
        ),
    ];
    let (what, count, most) = shares
        .into_iter()
        .find(|(_, count, most)| count * 100 > cards * u64::from(*most))?;
    Some(format!(
        "{count} of the {cards} cards that were asked about came back {what}, more than the account's \
         brake.{what} = {most} percent"
    ))
}
