//! A daemon to test a connector against: a fake clock, a fixed generator, scripted HTTP.
//!
//! Calls go through the same table as in the real daemon, so a test covers what a `.so` does. Each
//! scripted answer must be asked for, in order; a request that was not scripted fails the call, and
//! an answer that nobody asked for fails the test.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use self::host::FakeHost;
use crate::Connector;
use crate::abi::host::{Instance, Loaded};
use crate::account::Account;
use crate::batch::{Batch, Collected, Found, Window};
use crate::card::{Expiry, Pan};
use crate::enrolment::{EnrolStep, Progress};
use crate::fault::Fault;
use crate::notification::{Announced, Notification};
use crate::run::{Level, Request};
use crate::secret::Secrets;
use crate::submission::{Receipt, Reconciled, Refused, Submission};

mod answer;
mod conformance;
mod host;
mod reported;

pub use answer::Answer;
pub use conformance::{Provider, violations};
pub use reported::{Reported, ReportedCard};

/// Plays the daemon for one account.
pub struct FakeDaemon {
    instance: Instance,
    host: FakeHost,
}

/// A card of a scripted submission.
#[derive(Debug, Clone, Default)]
pub struct FakeCard {
    /// Our short key.
    pub key: String,
    /// The full number.
    pub pan: Option<Pan>,
    /// The provider's token.
    pub token: String,
    /// What sort of token.
    pub token_kind: String,
    /// Month and year.
    pub expiry: Option<Expiry>,
    /// The merchant number.
    pub se_number: String,
}

impl FakeDaemon {
    /// Opens the connector with these settings and secrets at `https://provider.test`, at the
    /// instant 2026-11-22T06:30:00Z.
    ///
    /// # Errors
    /// The connector's fault.
    ///
    /// # Panics
    /// If the connector's table is not accepted, which is a defect of the connector.
    pub fn open<C: Connector>(settings: Value, secrets: &[(&str, &str)]) -> Result<Self, Fault> {
        Ok(Self {
            instance: Loaded::of::<C>().open(settings, &account(secrets))?,
            host: FakeHost::default(),
        })
    }

    /// Scripts the next exchange: `expected` is the method and the path with its query.
    pub fn expect(&mut self, expected: &str, answer: Answer) -> &mut Self {
        self.host.script.push_back((expected.into(), answer));
        self
    }

    /// Moves the clock.
    pub fn set_now(&mut self, now: DateTime<Utc>) -> &mut Self {
        self.host.now = now;
        self
    }

    /// Asks later calls to end.
    pub fn cancel(&mut self) -> &mut Self {
        self.host.cancelled_after = Some(0);
        self
    }

    /// The cards that the next submission will hold.
    pub fn set_cards(&mut self, cards: impl IntoIterator<Item = FakeCard>) -> &mut Self {
        self.host.cards = cards.into_iter().collect();
        self
    }

    /// Every request that was sent, for assertions on headers and bodies.
    pub fn requests(&self) -> &[Request] {
        &self.host.requests
    }

    /// Every update that the last `collect` reported.
    pub fn updates(&self) -> &[Reported] {
        &self.host.updates
    }

    /// Every line that was logged.
    pub fn log(&self) -> &[(Level, String)] {
        &self.host.log
    }

    /// Calls `discover`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn discover(&mut self, job: &str, window: Window) -> Result<Vec<Found>, Fault> {
        self.instance.discover(&mut self.host, job, window)
    }

    /// Calls `submit`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn submit(&mut self, job: &str, submission: &Submission) -> Result<Receipt, Fault> {
        self.instance.submit(&mut self.host, job, submission)
    }

    /// Calls `reconcile`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn reconcile(&mut self, job: &str, submission: &Submission) -> Result<Reconciled, Fault> {
        self.instance.reconcile(&mut self.host, job, submission)
    }

    /// Calls `subscribe`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn subscribe(&mut self, job: &str, add: &Submission) -> Result<Vec<Refused>, Fault> {
        self.instance.subscribe(&mut self.host, job, add)
    }

    /// Calls `unsubscribe`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn unsubscribe(&mut self, job: &str, remove: &Submission) -> Result<Vec<Refused>, Fault> {
        self.instance.unsubscribe(&mut self.host, job, remove)
    }

    /// Calls `receive`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn receive(&mut self, notification: Notification) -> Result<Vec<Announced>, Fault> {
        self.instance.receive(&mut self.host, notification)
    }

    /// Calls `collect`; what it reports is in `updates`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn collect(&mut self, batch: &Batch) -> Result<Collected, Fault> {
        self.host.updates.clear();
        self.instance.collect(&mut self.host, batch)
    }

    /// Calls `enrol`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn enrol(&mut self, so_far: Progress) -> Result<EnrolStep, Fault> {
        self.instance.enrol(&mut self.host, so_far)
    }
}

impl Drop for FakeDaemon {
    fn drop(&mut self) {
        if let Some((expected, _)) = self.host.script.front()
            && !std::thread::panicking()
        {
            panic!("never requested: {expected}");
        }
    }
}

/// The account that tests open a connector for.
fn account<N: AsRef<str>, V: AsRef<str>>(secrets: &[(N, V)]) -> Account {
    let named = |(name, value): &(N, V)| {
        let value = SecretString::from(value.as_ref());
        (name.as_ref().to_owned(), value)
    };
    Account {
        name: "test-account".into(),
        authority: "provider.test".into(),
        secrets: Secrets(secrets.iter().map(named).collect()),
    }
}
