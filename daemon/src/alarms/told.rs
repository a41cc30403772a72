//! Which alarms stand, since when, and which of them were told: in a file, so that a restart tells none
//! again and a kill in between tells it with the id that it had. It is a convenience, not the ledger:
//! where it is lost, what stands is told once more.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::ledger::alarm::{Alarm, Matter};
use crate::seal::durable;

/// How many alarms are kept in mind. Whoever has so many looks at `reissue status`.
const MOST: usize = 1_000;
/// How long what is tried again by itself must stand before a person is told.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// The alarms that stand.
#[derive(Debug)]
pub(super) struct Told {
    file: PathBuf,
    alarms: BTreeMap<(String, Matter), Raised>,
}

/// An alarm that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Raised {
    /// What it is about.
    pub(super) about: String,
    /// What sort of thing.
    pub(super) matter: Matter,
    /// What was the matter when it began.
    pub(super) text: String,
    /// Since when.
    pub(super) since: DateTime<Utc>,
    /// Whether it was told.
    told: bool,
}

impl Told {
    /// What the file under this state directory says; nothing where it cannot be read.
    pub(super) fn read(state: &Path) -> Self {
        let file = state.join("alarms.json");
        let read = std::fs::read(&file).unwrap_or_default();
        let alarms: Vec<Raised> = serde_json::from_slice(&read).unwrap_or_default();
        let alarms = alarms.into_iter().map(|alarm| (alarm.key(), alarm));
        Self {
            alarms: alarms.collect(),
            file,
        }
    }

    /// Takes what stands now: what is new begins, what is gone is forgotten, and what goes on stays as it
    /// began.
    pub(super) fn stands(&mut self, standing: Vec<Alarm>, now: DateTime<Utc>) {
        let key = |alarm: &Alarm| (alarm.about.clone(), alarm.matter);
        let stands: BTreeSet<_> = standing.iter().map(key).collect();
        let known = self.alarms.len();
        self.alarms.retain(|key, _| stands.contains(key));
        let mut changed = self.alarms.len() < known;
        for alarm in standing {
            if self.alarms.len() == MOST {
                break;
            }
            let Entry::Vacant(place) = self.alarms.entry(key(&alarm)) else {
                continue;
            };
            place.insert(Raised {
                about: alarm.about,
                matter: alarm.matter,
                text: alarm.text,
                since: now,
                told: false,
            });
            changed = true;
        }
        if changed {
            self.write();
        }
    }

    /// What is to be told next: what began first.
    pub(super) fn next(&self, now: DateTime<Utc>) -> Option<Raised> {
        let mends = |alarm: &Raised| alarm.matter.may_mend_itself();
        let is_due =
            |alarm: &&Raised| !alarm.told && (!mends(alarm) || now - alarm.since >= PATIENCE);
        let due = self.alarms.values().filter(is_due);
        due.min_by_key(|alarm| alarm.since).cloned()
    }

    /// The receiver has it.
    pub(super) fn is_told(&mut self, alarm: &Raised) {
        if let Some(alarm) = self.alarms.get_mut(&alarm.key()) {
            alarm.told = true;
            self.write();
        }
    }

    /// Nobody is told any more.
    pub(super) fn forget(&mut self) {
        if !self.alarms.is_empty() {
            self.alarms.clear();
            self.write();
        }
    }

    fn write(&self) {
        let alarms: Vec<&Raised> = self.alarms.values().collect();
        let written = serde_json::to_vec(&alarms).unwrap_or_default();
        if let Err(error) = durable::write_atomically(&self.file, &written, 0o600) {
            tracing::warn!(%error, "Which alarms were told cannot be written down; a restart tells them again.");
        }
    }
}

impl Raised {
    fn key(&self) -> (String, Matter) {
        (self.about.clone(), self.matter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        let time = format!("2026-11-22T06:{minute:02}:00Z");
        time.parse().unwrap()
    }

    fn alarm(about: &str, matter: Matter) -> Alarm {
        Alarm {
            about: about.into(),
            matter,
            text: "is so".into(),
        }
    }

    /// Tells all that is due, and says about whom.
    fn told(alarms: &mut Told, now: DateTime<Utc>) -> Vec<String> {
        let told = std::iter::from_fn(|| {
            let next = alarms.next(now)?;
            alarms.is_told(&next);
            Some(next.about)
        });
        told.collect()
    }

    #[test]
    fn each_is_told_once_while_it_stands_and_again_after_it_was_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut alarms = Told::read(folder.path());
        let held = || alarm("acme/1", Matter::Held);
        alarms.stands(vec![held(), alarm("acme/2", Matter::Expired)], at(0));
        let first = alarms.next(at(0)).unwrap();
        assert_eq!(told(&mut alarms, at(0)), ["acme/1", "acme/2"]);
        alarms.stands(vec![held()], at(1));
        assert_eq!(told(&mut alarms, at(1)), [""; 0]);

        // A restart knows what was told.
        let mut alarms = Told::read(folder.path());
        alarms.stands(vec![held()], at(2));
        assert_eq!(told(&mut alarms, at(2)), [""; 0]);

        alarms.stands(Vec::new(), at(3));
        alarms.stands(vec![held()], at(4));
        assert!(first.since < alarms.next(at(4)).unwrap().since);
        assert_eq!(told(&mut alarms, at(4)), ["acme/1"]);
    }

    #[test]
    fn what_was_not_told_yet_is_the_same_after_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let mut alarms = Told::read(folder.path());
        alarms.stands(vec![alarm("acme", Matter::Parked)], at(0));
        let before = alarms.next(at(0)).unwrap();
        let mut alarms = Told::read(folder.path());
        alarms.stands(vec![alarm("acme", Matter::Parked)], at(5));
        assert_eq!(alarms.next(at(5)), Some(before));
    }

    #[test]
    fn what_may_mend_itself_is_told_once_it_has_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut alarms = Told::read(folder.path());
        let failing = || vec![alarm("acme/1", Matter::Failing)];
        alarms.stands(failing(), at(0));
        alarms.stands(failing(), at(14));
        assert_eq!(told(&mut alarms, at(14)), [""; 0]);
        assert_eq!(told(&mut alarms, at(15)), ["acme/1"]);
    }

    #[test]
    fn so_many_that_nobody_reads_them_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut alarms = Told::read(folder.path());
        let all = || (0..2 * MOST).map(|one| alarm(&one.to_string(), Matter::Held));
        for standing in [all().collect(), all().collect(), all().skip(MOST).collect()] {
            alarms.stands(standing, at(0));
            assert_eq!(alarms.alarms.len(), MOST);
        }
        let first = alarms.alarms.keys().next().unwrap();
        assert_eq!(first.0, "1000", "those that are gone make room");
    }

    #[test]
    fn a_damaged_file_tells_once_more() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("alarms.json"), "[{").unwrap();
        let mut alarms = Told::read(folder.path());
        alarms.stands(vec![alarm("acme", Matter::Parked)], at(0));
        assert_eq!(told(&mut alarms, at(0)), ["acme"]);
    }
}
