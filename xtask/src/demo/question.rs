//! Files of cards, as a billing system hands them over. The cards are test cards that the providers
//! publish, and one that each has nothing good to say about.

use std::fs;

use anyhow::{Context, Result};

use crate::scene::{Asks, World};

/// A file of cards, and whom it is for.
pub(super) struct Question {
    /// Whom its schedule asks, or subscribes the cards with.
    pub(super) whom: Asks,
    csv: &'static str,
}

/// The file of cards to subscribe.
pub(super) const SUBSCRIBED: Question = Question {
    whom: Asks::Amex,
    csv: include_str!("cards/amex.csv"),
};

/// A file for each provider that can be asked.
pub(super) const QUESTIONS: [Question; 3] = [
    Question {
        whom: Asks::CardSync,
        csv: include_str!("cards/cardsync.csv"),
    },
    Question {
        whom: Asks::BlueSnap,
        csv: include_str!("cards/bluesnap.csv"),
    },
    Question {
        whom: Asks::SmartpayFuse,
        csv: include_str!("cards/smartpayfuse.csv"),
    },
];

/// All files.
pub(super) fn files() -> impl Iterator<Item = &'static Question> {
    QUESTIONS.iter().chain([&SUBSCRIBED])
}

impl Question {
    /// Hands the file over as a producer should: written under a hidden name, so that nobody reads half
    /// of it, and then renamed.
    pub(super) fn hand_over(&self, world: &World) -> Result<()> {
        let folder = world.cards(self.whom);
        let hidden = folder.join(".cards.csv");
        fs::write(&hidden, self.csv)
            .and_then(|()| fs::rename(&hidden, folder.join("cards.csv")))
            .with_context(|| format!("cannot put a file into {}", folder.display()))
    }

    /// Reference and card number, or token, of each row.
    pub(super) fn cards(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let rows = self.csv.lines().skip(1);
        rows.filter_map(|row| {
            let (reference, rest) = row.split_once(',')?;
            Some((reference, rest.split(',').next()?))
        })
    }
}
