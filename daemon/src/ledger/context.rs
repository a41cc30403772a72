//! What the keeper and the runs share: the state, the configuration of the moment, and a memory of what
//! was committed. `runs` adds what is under way and what waits.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reissue_connector_api::Fault;
use tokio::sync::watch;

use super::batch::Batch;
use super::bellpull::Bellpull;
use super::event::{Event, Subject};
use super::key::BatchKey;
use super::runs::Runs;
use crate::egress::Stop;
use crate::generation::{Generation, Schedule};
use crate::seal::Keyring;
use crate::spool::SpoolDirectory;
use crate::store::{Store, StoreError};
use crate::webhook::{Hooks, Inbox};

/// What the keeper and the runs share.
pub struct Context {
    /// The durable state.
    pub store: Arc<dyn Store>,
    /// Opens and seals spools.
    pub keyring: Arc<Keyring>,
    /// The state directory.
    pub state: PathBuf,
    /// Where spools lie.
    pub spools: SpoolDirectory,
    /// The accounts' webhooks; none where no provider can call us.
    pub hooks: Option<Hooks>,
    /// What was sent to them.
    pub inbox: Arc<Inbox>,
    /// Ends everything.
    pub stop: Stop,
    /// Wakes the keeper.
    pub bell: Bellpull,
    /// Tells whoever waits that something was committed or a run ended.
    pub changed: watch::Sender<()>,
    generation: RwLock<Arc<Generation>>,
    memory: Mutex<Memory>,
    pub(super) runs: Mutex<Runs>,
    turn: Mutex<()>,
    planning: Mutex<()>,
    beat: Mutex<Instant>,
    untold: Mutex<Option<String>>,
}

/// What is derived from the ledger.
#[derive(Default)]
struct Memory {
    /// When the last commit found no space.
    full: Option<Instant>,
    /// Batches whose events the keeper has not seen yet.
    touched: HashSet<BatchKey>,
    /// Schedules with an open slot.
    open: BTreeSet<String>,
    /// Accounts of whose enrolment is to be seen where it stands, and when.
    looks: BTreeMap<String, DateTime<Utc>>,
    /// Who wants to know which batches events are about.
    followers: Vec<Weak<Follower>>,
}

/// The batches that events were about since it began.
#[derive(Default)]
pub struct Follower(Mutex<BTreeSet<BatchKey>>);

impl Follower {
    /// Which.
    pub fn keys(&self) -> MutexGuard<'_, BTreeSet<BatchKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// Begins with a configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(
        store: Arc<dyn Store>,
        keyring: Arc<Keyring>,
        state: &Path,
        generation: Arc<Generation>,
        hooks: Option<Hooks>,
        bell: Bellpull,
    ) -> Result<Self, StoreError> {
        let inbox = Arc::new(Inbox::open(state, Arc::clone(&keyring)));
        let context = Self {
            store,
            keyring,
            state: state.to_owned(),
            spools: SpoolDirectory::of(state),
            hooks,
            inbox,
            stop: Stop::default(),
            bell,
            changed: watch::Sender::default(),
            generation: RwLock::new(Arc::clone(&generation)),
            memory: Mutex::default(),
            runs: Mutex::default(),
            turn: Mutex::default(),
            planning: Mutex::default(),
            beat: Mutex::new(Instant::now()),
            untold: Mutex::default(),
        };
        context.adopt(generation)?;
        Ok(context)
    }

    /// Goes on with another configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn adopt(&self, generation: Arc<Generation>) -> Result<(), StoreError> {
        // Held throughout, so that no commit falls between reading a slot and remembering it.
        let mut memory = self.memory();
        memory.open.clear();
        for name in generation.schedules.keys() {
            if self.has_open_slot(name)? {
                memory.open.insert(name.clone());
            }
        }
        memory.looks.clear();
        for name in generation.accounts.keys() {
            if let Some(at) = self.look_at(name)? {
                memory.looks.insert(name.clone(), at);
            }
        }
        drop(memory);
        *self
            .generation
            .write()
            .unwrap_or_else(PoisonError::into_inner) = generation;
        // What failed may have failed because of the old configuration: it is tried at once, and by the
        // new one.
        self.runs().forget_failures();
        self.bell.ring();
        Ok(())
    }

    /// The configuration of the moment.
    pub fn generation(&self) -> Arc<Generation> {
        let generation = self.generation.read();
        Arc::clone(&generation.unwrap_or_else(PoisonError::into_inner))
    }

    /// Records events and remembers what they touch. `Ok` means durable.
    ///
    /// # Errors
    /// `Full`: nothing happened, and whoever committed may try again. After any other error the
    /// daemon ends, whoever committed.
    pub fn commit(&self, events: &[Event]) -> Result<DateTime<Utc>, StoreError> {
        let at = self
            .store
            .commit(events)
            .inspect_err(|error| self.fail(error))?;
        let mut memory = self.memory();
        if memory.full.take().is_some() {
            tracing::info!("There is space for the journal again; the daemon goes on.");
        }
        for event in events {
            match event.subject() {
                Subject::Batch(key) => {
                    memory.touched.insert(key.clone());
                    for follower in memory.followers.iter().filter_map(Weak::upgrade) {
                        follower.keys().insert(key.clone());
                    }
                }
                Subject::Schedule(name) if self.has_open_slot(name)? => {
                    memory.open.insert(name.to_owned());
                }
                Subject::Schedule(name) => _ = memory.open.remove(name),
                Subject::Enrolment(account) => match self.look_at(account)? {
                    Some(at) => _ = memory.looks.insert(account.to_owned(), at),
                    None => _ = memory.looks.remove(account),
                },
                Subject::Daemon => {}
            }
        }
        drop(memory);
        self.changed.send_replace(());
        Ok(at)
    }

    /// The state failed: what is on the disk is not known, so nothing more may be decided from
    /// memory. The daemon ends, and systemd starts it again, which reads the journal. Only where
    /// there merely was no space everything is as it was, and the daemon pauses.
    pub fn fail(&self, error: &StoreError) {
        if let StoreError::Full(_) = error {
            if self.memory().full.replace(Instant::now()).is_none() {
                tracing::error!(%error, "There is no space for the journal; the daemon pauses.");
            }
            return;
        }
        if !self.stop.has_failed() {
            tracing::error!(
                %error,
                cause = std::error::Error::source(error).map(tracing::field::display),
                "The state failed; the daemon ends, and nothing is lost."
            );
        }
        self.stop.fail();
    }

    /// The batch that the provider of an account knows by this id.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn at_provider(&self, account: &str, id: &str) -> Result<Option<Batch>, StoreError> {
        if let Some(submission) = self.store.submission_at(account, id)? {
            return Ok(Some(submission));
        }
        self.store.batch(&BatchKey {
            account: account.to_owned(),
            id: id.to_owned(),
        })
    }

    /// From which instant on a schedule's slots are due. A schedule that is new, or whose times were
    /// edited, begins now; so does one whose last slot lies in the future, because a clock that was
    /// far ahead for a moment must not silence it.
    pub(super) fn slots_since(
        &self,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, StoreError> {
        let believable = now + TimeDelta::days(1);
        match self.store.slots(&schedule.name)? {
            Some(slots) if slots.times == schedule.times && slots.since < believable => {
                Ok(slots.since)
            }
            _ => self.commit(&[Event::ScheduleSet {
                schedule: schedule.name.clone(),
                times: schedule.times.clone(),
            }]),
        }
    }

    fn has_open_slot(&self, schedule: &str) -> Result<bool, StoreError> {
        let slots = self.store.slots(schedule)?;
        Ok(slots.is_some_and(|slots| slots.open.is_some()))
    }

    fn look_at(&self, account: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let enrolment = self.store.enrolment(account)?;
        Ok(enrolment.and_then(|enrolment| enrolment.look_at()))
    }

    /// The accounts of whose enrolment is to be seen by now where it stands.
    pub(super) fn looks(&self, now: DateTime<Utc>) -> Vec<String> {
        let memory = self.memory();
        let due = memory.looks.iter().filter(|(_, at)| **at <= now);
        due.map(|(account, _)| account.clone()).collect()
    }

    /// The turn of whoever changes accounts: a reload, or an enrolment that has secrets for one. Else a
    /// generation that was built before these were known could take over after.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn of whoever decides whom to ask about, until that is committed. Else two schedules of an
    /// account would both ask about a card that neither had asked about, and both spend the day's budget.
    pub(super) fn planning(&self) -> MutexGuard<'_, ()> {
        self.planning.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The schedules with an open slot.
    pub(super) fn open_slots(&self) -> Vec<String> {
        self.memory().open.iter().cloned().collect()
    }

    /// Whether a slot of the schedule is open.
    pub(super) fn is_open(&self, schedule: &str) -> bool {
        self.memory().open.contains(schedule)
    }

    /// The batches whose events were committed since the last time.
    pub(super) fn take_touched(&self) -> HashSet<BatchKey> {
        std::mem::take(&mut self.memory().touched)
    }

    /// Follows which batches events are about, until it is dropped.
    pub fn follow(&self) -> Arc<Follower> {
        let follower = Arc::new(Follower::default());
        let mut memory = self.memory();
        memory.followers.retain(|one| one.strong_count() > 0);
        memory.followers.push(Arc::downgrade(&follower));
        follower
    }

    /// Whether there was no space for the journal when it was last tried.
    pub fn is_full(&self) -> bool {
        self.memory().full.is_some()
    }

    /// Whether runs wait because there was no space for the journal: one that cannot be recorded is work
    /// for nothing. A quota shows only in the next try, so there is one now and then.
    pub(super) fn is_paused(&self) -> bool {
        const PAUSE: Duration = Duration::from_secs(10);
        let full = self.memory().full;
        full.is_some_and(|at| at.elapsed() < PAUSE || !self.store.has_space())
    }

    /// What telling an alarm has come to: nothing, or why it failed.
    pub fn note_untold(&self, fault: Option<&Fault>) {
        *self.untold() = fault.map(|fault| fault.message.clone());
    }

    /// Why alarms cannot be told, if that is so.
    pub fn why_untold(&self) -> Option<String> {
        self.untold().clone()
    }

    fn untold(&self) -> MutexGuard<'_, Option<String>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keeper has looked at everything.
    pub(super) fn beat(&self) {
        *self.beat.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether the keeper has looked at everything lately.
    pub fn is_alive(&self) -> bool {
        /// The bell rings every second; a commit on a slow disk may take a few.
        const LATELY: Duration = Duration::from_secs(15);
        self.beat
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
            < LATELY
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
