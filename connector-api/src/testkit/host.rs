//! What the fake daemon lends, and what it saw.

use std::cell::Cell;
use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::{Answer, FakeCard, Reported};
use crate::abi::host::Host;
use crate::fault::{Fault, Kind};
use crate::run::{Head, Level, Request};
use crate::submission::CardToAsk;
use crate::update::Update;

/// Bodies are lent in pieces of this size, so that no record comes whole by luck.
const PIECE: usize = 1009;

/// The loan of a fake daemon.
pub(super) struct FakeHost {
    pub(super) script: VecDeque<(String, Answer)>,
    pub(super) requests: Vec<Request>,
    pub(super) updates: Vec<Reported>,
    pub(super) log: Vec<(Level, String)>,
    pub(super) cards: VecDeque<FakeCard>,
    pub(super) now: DateTime<Utc>,
    /// How many loans there will be before the daemon wants the call to end.
    pub(super) cancelled_after: Option<usize>,
    /// How many there were.
    pub(super) loans: Cell<usize>,
    card: FakeCard,
    /// The body that is being read, and what is left of it.
    response: u64,
    body: Vec<u8>,
    at: usize,
    breaks: bool,
}

impl Default for FakeHost {
    /// An empty script at 2026-11-22T06:30:00Z.
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            requests: Vec::new(),
            updates: Vec::new(),
            log: Vec::new(),
            cards: VecDeque::new(),
            now: DateTime::from_timestamp(1_795_329_000, 0).unwrap_or_default(),
            cancelled_after: None,
            loans: Cell::new(0),
            card: FakeCard::default(),
            response: 0,
            body: Vec::new(),
            at: 0,
            breaks: false,
        }
    }
}

impl Host for FakeHost {
    fn http(&mut self, request: Request) -> Result<Head, Fault> {
        self.lend()?;
        let asked = format!("{} {}", request.method, request.path);
        self.requests.push(request);
        let Some((expected, answer)) = self.script.pop_front() else {
            return Err(Fault::refused(format!("not scripted: {asked}")));
        };
        if expected != asked {
            let message = format!("scripted `{expected}`, requested `{asked}`");
            return Err(Fault::refused(message));
        }
        if let Some(fault) = answer.fault {
            return Err(fault);
        }
        self.response += 1;
        self.body = answer.body;
        self.at = 0;
        self.breaks = answer.breaks;
        Ok(Head {
            response: self.response,
            status: answer.status,
            headers: answer.headers,
        })
    }

    fn read(&mut self, response: u64) -> Result<&[u8], Fault> {
        self.lend()?;
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
        self.lend()?;
        self.updates.push(Reported::from(update));
        Ok(())
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        self.lend()?;
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
        self.lend().is_err()
    }

    fn log(&mut self, level: Level, text: &str) {
        self.log.push((level, text.to_owned()));
    }
}

impl FakeHost {
    /// Counts a loan; a failure once the call should end.
    fn lend(&self) -> Result<(), Fault> {
        let before = self.loans.get();
        self.loans.set(before + 1);
        match self.cancelled_after {
            Some(limit) if before >= limit => {
                Err(Fault::new(Kind::Cancelled, "the daemon is stopping"))
            }
            _ => Ok(()),
        }
    }
}
