//! What the source wants: pairs of card and merchant number (SE), each in a row of a file.

use std::collections::HashSet;
use std::fmt::Write;

use fastrand::Rng;
use reissue_tests::{amex, pan};

use crate::round::Change;

/// A card is subscribed at so many merchant numbers.
const SE_NUMBERS: [&str; 3] = ["9876543210", "1234567890", "12334567890"];
/// The cards of pairs that no connector takes, and those that take the place of others, have numbers far
/// from the rest.
const REFUSED: u64 = 1_000_000;
const RENUMBERED: u64 = 2_000_000;

/// What is wanted, was wanted, and was never wanted yet.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Is wanted now.
    pub(crate) pairs: Vec<Pair>,
    /// Was, and may be again.
    gone: Vec<Pair>,
    /// The numbers of all cards that were handed in.
    pub(crate) cards: HashSet<String>,
    new: u64,
    refused: u64,
    /// The numbers that took the place of others.
    renumbered: HashSet<String>,
    references: u64,
}

/// A pair.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    /// Another one each time that it is wanted again.
    pub(crate) reference: String,
    /// The card's number, as the source knows it.
    pub(crate) pan: String,
    /// Its number by now.
    pub(crate) number: String,
    /// The merchant number.
    pub(crate) se_number: String,
}

impl Wanted {
    /// Changes what is wanted.
    pub(crate) fn change(&mut self, change: &Change, random: &mut Rng) {
        for _ in 0..change.gone.min(self.pairs.len() as u64 / 6) {
            self.lose(random);
        }
        if change.learns {
            for pair in &mut self.pairs {
                pair.pan.clone_from(&pair.number);
            }
        }
        for _ in 0..change.back.min(self.gone.len() as u64) {
            let pair = self.gone.swap_remove(random.usize(..self.gone.len()));
            self.want(pair.pan, &pair.se_number);
        }
        for _ in 0..change.new {
            let se_number = SE_NUMBERS[self.new as usize % SE_NUMBERS.len()];
            self.want(amex(self.new / SE_NUMBERS.len() as u64), se_number);
            self.new += 1;
        }
        for _ in 0..change.refused {
            let number = REFUSED + self.refused;
            match self.refused % 2 {
                0 => self.want(amex(number), ""),
                _ => self.want(pan(number), SE_NUMBERS[0]),
            }
            self.refused += 1;
        }
    }

    /// Half of them are wanted no longer.
    pub(crate) fn halve(&mut self, random: &mut Rng) {
        for _ in 0..self.pairs.len() / 2 {
            self.lose(random);
        }
    }

    /// A card that is to get another number, once in its life; and the number.
    pub(crate) fn renumbers(&mut self, random: &mut Rng) -> Option<(String, String)> {
        let from = random.usize(..=self.pairs.len());
        let mut pairs = self.pairs[from..].iter();
        let pair = pairs.find(|it| !it.is_refused() && !self.renumbered.contains(&it.number))?;
        let card = pair.number.clone();
        // Only the slots could tell whether it is to come back under the old number.
        self.gone.retain(|pair| pair.pan != card);
        let number = amex(RENUMBERED + self.renumbered.len() as u64);
        self.renumbered.insert(number.clone());
        self.cards.insert(number.clone());
        Some((card, number))
    }

    /// The card of this pair has another number now.
    pub(crate) fn is_renumbered(&mut self, card: &str, se_number: &str, number: &str) {
        for pair in &mut self.pairs {
            if pair.number == card && pair.se_number == se_number {
                number.clone_into(&mut pair.number);
            }
        }
    }

    /// The rows of all that is wanted, in any order.
    pub(crate) fn rows(&self, random: &mut Rng) -> Vec<String> {
        let mut rows: Vec<String> = self.pairs.iter().map(Pair::row).collect();
        random.shuffle(&mut rows);
        rows
    }

    /// A row of a pair that has another one.
    pub(crate) fn doubled(&mut self, random: &mut Rng) -> Option<String> {
        let from = random.usize(..=self.pairs.len());
        let mut pairs = self.pairs[from..].iter().filter(|pair| !pair.is_refused());
        let reference = format!("again-{}", self.references);
        self.references += 1;
        Some(
            Pair {
                reference,
                ..pairs.next()?.clone()
            }
            .row(),
        )
    }

    fn want(&mut self, pan: String, se_number: &str) {
        self.references += 1;
        self.cards.insert(pan.clone());
        self.pairs.push(Pair {
            reference: format!("order-{}", self.references),
            number: pan.clone(),
            pan,
            se_number: se_number.to_owned(),
        });
    }

    fn lose(&mut self, random: &mut Rng) {
        let pair = self.pairs.swap_remove(random.usize(..self.pairs.len()));
        // Whether one is rejected again, or stands for the old number still, would be as the slots fall.
        if !pair.is_refused() && pair.number == pair.pan {
            self.gone.push(pair);
        }
    }
}

impl Pair {
    /// Whether no connector takes it.
    pub(crate) fn is_refused(&self) -> bool {
        self.se_number.is_empty() || !self.pan.starts_with("37")
    }

    fn row(&self) -> String {
        let Self {
            reference,
            pan,
            se_number,
            ..
        } = self;
        format!("{reference},{pan},2031-04,{se_number}")
    }
}

/// A file of these rows.
pub(crate) fn file<'r>(rows: impl IntoIterator<Item = &'r String>) -> String {
    let mut text = "reference,pan,expiry,se_number\n".to_owned();
    for row in rows {
        writeln!(text, "{row}").unwrap();
    }
    text
}

/// A number as people see it.
pub(crate) fn masked(pan: &str) -> String {
    let hidden = "X".repeat(pan.len() - 10);
    format!("{}{hidden}{}", &pan[..6], &pan[pan.len() - 4..])
}
