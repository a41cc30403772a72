//! What the daemon lends a connector for one call.

use std::time::Instant;

use chrono::{DateTime, Utc};
use reissue_connector_api::abi::host::Host;
use reissue_connector_api::{CardToAsk, Fault, Head, Kind, Level, Pans, Request, Update};

use super::said::{self, Said};
use crate::cards::{Cards, unreadable};
use crate::clock;
use crate::egress::{Body, Call};

/// The loan for one call: the network, and for `collect` a way out for updates.
pub struct Loan<'s> {
    call: Call,
    response: u64,
    body: Option<Body>,
    /// For `collect`: where updates go, and what the manifest says of full card numbers.
    updates: Option<(&'s mut dyn Updates, Pans)>,
    said: Said,
    /// For `submit`, `subscribe` and `unsubscribe`: the cards.
    cards: Option<Box<dyn Cards>>,
}

/// Where the updates of a call go.
pub trait Updates {
    /// Takes one.
    ///
    /// # Errors
    /// The fault that ends the call.
    fn take(&mut self, update: &Update<'_>) -> Result<(), Fault>;
}

impl<'s> Loan<'s> {
    /// A loan for a verb that reports no updates.
    pub fn without_updates(call: Call) -> Self {
        Self {
            call,
            response: 0,
            body: None,
            updates: None,
            said: Said::default(),
            cards: None,
        }
    }

    /// A loan for `collect`; `pans` is what the manifest announces.
    pub fn for_collect(call: Call, updates: &'s mut dyn Updates, pans: Pans) -> Self {
        Self {
            updates: Some((updates, pans)),
            ..Self::without_updates(call)
        }
    }

    /// A loan for `submit`, `subscribe` or `unsubscribe`, which gives these cards.
    pub fn for_submit(call: Call, cards: impl Cards + 'static) -> Self {
        Self {
            cards: Some(Box::new(cards)),
            ..Self::without_updates(call)
        }
    }

    /// When the call's time is up.
    pub(super) fn deadline(&self) -> Instant {
        self.call.deadline()
    }

    /// Whether a request other than `GET` may have reached the provider.
    pub fn has_posted(&self) -> bool {
        self.call.has_posted()
    }

    /// Ends the loan with the connector's outcome. A call whose network or spool failed has failed,
    /// whatever the connector made of it; its messages are masked and a garbled answer is named.
    ///
    /// # Errors
    /// The fault that counts.
    pub fn settle<T>(self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        self.said.end();
        let fault = match outcome {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        let mut fault = match fault.kind {
            // Else it would be tried again at once, and for ever.
            Kind::Cancelled if !self.call.is_stopped() => {
                self.call.go_on().err().unwrap_or_else(not_cancelled)
            }
            _ => fault,
        };
        if let (Kind::Garbled, Some(body)) = (fault.kind, &self.body) {
            fault.message = format!("{} ({})", fault.message, body.fingerprint());
        }
        said::mask(&mut fault);
        // Whatever failed after it, a request that may cost money may have arrived; unless the provider
        // has turned it away.
        fault.sent = match self.call.was_turned_away() {
            true => self.call.has_posted(),
            false => fault.sent || self.call.has_posted(),
        };
        Err(fault)
    }
}

fn has_pan(update: &Update<'_>) -> bool {
    let new = update.outcome.new_card();
    update.old.pan.is_some() || new.is_some_and(|card| card.pan.is_some())
}

fn not_cancelled() -> Fault {
    Fault::garbled("the connector says that it was cancelled, and nobody did")
}

pub(super) fn random(into: &mut [u8]) {
    // The generator of AWS-LC ends the process rather than return predictable bytes.
    aws_lc_rs::rand::fill(into).expect("AWS-LC's generator does not fail");
}

impl Host for Loan<'_> {
    fn http(&mut self, request: Request) -> Result<Head, Fault> {
        self.call.go_on()?;
        self.response += 1;
        self.body = None;
        let (head, body) = self.call.send(request, self.response)?;
        self.body = Some(body);
        Ok(head)
    }

    fn read(&mut self, response: u64) -> Result<&[u8], Fault> {
        self.call.go_on()?;
        let body = self
            .body
            .as_mut()
            .filter(|_| response == self.response)
            .ok_or_else(|| Fault::refused("the connector read an answer after its next request"))?;
        body.read(&self.call)
    }

    fn emit(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        self.call.go_on()?;
        let Some((updates, pans)) = &mut self.updates else {
            return Err(Fault::unsupported("report updates in this call"));
        };
        // Only where they are announced has the configuration been asked for a sink that may hold them.
        if !pans.received() && has_pan(update) {
            return Err(Fault::refused(
                "the connector reports a full card number, and its manifest (`pans`) announces none: \
                 nothing of the batch is kept; tell its author",
            ));
        }
        updates.take(update)
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        self.call.go_on()?;
        match &mut self.cards {
            Some(cards) => cards.next_to_ask().map_err(|error| unreadable(&error)),
            None => Err(Fault::unsupported("get cards in this call")),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        clock::now()
    }

    fn random(&self, into: &mut [u8]) {
        random(into);
    }

    fn cancelled(&self) -> bool {
        self.call.go_on().is_err()
    }

    fn log(&mut self, level: Level, text: &str) {
        self.said.log(level, text);
    }
}
