//! Whom a slot asks about: all that a slot and its preview have in common, so that a slot does what
//! its preview said.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::Failed;
use super::recall::recall;
use crate::account::Account;
use crate::cards::{
    Budget, Candidates, CardOnFile, CardsReader, Fingerprint, SealedFile, Selection, select,
};
use crate::generation::Schedule;
use crate::ledger::context::Context;
use crate::ledger::event::Deferred;
use crate::source::{Card, CardFile, Look, Source, SourceError, Taken};

/// The planning of a slot at one instant.
#[derive(Clone, Copy)]
pub(super) struct Planning<'p> {
    pub(super) context: &'p Context,
    pub(super) account: &'p Account,
    pub(super) schedule: &'p Schedule,
    pub(super) source: &'p Source,
    pub(super) now: DateTime<Utc>,
}

/// What was read of the files.
pub(super) struct Read<T> {
    /// What each file that was read came to.
    pub(super) files: Vec<T>,
    /// What is wrong with the others.
    pub(super) left_out: Vec<SourceError>,
}

/// Whom the slot asks about.
pub(super) struct Choice {
    pub(super) selection: Selection,
    pub(super) budget: Option<Budget>,
    /// Files of fingerprints that no slot looks back to any more.
    pub(super) outdated: Vec<SealedFile>,
}

impl Choice {
    /// How many cards met with each verdict, by its word.
    pub(super) fn verdicts(&self) -> BTreeMap<String, u64> {
        let counts = self.selection.counts().into_iter();
        counts
            .map(|(verdict, count)| (verdict.as_str().to_owned(), count))
            .collect()
    }
}

impl<'p> Planning<'p> {
    /// What the source holds, without the files whose cards are in submissions already.
    pub(super) fn look(&self, taken: &[Taken]) -> Result<Look<'p>, SourceError> {
        let mut look = self.source.look(self.now)?;
        look.ready
            .retain(|file| !taken.iter().any(|taken| taken.file == *file.identity()));
        Ok(look)
    }

    /// Shows every card that has waited since an earlier slot; says how many they are.
    pub(super) fn read_deferred(
        &self,
        deferred: Option<&Deferred>,
        mut with: impl FnMut(&CardOnFile<'_>, Fingerprint) -> Result<(), Failed>,
    ) -> Result<u64, Failed> {
        let Some(deferred) = deferred else {
            return Ok(0);
        };
        let file = self.deferred(&deferred.file);
        let mut cards = CardsReader::open(&file, &self.context.keyring)?;
        while let Some((card, fingerprint)) = cards.next_card()? {
            with(&card, fingerprint)?;
        }
        Ok(deferred.cards.into())
    }

    /// The file of cards that wait for the schedule's next slot.
    pub(super) fn deferred(&self, name: &str) -> SealedFile {
        SealedFile::deferred(&self.context.state, &self.schedule.name, name)
    }

    /// Shows every card of these files, each file read as `read` says.
    pub(super) fn read<T>(
        &self,
        files: &[CardFile<'_>],
        read: impl Fn(
            &CardFile<'_>,
            NaiveDate,
            &mut dyn FnMut(Card<'_>) -> Result<(), Failed>,
        ) -> Result<T, Failed>,
        mut with: impl FnMut(&CardOnFile<'_>, Fingerprint) -> Result<(), Failed>,
    ) -> Result<Read<T>, Failed> {
        let fingerprints = self.account.fingerprints(&self.context.keyring);
        let mut done = Read {
            files: Vec::new(),
            left_out: Vec::new(),
        };
        for file in files {
            let mut lent = false;
            let outcome = read(file, self.now.date_naive(), &mut |card| {
                lent = true;
                let number = card.identifier.number();
                let on_file = CardOnFile {
                    reference: card.reference,
                    number,
                    expiry: card.expiry,
                    se_number: card.se_number,
                    next_billing: card.next_billing,
                };
                let fingerprint = fingerprints.fingerprint(&number);
                with(&on_file, fingerprint)
            });
            match outcome {
                Ok(file) => done.files.push(file),
                // Cards of a file that does not count were lent: only another run is without them.
                Err(Failed::Source(error)) if !lent && !error.why.may_pass() => {
                    done.left_out.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Chooses among them.
    pub(super) fn choose(&self, candidates: Candidates) -> Result<Choice, Failed> {
        let mut remembered = candidates.sorted();
        let recalled = recall(self, &mut remembered)?;
        let budget = self.account.cards_per_day.map(|cards_per_day| Budget {
            cards_per_day,
            asked_today: recalled.asked_today,
        });
        Ok(Choice {
            selection: select(remembered, &self.schedule.rules, budget, self.now),
            budget,
            outdated: recalled.outdated,
        })
    }

    /// How many cards a submission holds at most.
    pub(super) fn largest(&self) -> u32 {
        self.schedule.job.largest_submission.max(1)
    }
}
