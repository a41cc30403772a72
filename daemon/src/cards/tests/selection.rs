//! Whom we ask about: the rules one by one, and all of them against a model that takes its time.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::super::candidates::seconds;
use super::super::segment::Suppression;
use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn date(text: &str) -> Option<NaiveDate> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn days(days: i64) -> Option<TimeDelta> {
    Some(TimeDelta::days(days))
}

fn budget(left: u64) -> Option<Budget> {
    Some(Budget {
        cards_per_day: 10 + left,
        asked_today: 10,
    })
}

/// The verdict on one card that was last asked about so many hours ago.
fn verdict(next_billing: &str, asked_hours_ago: Option<i64>, rules: Rules) -> Verdict {
    let mut cards = Candidates::default();
    cards.add(fingerprint(1), date(next_billing));
    let mut cards = cards.sorted();
    if let Some(hours) = asked_hours_ago {
        let at = seconds(now() - TimeDelta::hours(hours));
        cards.asked_at(&mut vec![(fingerprint(1), at)]);
    }
    select(cards, &rules, None, now()).verdicts()[0]
}

#[test]
fn due_within_goes_by_the_date_of_the_next_billing() {
    let rules = Rules {
        due_within: days(14),
        ..Rules::default()
    };
    for (next_billing, expected) in [
        ("2026-11-22", Verdict::Ask),
        ("2026-12-06", Verdict::Ask),
        ("2026-12-07", Verdict::NotDue),
        ("2026-10-01", Verdict::Ask),
        ("", Verdict::NotDue),
    ] {
        assert_eq!(
            verdict(next_billing, None, rules),
            expected,
            "{next_billing}"
        );
    }
    let for_ever = Rules {
        due_within: Some(TimeDelta::MAX),
        ..Rules::default()
    };
    assert_eq!(verdict("2036-01-01", None, for_ever), Verdict::Ask);
    assert_eq!(verdict("2036-01-01", None, Rules::default()), Verdict::Ask);
    assert_eq!(verdict("", None, Rules::default()), Verdict::Ask);
}

#[test]
fn not_asked_within_is_over_when_the_time_is() {
    let rules = Rules {
        not_asked_within: days(25),
        ..Rules::default()
    };
    for (hours, expected) in [
        (None, Verdict::Ask),
        (Some(0), Verdict::AskedLately),
        (Some(25 * 24 - 1), Verdict::AskedLately),
        (Some(25 * 24), Verdict::Ask),
        // A clock that went back makes a question of the future, which is lately too.
        (Some(-1), Verdict::AskedLately),
    ] {
        assert_eq!(verdict("", hours, rules), expected, "{hours:?}");
    }
}

#[test]
fn ask_at_least_every_makes_due_and_never_overrides_not_asked_within() {
    let rules = Rules {
        due_within: days(14),
        ask_at_least_every: days(90),
        ..Rules::default()
    };
    for (hours, expected) in [
        (None, Verdict::Ask),
        (Some(90 * 24), Verdict::Ask),
        (Some(90 * 24 - 1), Verdict::NotDue),
    ] {
        assert_eq!(verdict("2027-12-01", hours, rules), expected, "{hours:?}");
        assert_eq!(verdict("", hours, rules), expected, "{hours:?}");
    }
    let both = Rules {
        not_asked_within: days(100),
        ..rules
    };
    assert_eq!(verdict("", Some(95 * 24), both), Verdict::AskedLately);
    assert_eq!(both.memory(), days(100));
    assert_eq!(rules.memory(), days(90));
    assert_eq!(Rules::default().memory(), None);
}

#[test]
fn a_suppressed_card_says_so_whatever_else_holds() {
    let mut cards = Candidates::default();
    cards.add(fingerprint(1), None);
    let mut cards = cards.sorted();
    cards.asked_at(&mut vec![(fingerprint(1), seconds(now()))]);
    cards.0[0].suppressed = Some(Suppression::Closed);
    let rules = Rules {
        due_within: days(1),
        not_asked_within: days(1),
        ..Rules::default()
    };
    let selection = select(cards, &rules, budget(0), now());
    assert_eq!(
        selection.verdicts(),
        [Verdict::Suppressed(Suppression::Closed)]
    );
}

/// The verdicts on cards of these fingerprints and billings.
fn verdicts(cards: &[(u32, &str)], rules: Rules, left: u64) -> Vec<Verdict> {
    let mut candidates = Candidates::default();
    for (number, next_billing) in cards {
        candidates.add(fingerprint(*number), date(next_billing));
    }
    let selection = select(candidates.sorted(), &rules, budget(left), now());
    selection.verdicts().to_vec()
}

#[test]
fn the_row_that_is_billed_soonest_stands_for_a_card() {
    use Verdict::{Ask, Doubled};
    let rules = Rules {
        due_within: days(14),
        ..Rules::default()
    };
    let cards = [
        (7, ""),
        (7, "2027-06-01"),
        (7, "2026-11-30"),
        (7, "2026-11-30"),
    ];
    assert_eq!(verdicts(&cards, rules, 9), [Doubled, Doubled, Ask, Doubled]);
}

#[test]
fn a_short_budget_goes_to_those_who_are_billed_soonest() {
    use Verdict::{Ask, OverBudget};
    let cards = [
        (5, ""),
        (4, "2026-12-03"),
        (3, "2026-12-01"),
        (2, "2026-12-03"),
        (1, ""),
    ];
    for (left, expected) in [
        (0, [OverBudget; 5]),
        (1, [OverBudget, OverBudget, Ask, OverBudget, OverBudget]),
        (2, [OverBudget, Ask, Ask, OverBudget, OverBudget]),
        (4, [Ask, Ask, Ask, Ask, OverBudget]),
        (5, [Ask; 5]),
    ] {
        assert_eq!(verdicts(&cards, Rules::default(), left), expected, "{left}");
    }
    let overdrawn = Budget {
        cards_per_day: 3,
        asked_today: 10,
    };
    let mut one = Candidates::default();
    one.add(fingerprint(1), None);
    let selection = select(one.sorted(), &Rules::default(), Some(overdrawn), now());
    assert_eq!(selection.verdicts(), [OverBudget]);
}

#[test]
fn a_verdict_takes_a_byte_and_a_candidate_32() {
    assert_eq!(size_of::<Verdict>(), 1);
    assert_eq!(size_of::<super::super::candidates::Candidate>(), 32);
}

/// An input and everything that is known, as one would write it on paper.
#[derive(Debug, Clone)]
struct Case {
    /// Fingerprint and next billing, in days from today.
    cards: Vec<(u32, Option<i64>)>,
    /// Fingerprint and how many hours ago it was asked about.
    asked: Vec<(u32, i64)>,
    suppressed: Vec<u32>,
    rules: Rules,
    left: Option<u64>,
}

fn case() -> impl Strategy<Value = Case> {
    let span = || prop::option::of((1..40_i64).prop_map(TimeDelta::days));
    let card = (0..40_u32, prop::option::of(-10..40_i64));
    (
        prop::collection::vec(card, 0..60),
        prop::collection::vec((0..40_u32, -24..1000_i64), 0..40),
        prop::collection::vec(0..40_u32, 0..6),
        (span(), span(), span()),
        prop::option::of(0..40_u64),
    )
        .prop_map(|(cards, asked, suppressed, spans, left)| Case {
            cards,
            asked,
            suppressed,
            rules: Rules {
                due_within: spans.0,
                not_asked_within: spans.1,
                ask_at_least_every: spans.2,
            },
            left,
        })
}

impl Case {
    fn billing(&self, at: usize) -> Option<NaiveDate> {
        let days = self.cards[at].1?;
        Some((now() + TimeDelta::days(days)).date_naive())
    }

    fn select(&self) -> Vec<Verdict> {
        let mut cards = Candidates::default();
        for at in 0..self.cards.len() {
            cards.add(fingerprint(self.cards[at].0), self.billing(at));
        }
        let mut cards = cards.sorted();
        for (number, hours) in &self.asked {
            let at = seconds(now() - TimeDelta::hours(*hours));
            cards.asked_at(&mut vec![(fingerprint(*number), at)]);
        }
        for card in &mut cards.0 {
            if self
                .suppressed
                .iter()
                .any(|one| fingerprint(*one) == card.fingerprint)
            {
                card.suppressed = Some(Suppression::OptedOut);
            }
        }
        let budget = self.left.and_then(budget);
        select(cards, &self.rules, budget, now())
            .verdicts()
            .to_vec()
    }

    /// The same, card by card, as the documentation says it.
    fn model(&self) -> Vec<Verdict> {
        let all = 0..self.cards.len();
        let soonest = |at: usize| (self.billing(at).unwrap_or(NaiveDate::MAX), at);
        let mut verdicts: Vec<_> = all
            .clone()
            .map(|at| {
                let mut same = all
                    .clone()
                    .filter(|other| self.cards[*other].0 == self.cards[at].0);
                match same.any(|other| soonest(other) < soonest(at)) {
                    true => Verdict::Doubled,
                    false => self.judge(at),
                }
            })
            .collect();
        let mut eligible: Vec<_> = all.filter(|at| verdicts[*at] == Verdict::Ask).collect();
        eligible.sort_by_key(|at| soonest(*at));
        for at in eligible
            .into_iter()
            .skip(self.left.map_or(usize::MAX, |left| left as usize))
        {
            verdicts[at] = Verdict::OverBudget;
        }
        verdicts
    }

    fn judge(&self, at: usize) -> Verdict {
        let number = self.cards[at].0;
        let asked = self.asked.iter().filter(|(one, _)| *one == number);
        let since = asked.map(|(_, hours)| TimeDelta::hours(*hours)).min();
        let Rules {
            due_within,
            not_asked_within,
            ask_at_least_every,
        } = self.rules;
        if self.suppressed.contains(&number) {
            return Verdict::Suppressed(Suppression::OptedOut);
        }
        if let (Some(since), Some(span)) = (since, not_asked_within)
            && since < span
        {
            return Verdict::AskedLately;
        }
        let billed_in = self.cards[at].1.map(TimeDelta::days);
        let due = match (due_within, billed_in) {
            (None, _) => true,
            (Some(span), Some(billed_in)) => billed_in <= span,
            (Some(_), None) => false,
        };
        let again = match (ask_at_least_every, since) {
            (Some(span), Some(since)) => since >= span,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if due || again {
            Verdict::Ask
        } else {
            Verdict::NotDue
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_card_gets_the_verdict_of_the_model(case in case()) {
        let verdicts = case.select();
        prop_assert_eq!(&verdicts, &case.model());
        prop_assert_eq!(&verdicts, &case.select());

        let mut asked: Vec<_> = verdicts
            .iter()
            .zip(&case.cards)
            .filter(|(verdict, _)| **verdict == Verdict::Ask)
            .map(|(_, (number, _))| number)
            .collect();
        let many = asked.len();
        asked.sort();
        asked.dedup();
        prop_assert_eq!(asked.len(), many, "a card is asked about twice");
        prop_assert!(case.left.is_none_or(|left| many as u64 <= left));
    }
}
