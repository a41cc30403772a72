//! What the daemon lends a connector for one call.

use chrono::{DateTime, Utc};
use reissue_connector_api::abi::host::Host;
use reissue_connector_api::{CardToAsk, Fault, Head, Kind, Level, Request, Update, mask_pans};

use crate::clock;
use crate::egress::{Body, Call};
use crate::spool::{SpoolBroken, SpoolWriter};

/// The loan for one call: the network, and for `collect` a way out for updates.
pub struct Loan<'s> {
    call: Call,
    response: u64,
    body: Option<Body>,
    /// The first failure of the network. A connector's parser may wrap or swallow it; ours wins.
    broken: Option<Fault>,
    updates: Updates<'s>,
}

/// Where updates go. The spool is begun by the first of them: most batches of a quiet day hold none.
struct Updates<'s> {
    begin: Option<Begin<'s>>,
    spool: Option<SpoolWriter>,
    failed: Option<Fault>,
}

type Begin<'s> = &'s mut dyn FnMut() -> Result<SpoolWriter, Fault>;

impl<'s> Loan<'s> {
    /// A loan for a verb that reports no updates.
    pub fn without_updates(call: Call) -> Self {
        Self::new(call, None)
    }

    /// A loan for `collect`; `begin` begins the spool.
    pub fn for_collect(call: Call, begin: Begin<'s>) -> Self {
        Self::new(call, Some(begin))
    }

    fn new(call: Call, begin: Option<Begin<'s>>) -> Self {
        Self {
            call,
            response: 0,
            body: None,
            broken: None,
            updates: Updates {
                begin,
                spool: None,
                failed: None,
            },
        }
    }

    /// Ends the loan with the connector's outcome. A call whose network or spool failed has failed,
    /// whatever the connector made of it; its messages are masked and a garbled answer is named.
    ///
    /// # Errors
    /// The fault that counts.
    pub fn settle<T>(self, outcome: Result<T, Fault>) -> Result<(T, Option<SpoolWriter>), Fault> {
        let ours = self.updates.failed.or(self.broken);
        let outcome = match ours {
            Some(fault) => Err(fault),
            None => outcome,
        };
        outcome
            .map(|value| (value, self.updates.spool))
            .map_err(|mut fault| {
                if let (Kind::Garbled, Some(body)) = (fault.kind, &self.body) {
                    fault.message = format!("{} ({})", fault.message, body.fingerprint());
                }
                if let Some(masked) = mask_pans(&fault.message) {
                    fault.message = masked;
                }
                fault
            })
    }

    fn go_on(&self) -> Result<(), Fault> {
        if self.call.is_stopped() {
            return Err(Fault::new(Kind::Cancelled, "the daemon is stopping"));
        }
        Ok(())
    }
}

impl Host for Loan<'_> {
    fn http(&mut self, request: Request) -> Result<Head, Fault> {
        self.go_on()?;
        self.response += 1;
        self.body = None;
        match self.call.send(request, self.response) {
            Ok((head, body)) => {
                self.body = Some(body);
                Ok(head)
            }
            Err(fault) => {
                self.broken.get_or_insert_with(|| fault.clone());
                Err(fault)
            }
        }
    }

    fn read(&mut self, response: u64) -> Result<&[u8], Fault> {
        let body = self
            .body
            .as_mut()
            .filter(|_| response == self.response)
            .ok_or_else(|| Fault::refused("the connector read an answer after its next request"))?;
        body.read(&self.call).inspect_err(|fault| {
            self.broken.get_or_insert_with(|| fault.clone());
        })
    }

    fn emit(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        self.go_on()?;
        self.updates.add(update)
    }

    fn next_card(&mut self) -> Result<Option<CardToAsk<'_>>, Fault> {
        Err(Fault::unsupported("get cards in this call"))
    }

    fn now(&self) -> DateTime<Utc> {
        clock::now()
    }

    fn random(&self, into: &mut [u8]) {
        // The generator of AWS-LC ends the process rather than return predictable bytes.
        aws_lc_rs::rand::fill(into).expect("AWS-LC's generator does not fail");
    }

    fn cancelled(&self) -> bool {
        self.call.is_stopped()
    }

    fn log(&mut self, level: Level, text: &str) {
        /// Longer lines are cut: a connector must not flood the log.
        const LONGEST: usize = 4096;
        let cut = text.floor_char_boundary(LONGEST.min(text.len()));
        let masked = mask_pans(&text[..cut]);
        let text = masked.as_deref().unwrap_or(&text[..cut]);
        match level {
            Level::Error => tracing::error!(connector_says = text),
            Level::Warn => tracing::warn!(connector_says = text),
            Level::Info => tracing::info!(connector_says = text),
            Level::Debug => tracing::debug!(connector_says = text),
        }
    }
}

impl Updates<'_> {
    fn add(&mut self, update: &Update<'_>) -> Result<(), Fault> {
        if let Some(fault) = &self.failed {
            return Err(fault.clone());
        }
        let added = match self.spool.take() {
            Some(spool) => Ok(spool),
            None => self.begin(),
        };
        added
            .and_then(|mut spool| match spool.add(update) {
                Ok(()) => {
                    self.spool = Some(spool);
                    Ok(())
                }
                Err(SpoolBroken) => Err(spool.why_broken()),
            })
            .inspect_err(|fault| self.failed = Some(fault.clone()))
    }

    fn begin(&mut self) -> Result<SpoolWriter, Fault> {
        match &mut self.begin {
            Some(begin) => begin(),
            None => Err(Fault::unsupported("report updates in this call")),
        }
    }
}
