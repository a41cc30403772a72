//! What the daemon lends a connector that reads a webhook call: the clock, chance and the log.
//!
//! Anybody can send such a call, so nothing may leave because of it: no network is lent.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reissue_connector_api::abi::host::Host;
use reissue_connector_api::{CardToAsk, Fault, Head, Level, Request, Update};

use super::lend::random;
use super::said::{self, Said};
use crate::clock;

/// Reading a body of a few kilobytes takes microseconds; after this the call is shown as hanging.
const READING: Duration = Duration::from_secs(60);

/// The loan for one call of `receive`.
pub(super) struct Reading {
    deadline: Instant,
    said: Said,
}

impl Reading {
    pub(super) fn begin() -> Self {
        Self {
            deadline: Instant::now() + READING,
            said: Said::default(),
        }
    }

    /// When the call's time is up.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Ends the loan with the connector's outcome, the sentence of its fault masked.
    pub(super) fn settle<T>(self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        self.said.end();
        outcome.map_err(|mut fault| {
            said::mask(&mut fault);
            fault
        })
    }
}

impl Host for Reading {
    fn http(&mut self, _: Request) -> Result<Head, Fault> {
        Err(not_lent("send a request"))
    }

    fn read(&mut self, _: u64) -> Result<&[u8], Fault> {
        Err(not_lent("read an answer"))
    }

    fn emit(&mut self, _: &Update<'_>) -> Result<(), Fault> {
        Err(not_lent("report updates"))
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        Err(not_lent("get cards"))
    }

    fn now(&self) -> DateTime<Utc> {
        clock::now()
    }

    fn random(&self, into: &mut [u8]) {
        random(into);
    }

    fn cancelled(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn log(&mut self, level: Level, text: &str) {
        self.said.log(level, text);
    }
}

fn not_lent(what: &str) -> Fault {
    Fault::unsupported(&format!("{what} while it reads a webhook call"))
}
