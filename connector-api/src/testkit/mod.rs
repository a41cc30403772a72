//! A daemon to test a connector against: a fake clock, a fixed generator, scripted HTTP.
//!
//! Calls go through the same table as in the real daemon, so a test covers what a `.so` does. Each
//! scripted answer must be asked for, in order; a request that was not scripted fails the call, and
//! an answer that nobody asked for fails the test.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use crate::Connector;
use crate::abi::host::{Host, Instance, Loaded};
use crate::account::Account;
use crate::batch::{Batch, Collected, Found, Window};
use crate::card::{Expiry, Pan};
use crate::enrolment::{EnrolStep, Progress};
use crate::fault::{Fault, Kind};
use crate::notification::Notification;
use crate::run::{Head, Level, Request};
use crate::secret::Secrets;
use crate::submission::{CardToAsk, Receipt, Reconciled, Refused, Submission};
use crate::update::Update;

mod reported;

pub use reported::{Reported, ReportedCard};

/// Plays the daemon for one account.
pub struct FakeDaemon {
    instance: Instance,
    host: FakeHost,
}

/// What the fake daemon lends, and what it saw.
struct FakeHost {
    script: VecDeque<Exchange>,
    requests: Vec<Request>,
    updates: Vec<Reported>,
    log: Vec<(Level, String)>,
    cards: VecDeque<FakeCard>,
    card: FakeCard,
    now: DateTime<Utc>,
    cancelled: bool,
    /// The body that is being read, and what is left of it.
    response: u64,
    body: Vec<u8>,
    at: usize,
    breaks: bool,
}

/// Bodies are lent in pieces of this size, so that no record comes whole by luck.
const PIECE: usize = 1009;

struct Exchange {
    expected: String,
    answer: Answer,
}

/// A scripted answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    fault: Option<Fault>,
    breaks: bool,
}

impl Answer {
    /// An answer with that status and body, as JSON.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into(),
            fault: None,
            breaks: false,
        }
    }

    /// 200 with that body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    /// No answer but this fault.
    pub fn fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(0, "")
        }
    }

    /// With a header; the name in lower case.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The connection breaks after the body that was given.
    pub fn broken_off(mut self) -> Self {
        self.breaks = true;
        self
    }
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
        let account = Account {
            name: "test-account".into(),
            environment: "test".into(),
            authority: "provider.test".into(),
            secrets: Secrets(
                secrets
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)))
                    .collect(),
            ),
        };
        Ok(Self {
            instance: Loaded::of::<C>().open(settings, &account)?,
            host: FakeHost {
                script: VecDeque::new(),
                requests: Vec::new(),
                updates: Vec::new(),
                log: Vec::new(),
                cards: VecDeque::new(),
                card: FakeCard::default(),
                now: DateTime::from_timestamp(1_795_329_000, 0).unwrap_or_default(),
                cancelled: false,
                response: 0,
                body: Vec::new(),
                at: 0,
                breaks: false,
            },
        })
    }

    /// Scripts the next exchange: `expected` is the method and the path with its query.
    pub fn expect(&mut self, expected: &str, answer: Answer) -> &mut Self {
        self.host.script.push_back(Exchange {
            expected: expected.into(),
            answer,
        });
        self
    }

    /// Moves the clock.
    pub fn set_now(&mut self, now: DateTime<Utc>) -> &mut Self {
        self.host.now = now;
        self
    }

    /// Asks later calls to end.
    pub fn cancel(&mut self) -> &mut Self {
        self.host.cancelled = true;
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
    pub fn reconcile(&mut self, submission: &Submission) -> Result<Reconciled, Fault> {
        self.instance.reconcile(&mut self.host, submission)
    }

    /// Calls `subscribe`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn subscribe(&mut self, add: &Submission) -> Result<Vec<Refused>, Fault> {
        self.instance.subscribe(&mut self.host, add)
    }

    /// Calls `unsubscribe`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn unsubscribe(&mut self, remove: &Submission) -> Result<Vec<Refused>, Fault> {
        self.instance.unsubscribe(&mut self.host, remove)
    }

    /// Calls `receive`.
    ///
    /// # Errors
    /// The connector's fault.
    pub fn receive(&mut self, notification: Notification) -> Result<Vec<Found>, Fault> {
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

impl Drop for FakeHost {
    fn drop(&mut self) {
        if let Some(left) = self.script.front()
            && !std::thread::panicking()
        {
            panic!("never requested: {}", left.expected);
        }
    }
}

impl Host for FakeHost {
    fn http(&mut self, request: Request) -> Result<Head, Fault> {
        self.ask_to_go_on()?;
        let asked = format!("{} {}", request.method, request.path);
        self.requests.push(request);
        let Some(exchange) = self.script.pop_front() else {
            return Err(Fault::refused(format!("not scripted: {asked}")));
        };
        if exchange.expected != asked {
            let message = format!("scripted `{}`, requested `{asked}`", exchange.expected);
            return Err(Fault::refused(message));
        }
        if let Some(fault) = exchange.answer.fault {
            return Err(fault);
        }
        self.response += 1;
        self.body = exchange.answer.body;
        self.at = 0;
        self.breaks = exchange.answer.breaks;
        Ok(Head {
            response: self.response,
            status: exchange.answer.status,
            headers: exchange.answer.headers,
        })
    }

    fn read(&mut self, response: u64) -> Result<&[u8], Fault> {
        self.ask_to_go_on()?;
        if response != self.response {
            return Err(Fault::refused("a later request ended this answer"));
        }
        if self.at == self.body.len() && self.breaks {
            return Err(Fault::new(Kind::Unreachable, "the connection broke").sent());
        }
        let from = self.at;
        self.at = (from + PIECE).min(self.body.len());
        Ok(&self.body[from..self.at])
    }

    fn emit(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        self.ask_to_go_on()?;
        self.updates.push(Reported::from(update));
        Ok(())
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        let Some(card) = self.cards.pop_front() else {
            return Ok(None);
        };
        self.card = card;
        Ok(Some(CardToAsk {
            key: &self.card.key,
            pan: self.card.pan.as_ref(),
            token: &self.card.token,
            token_kind: &self.card.token_kind,
            expiry: self.card.expiry,
            se_number: &self.card.se_number,
        }))
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn random(&self, into: &mut [u8]) {
        into.fill(0x5a);
    }

    fn cancelled(&self) -> bool {
        self.cancelled
    }

    fn log(&mut self, level: Level, text: &str) {
        self.log.push((level, text.to_owned()));
    }
}

impl FakeHost {
    fn ask_to_go_on(&self) -> Result<(), Fault> {
        if self.cancelled {
            return Err(Fault::new(Kind::Cancelled, "the daemon is stopping"));
        }
        Ok(())
    }
}
