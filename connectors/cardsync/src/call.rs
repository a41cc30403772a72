//! What we ask CardSync for, and what an answer other than a success means.
//!
//! CardSync says in the body whether it did what was asked, often with HTTP 200 all the same, and
//! explains little. A gateway stands in front of it, whose pages explain nothing. So a refusal is
//! CardSync's own only if it comes in CardSync's envelope.

use std::fmt;

use reissue_connector_api::{ExposeSecret, Fault, Kind, Request, Response, Run, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::wire::Envelope;

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// To create the merchant.
    Merchant,
    /// To note who accepted the terms.
    Terms,
    /// To enrol the merchant.
    Enrol,
    /// Where the enrolment stands.
    Enrolment,
    /// To take a batch of cards.
    Submit,
    /// How far a batch has got.
    Status(&'a str),
    /// What became of a batch's cards.
    Results(&'a str),
    /// To watch cards.
    Subscribe,
    /// To watch cards no longer.
    Unsubscribe,
    /// What an event says became of cards.
    Event(&'a str),
    /// To call us.
    Webhook,
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Merchant => f.write_str("creating the merchant"),
            Self::Terms => f.write_str("accepting the terms"),
            Self::Enrol => f.write_str("asking to be enrolled"),
            Self::Enrolment => f.write_str("reading the state of the enrolment"),
            Self::Submit => f.write_str("submitting the cards"),
            Self::Status(batch) => write!(f, "reading the status of batch {batch}"),
            Self::Results(batch) => write!(f, "reading the results of batch {batch}"),
            Self::Subscribe => f.write_str("adding the subscriptions"),
            Self::Unsubscribe => f.write_str("removing the subscriptions"),
            Self::Event(event) => write!(f, "reading the results of event {event}"),
            Self::Webhook => f.write_str("registering our webhook"),
        }
    }
}

/// Why there is nothing of what was asked for.
pub(crate) enum No {
    /// CardSync itself declined: the sentence holds its words.
    Declined(String),
    /// Anything else.
    Fault(Fault),
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<No> for Fault {
    fn from(no: No) -> Self {
        match no {
            No::Declined(sentence) => Self::refused(sentence),
            No::Fault(fault) => fault,
        }
    }
}

impl Asked<'_> {
    /// Asks with this key, and with this body where the request has one; what CardSync answers.
    ///
    /// # Errors
    /// `garbled` for an answer that is not CardSync's, and what its status means.
    pub(crate) fn answer(
        self,
        run: &Run<'_>,
        key: &SecretString,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Value, No> {
        let mut response = self.stream(run, key, body)?;
        let document = response.json().map_err(self.fails())?;
        let envelope = Envelope::read(document).ok_or_else(|| self.lacks("status"))?;
        if envelope.is_success {
            Ok(envelope.data)
        } else {
            Err(self.declined(response.status(), &envelope.words))
        }
    }

    /// The same with the answer still to be read.
    ///
    /// # Errors
    /// What its status means.
    pub(crate) fn stream<'r>(
        self,
        run: &'r Run<'_>,
        key: &SecretString,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Response<'r>, No> {
        let mut request = self.request();
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        // The bare key: CardSync knows no scheme.
        request = request
            .header("Accept", self.accept())
            .header("Authorization", key.expose_secret());
        request.body = body;
        let mut response = run.http(&request)?;
        if response.is_success() {
            Ok(response)
        } else {
            Err(self.refusal(&mut response))
        }
    }

    /// CardSync says no, under whatever status.
    pub(crate) fn declined(self, status: u16, words: &str) -> No {
        let sentence = format!("{self}: HTTP {status}: {words}");
        if words.eq_ignore_ascii_case("unauthorized") {
            let sentence = format!("{sentence}; {}", self.check_key());
            return No::Fault(Fault::new(Kind::Credentials, sentence).sent());
        }
        No::Declined(sentence)
    }

    /// Says what was being done when something failed.
    pub(crate) fn fails(self) -> impl FnOnce(Fault) -> Fault {
        move |mut fault| {
            fault.message = format!("{self}: {}", fault.message);
            fault
        }
    }

    /// The answer is JSON, but not the document that was asked for.
    pub(crate) fn lacks(self, key: &str) -> Fault {
        Fault::garbled(format!("{self}: the answer has no `{key}`"))
    }

    /// Makes sure that an answer which names a batch names this one.
    ///
    /// # Errors
    /// `garbled` where it is another.
    pub(crate) fn is_about(self, batch: &str, named: &str) -> Result<(), Fault> {
        if named.is_empty() || named == batch {
            return Ok(());
        }
        Err(Fault::garbled(format!(
            "{self}: the answer is about batch {named}"
        )))
    }

    /// The documents want the character set for one of them.
    fn accept(self) -> &'static str {
        match self {
            Self::Terms => "application/json; charset=utf-8",
            _ => "application/json",
        }
    }

    /// What to do about a key that is refused.
    fn check_key(self) -> &'static str {
        match self {
            Self::Merchant => "check `partner_key`",
            _ => "check the merchant's key (`merchant_key`, where the configuration gives it)",
        }
    }

    fn request(self) -> Request {
        match self {
            Self::Merchant => Request::new("POST", "/api/merchant"),
            Self::Terms => Request::new("POST", "/api/accept-tos"),
            Self::Enrol => Request::new("POST", "/api/cardsync/enrollment"),
            Self::Enrolment => Request::get("/api/cardsync/enrollment"),
            Self::Submit => Request::new("POST", "/api/cardsync/batch"),
            Self::Status(batch) => {
                Request::get("/api/cardsync/batch/{batch}").param("batch", batch)
            }
            Self::Results(batch) => {
                Request::get("/api/cardsync/batch/{batch}/results").param("batch", batch)
            }
            Self::Subscribe => Request::new("POST", "/v2/subscribe"),
            Self::Unsubscribe => Request::new("DELETE", "/v2/subscribe"),
            Self::Event(event) => Request::get("/v2/subscription/results").query("event_id", event),
            Self::Webhook => Request::new("POST", "/v2/webhook"),
        }
    }

    /// An answer other than 2xx. An unknown batch is not taken for one that was purged: nobody says
    /// what CardSync answers then, its failures all read alike, and the ledger knows when the time
    /// is over. A gateway's 404 says even less.
    fn refusal(self, response: &mut Response<'_>) -> No {
        let body = response.text().unwrap_or_default();
        let document = serde_json::from_str(&body).unwrap_or_default();
        let envelope = Envelope::read(document).filter(|envelope| !envelope.is_success);
        let status = response.status();
        match envelope {
            Some(envelope) if !matches!(status, 401 | 408 | 410 | 425 | 429 | 500..) => {
                self.declined(status, &envelope.words)
            }
            envelope => {
                let words = envelope.map(|envelope| envelope.words).unwrap_or_default();
                let mut fault = response.fault(&self.to_string(), &words);
                match status {
                    401 => fault.message = format!("{}; {}", fault.message, self.check_key()),
                    404 => fault.kind = Kind::Refused,
                    _ => {}
                }
                No::Fault(fault)
            }
        }
    }
}
