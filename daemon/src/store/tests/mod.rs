//! What the store promises: nothing that was committed is lost, whatever becomes of the index, and
//! a journal that does not hang together is never gone on with.

mod conformance;
mod index;
mod journal;
mod one_at_a_time;
mod replaced;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use reissue_connector_api::{EnrolState, Found, FoundState, Kind, Origin, Totals};
use tempfile::TempDir;

use super::{JournaledStore, Records, Store, StoreError};
use crate::ledger::enrolment::Enrolment;
use crate::ledger::event::FaultNote;
use crate::ledger::slots::Slots;
use crate::ledger::tally::Tally;
use crate::ledger::{Batch, BatchKey, Event};

thread_local! {
    static NOW: Cell<Option<DateTime<Utc>>> = const { Cell::new(None) };
}

/// Sets the clock of this test.
fn at(text: &str) {
    NOW.set(Some(utc(text)));
}

fn clock() -> DateTime<Utc> {
    NOW.get().unwrap_or_else(|| utc("2026-11-22T06:30:04Z"))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A state directory.
struct State(TempDir);

impl State {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A state in which everything of [`history`] happened.
    fn lived() -> Self {
        let state = Self::new();
        let store = state.open();
        for record in history() {
            store.commit(&record).unwrap();
        }
        state
    }

    fn open(&self) -> JournaledStore {
        self.try_open().unwrap()
    }

    fn try_open(&self) -> Result<JournaledStore, StoreError> {
        // A thread of sled's may hold its file for a moment after the store that used it is gone.
        if let Ok(sled) = File::open(self.index().join("db")) {
            sled.lock().unwrap();
        }
        JournaledStore::open(self.0.path(), clock)
    }

    fn index(&self) -> PathBuf {
        self.0.path().join("index")
    }

    fn journal(&self) -> PathBuf {
        self.0.path().join("journal")
    }

    /// The journal's file, where there is one.
    fn journal_file(&self) -> PathBuf {
        self.journal().join("2026-11.journal")
    }

    /// The same state in another directory.
    fn copy(&self) -> Self {
        let copy = Self::new();
        copy_directory(self.0.path(), copy.0.path());
        copy
    }
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// All that can be asked of a store that lived through [`history`].
#[derive(Debug, PartialEq)]
struct Answers {
    batches: Vec<Batch>,
    each: Vec<Option<Batch>>,
    open: Vec<Batch>,
    live: Vec<Batch>,
    of_note: Vec<Batch>,
    tallies: BTreeMap<String, Tally>,
    slots: [Option<Slots>; 3],
    enrolments: [Option<Enrolment>; 2],
}

fn answers(records: &dyn Records) -> Answers {
    let mut batches = Vec::new();
    records.batches(&mut |batch| batches.push(batch)).unwrap();
    let each = batches.iter().map(|batch| records.batch(&batch.key));
    Answers {
        each: each.collect::<Result<_, _>>().unwrap(),
        batches,
        open: records.open().unwrap(),
        live: records.live().unwrap(),
        of_note: records.of_note().unwrap(),
        tallies: records.tallies().unwrap(),
        slots: ["amex-daily", "harvest", "nobody"].map(|name| records.slots(name).unwrap()),
        enrolments: ["acme", "acme-uk"].map(|name| records.enrolment(name).unwrap()),
    }
}

/// Records that touch every sort of key: batches in several states, of accounts whose names begin
/// alike, schedules, and an enrolment.
fn history() -> Vec<Vec<Event>> {
    let acme = |id| key("acme", id);
    vec![
        vec![Event::DaemonStarted {
            version: "1".into(),
        }],
        vec![schedule_set("amex-daily"), schedule_set("harvest")],
        vec![slot_opened("amex-daily"), enrolment_stepping("acme")],
        vec![
            found(&acme("2")),
            found(&acme("1")),
            found(&key("acme-uk", "1")),
            slot_served("amex-daily"),
        ],
        vec![collected(&acme("1"), 3)],
        vec![
            failed(&acme("2")),
            enrolment_stepped("acme", EnrolState::Pending),
        ],
        vec![publishing(&acme("1"))],
        vec![delivered(&acme("1"))],
        vec![
            found(&acme("3/ü")),
            Event::BatchRefused {
                batch: acme("3/ü"),
                reason: "not today".into(),
            },
        ],
        vec![found(&acme("4")), collected(&acme("4"), 0)],
        vec![
            Event::SpoolDeleted { batch: acme("1") },
            planned(&acme("s-1")),
            accepted(&acme("s-1"), "provider-7"),
        ],
        vec![Event::DaemonStarted {
            version: "2".into(),
        }],
    ]
}

fn key(account: &str, id: &str) -> BatchKey {
    BatchKey {
        account: account.into(),
        id: id.into(),
    }
}

fn found(batch: &BatchKey) -> Event {
    Event::BatchFound {
        batch: batch.clone(),
        job: "amex-daily".into(),
        origin: Origin::Found,
        schedule: "amex-daily".into(),
        found: Found::new(&batch.id, FoundState::Running).fact("source", "SCHEDULER"),
        first_poll: utc("2026-11-22T07:00:00Z"),
        purge: Some(utc("2026-12-22T07:00:00Z")),
        overdue: utc("2026-11-24T07:00:00Z"),
    }
}

fn planned(submission: &BatchKey) -> Event {
    Event::SubmissionPlanned {
        batch: submission.clone(),
        job: "inquiry".into(),
        schedule: "harvest".into(),
        cards: 3,
        change: None,
    }
}

fn accepted(submission: &BatchKey, id: &str) -> Event {
    Event::SubmissionAccepted {
        batch: submission.clone(),
        found: Found::new(id, FoundState::Running),
        refused: 0,
        first_poll: utc("2026-11-22T07:00:00Z"),
        purge: None,
        overdue: utc("2026-11-24T07:00:00Z"),
        by: None,
    }
}

fn failed(batch: &BatchKey) -> Event {
    Event::BatchFailed {
        batch: batch.clone(),
        fault: FaultNote {
            kind: Kind::Garbled,
            message: "not JSON".into(),
        },
        held: true,
    }
}

fn collected(batch: &BatchKey, updates: u64) -> Event {
    Event::Collected {
        batch: batch.clone(),
        updates,
        counts: Vec::new(),
        totals: Totals::default(),
        mismatches: Vec::new(),
        cards: None,
        braked: None,
        sinks: vec!["billing".into()],
    }
}

fn publishing(batch: &BatchKey) -> Event {
    Event::Publishing {
        batch: batch.clone(),
        sink: "billing".into(),
        path: "/updates/1.jsonl".into(),
    }
}

fn delivered(batch: &BatchKey) -> Event {
    Event::Delivered {
        batch: batch.clone(),
        sink: "billing".into(),
    }
}

fn schedule_set(schedule: &str) -> Event {
    Event::ScheduleSet {
        schedule: schedule.into(),
        times: "30 6 * * * Europe/London".into(),
    }
}

fn enrolment_stepping(account: &str) -> Event {
    Event::EnrolmentStepping {
        account: account.into(),
    }
}

fn enrolment_stepped(account: &str, state: EnrolState) -> Event {
    Event::EnrolmentStepped {
        account: account.into(),
        state,
        webhook: None,
    }
}

fn slot_opened(schedule: &str) -> Event {
    Event::SlotOpened {
        schedule: schedule.into(),
        slot: utc("2026-11-22T06:30:00Z"),
        missed: 1,
        asked_by: None,
        since: None,
    }
}

fn slot_served(schedule: &str) -> Event {
    Event::SlotServed {
        schedule: schedule.into(),
        slot: utc("2026-11-22T06:30:00Z"),
        covered: utc("2026-11-22T06:30:03Z"),
        listed: 3,
        new: 3,
    }
}
