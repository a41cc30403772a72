//! A generation: everything that a configuration means, resolved and ready. A reload builds a whole
//! new one and swaps it in, or keeps the old one and says why.

mod accounts;
mod build;
mod reload;
mod schedules;
mod secrets;
mod sinks;
mod sources;
mod way;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reissue_config::{self as config, Config, Problems};
use reissue_connector_api::{Fault, Job, Kind};
use tokio::runtime::Handle;

use self::build::Builder;
pub use self::reload::{Reloader, Staging, check_nothing_is_lost};
use crate::account::Account;
use crate::cards::Rules;
use crate::connector::Catalogue;
use crate::schedule::Timetable;
use crate::seal::Keyring;
use crate::sink::Sink;
use crate::sink::webhook::Sender;
use crate::source::Source;

/// A configuration, resolved.
pub struct Generation {
    /// What was read.
    pub config: Config,
    /// The connectors that were found.
    pub catalogue: Catalogue,
    /// By name.
    pub accounts: BTreeMap<String, Arc<Account>>,
    /// Accounts whose connector is quarantined: all that is theirs waits. By name, with the
    /// connector's.
    pub waiting: BTreeMap<String, String>,
    /// By name.
    pub schedules: BTreeMap<String, Arc<Schedule>>,
    /// By name.
    pub sources: BTreeMap<String, Arc<Source>>,
    /// By name.
    pub sinks: BTreeMap<String, Arc<Sink>>,
    /// The way to whoever is told what needs a person.
    pub alarms: Option<Arc<Sender>>,
}

/// An account's job, plus when.
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// The account's name.
    pub account: String,
    /// The job, as the connector's manifest has it.
    pub job: &'static Job,
    /// Its slots.
    pub timetable: Timetable,
    /// Cron line and zone: a change of these is an edit of the schedule's times.
    pub times: String,
    /// How often a new batch should appear.
    pub expect_every: Option<Duration>,
    /// How far back the first run looks.
    pub first_lookback: Duration,
    /// Where the cards to ask about come from, of a job that asks.
    pub source: Option<Arc<Source>>,
    /// Which of them it asks about.
    pub rules: Rules,
    /// Whether the new number of a subscribed card takes the place of the old one.
    pub follow_updates: bool,
}

impl Generation {
    /// Resolves a configuration: secrets, connectors, accounts, schedules, sources, sinks. Nothing
    /// is sent. With the keyring, secrets are also what enrolments left in the state directory.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place.
    pub fn build(
        config: Config,
        catalogue: Catalogue,
        credentials: Option<&Path>,
        keyring: Option<&Keyring>,
        runtime: &Handle,
    ) -> Result<Self, Problems> {
        let mut builder = Builder {
            config: &config,
            catalogue: &catalogue,
            credentials,
            keyring,
            runtime,
            waiting: BTreeMap::new(),
            sources: BTreeMap::new(),
            keepers: BTreeMap::new(),
            problems: Problems::default(),
        };
        let sinks = builder.sinks();
        let alarms = builder.alarms();
        let accounts = builder.accounts();
        builder.sources = builder.read_sources();
        let schedules = builder.schedules();
        let Builder {
            problems,
            waiting,
            sources,
            ..
        } = builder;
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            config,
            catalogue,
            accounts,
            waiting,
            schedules,
            sources,
            sinks,
            alarms,
        })
    }

    /// Why nothing is asked of the account's provider, if that is so.
    pub fn why_waits(&self, account: &str) -> Option<Fault> {
        let connector = self.waiting.get(account)?;
        let message = format!("its connector `{connector}` is quarantined");
        Some(Fault::new(Kind::Unsupported, message))
    }

    /// Whether the account is configured, ready or waiting.
    pub fn has_account(&self, name: &str) -> bool {
        self.accounts.contains_key(name) || self.waiting.contains_key(name)
    }

    /// Whether the account's batches are delivered, also while its connector is quarantined. What is left
    /// of one that is not configured any more is delivered too.
    pub fn delivers(&self, account: &str) -> bool {
        let account = self.config.accounts.get(account);
        account.is_none_or(|account| account.deliver)
    }

    /// Whether a sink may hold what the account receives, also one that is not, or no longer, among the
    /// account's own. While a connector is quarantined nobody knows what it receives.
    pub fn may_hold(&self, sink: &str, account: &str) -> bool {
        let account = self.accounts.get(account);
        let receives = account.is_some_and(|it| it.connector.manifest().pans.received());
        let Some(config::Sink::Files(sink)) = self.config.sinks.get(sink) else {
            // A webhook leaves full card numbers out, or encrypts them.
            return true;
        };
        !receives || sink.may_hold_pans()
    }

    /// How many calls an account allows itself. One that is not configured any more has nothing left
    /// but spools to delete, one at a time.
    pub fn concurrent_calls(&self, account: &str) -> usize {
        let account = self.accounts.get(account);
        account.map_or(1, |account| account.concurrent_calls)
    }
}
