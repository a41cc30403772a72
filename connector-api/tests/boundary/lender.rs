//! A daemon that lends what a test gives it, and remembers what came.

use chrono::{DateTime, Utc};
use reissue_connector_api::abi::host::Host;
use reissue_connector_api::testkit::{FakeCard, Reported};
use reissue_connector_api::{CardToAsk, Fault, Head, Level, Request, Update};

#[derive(Default)]
pub(crate) struct Lender {
    pub(crate) cards: Vec<FakeCard>,
    /// How many of the cards were lent.
    pub(crate) lent: usize,
    pub(crate) updates: Vec<Reported>,
    pub(crate) log: Vec<(Level, String)>,
    /// What `emit` answers at first, instead of taking the update.
    pub(crate) no_update: Option<Fault>,
    /// Whether `emit` panics.
    pub(crate) panics: bool,
}

impl Host for Lender {
    fn http(&mut self, _: Request) -> Result<Head, Fault> {
        Err(Fault::unsupported("send anything here"))
    }

    fn read(&mut self, _: u64) -> Result<&[u8], Fault> {
        Err(Fault::unsupported("read anything here"))
    }

    fn emit(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        assert!(!self.panics, "the daemon's own defect");
        if let Some(fault) = self.no_update.take() {
            return Err(fault);
        }
        self.updates.push(Reported::from(update));
        Ok(())
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        self.lent += 1;
        Ok(self.cards.get(self.lent - 1).map(|card| CardToAsk {
            key: &card.key,
            pan: card.pan.as_ref(),
            token: &card.token,
            token_kind: &card.token_kind,
            expiry: card.expiry,
            se_number: &card.se_number,
        }))
    }

    fn now(&self) -> DateTime<Utc> {
        crate::said::instant("2026-11-22T06:30:00.000001Z")
    }

    fn random(&self, into: &mut [u8]) {
        into.fill(7);
    }

    fn cancelled(&self) -> bool {
        false
    }

    fn log(&mut self, level: Level, text: &str) {
        self.log.push((level, text.to_owned()));
    }
}
