//! An account ready for use: its connector opened, its way to the provider, its sinks.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reissue_connector_api as api;
use reissue_connector_api::{Fault, Secrets, Timing};
use serde_json::Value;

use crate::cards::Fingerprints;
use crate::connector::{Connector, Opened};
use crate::egress::Egress;
use crate::ledger::brake::Brakes;
use crate::seal::Keyring;

/// One set of credentials with one provider.
pub struct Account {
    /// Its name in the configuration.
    pub name: String,
    /// Its connector.
    pub connector: Arc<Connector>,
    /// The way to its provider.
    pub egress: Arc<Egress>,
    /// The sinks that get its updates.
    pub sinks: Vec<String>,
    /// How many calls may run at a time.
    pub concurrent_calls: usize,
    /// Whether its schedules run; without, what is open is still collected and delivered.
    pub enabled: bool,
    /// How many cards it may ask about in a day.
    pub cards_per_day: Option<u64>,
    /// When a batch waits for a person before it is delivered.
    pub brakes: Brakes,
    /// Whether a card without an answer is delivered as `no_change`.
    pub no_change: bool,
    timings: reissue_config::Timings,
    settings: Value,
    /// The secrets that the configuration gives; others may be remembered from its enrolment.
    given: BTreeSet<String>,
    opened: Mutex<Open>,
}

/// A connector opened, and with what.
struct Open {
    identity: api::Account,
    instance: Arc<Opened>,
}

impl Account {
    /// An account as it is configured, its connector opened with what it is told of it. No IO.
    ///
    /// # Errors
    /// The connector's fault, usually `settings`.
    pub fn open(
        configured: &reissue_config::Account,
        connector: Arc<Connector>,
        egress: Arc<Egress>,
        identity: api::Account,
    ) -> Result<Self, Fault> {
        let settings = configured.settings.clone();
        let instance = Opened::open(&connector, settings.clone(), &identity)?;
        Ok(Self {
            name: identity.name.clone(),
            connector,
            egress,
            sinks: configured.sinks.clone(),
            concurrent_calls: configured.limits.concurrent_calls.get() as usize,
            enabled: configured.enabled,
            cards_per_day: configured.cards_per_day.map(NonZeroU64::get),
            brakes: Brakes {
                updates: configured.brake_updates.map(NonZeroU64::get),
                shares: configured.brake,
            },
            no_change: configured.no_change,
            timings: configured.timings.clone(),
            settings,
            given: configured.secrets.keys().cloned().collect(),
            opened: Mutex::new(Open {
                identity,
                instance: Arc::new(instance),
            }),
        })
    }

    /// The opened connector. One that panicked is opened anew: what it left behind is not trusted.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn instance(&self) -> Result<Arc<Opened>, Fault> {
        let mut opened = self.opened();
        if opened.instance.is_poisoned() {
            self.open_anew(&mut opened)?;
        }
        Ok(Arc::clone(&opened.instance))
    }

    /// Opens the connector anew with secrets that its enrolment yielded. What the configuration gives
    /// stays as it is. Calls under way end as they began.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn learn(&self, secrets: &Secrets) -> Result<(), Fault> {
        let mut opened = self.opened();
        let manifest = self.connector.manifest();
        for (name, secret) in &secrets.0 {
            let is_known = manifest.secrets.iter().any(|known| known.name == name);
            if is_known && !self.given.contains(name) {
                let known = &mut opened.identity.secrets.0;
                known.insert(name.clone(), secret.clone());
            }
        }
        self.open_anew(&mut opened)
    }

    /// Whether some of its jobs need an enrolment.
    pub fn needs_enrolment(&self) -> bool {
        let mut jobs = self.connector.manifest().jobs.iter();
        jobs.any(|job| job.needs_enrolment)
    }

    /// Whether it has the secrets that enrolment yields, so that there may be nothing to enrol.
    pub fn has_what_enrolment_yields(&self) -> bool {
        let opened = self.opened();
        let secrets = self.connector.manifest().secrets.iter();
        let mut yielded = secrets.filter(|secret| secret.from_enrolment).peekable();
        let has = |name| opened.identity.secrets.0.contains_key(name);
        yielded.peek().is_some() && yielded.all(|secret| has(secret.name))
    }

    /// Makes the fingerprints of its cards: always as the merchant that its name stands for, since one
    /// that differed would be a card that nobody was asked about.
    pub fn fingerprints(&self, keyring: &Keyring) -> Fingerprints {
        Fingerprints::of(keyring, self.connector.manifest().name, &self.name)
    }

    fn open_anew(&self, opened: &mut Open) -> Result<(), Fault> {
        let anew = Opened::open(&self.connector, self.settings.clone(), &opened.identity)?;
        opened.instance = Arc::new(anew);
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, Open> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job's timing, with what the account overrides.
    pub fn timing(&self, job: &api::Job) -> Timing {
        Timing {
            first_poll: self.timings.first_poll.unwrap_or(job.timing.first_poll),
            poll_every: self.timings.poll_every.unwrap_or(job.timing.poll_every),
            kept_for: self.timings.kept_for.or(job.timing.kept_for),
            overdue_after: self
                .timings
                .overdue_after
                .unwrap_or(job.timing.overdue_after),
        }
    }
}
