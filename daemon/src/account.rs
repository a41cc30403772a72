//! An account ready for use: its connector opened, its way to the provider, its sinks.

use std::sync::{Arc, Mutex, PoisonError};

use reissue_connector_api as api;
use reissue_connector_api::{Fault, Timing};
use serde_json::Value;

use crate::connector::{Connector, Opened};
use crate::egress::Egress;
use crate::ledger::brake::Brakes;

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
    identity: api::Account,
    instance: Mutex<Arc<Opened>>,
}

/// What an account is made of.
pub struct Parts {
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
    /// Its own timings.
    pub timings: reissue_config::Timings,
    /// Its settings, for the connector.
    pub settings: Value,
    /// What the connector is told of it.
    pub identity: api::Account,
}

impl Account {
    /// Opens the account's connector. No IO.
    ///
    /// # Errors
    /// The connector's fault, usually `settings`.
    pub fn open(parts: Parts) -> Result<Self, Fault> {
        let instance = Opened::open(&parts.connector, parts.settings.clone(), &parts.identity)?;
        Ok(Self {
            name: parts.identity.name.clone(),
            connector: parts.connector,
            egress: parts.egress,
            sinks: parts.sinks,
            concurrent_calls: parts.concurrent_calls,
            enabled: parts.enabled,
            cards_per_day: parts.cards_per_day,
            brakes: parts.brakes,
            no_change: parts.no_change,
            timings: parts.timings,
            settings: parts.settings,
            identity: parts.identity,
            instance: Mutex::new(Arc::new(instance)),
        })
    }

    /// The opened connector. One that panicked is opened anew: what it left behind is not trusted.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn instance(&self) -> Result<Arc<Opened>, Fault> {
        let mut instance = self.instance.lock().unwrap_or_else(PoisonError::into_inner);
        if instance.is_poisoned() {
            let anew = Opened::open(&self.connector, self.settings.clone(), &self.identity)?;
            *instance = Arc::new(anew);
        }
        Ok(Arc::clone(&instance))
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
