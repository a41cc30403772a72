//! Scripted faults: which request goes wrong, and how.
//!
//! A fault sees only requests whose credentials were accepted, so that `nth` counts what a good client did.
//! [`crate::distort`] plays the kinds that need no knowledge of the provider; the provider plays the rest.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

/// What a provider offers; one word means the same for every provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    List,
    Status,
    Report,
    Submit,
    /// Creating a merchant.
    Merchant,
    /// Accepting the terms.
    Terms,
    /// Asking to be enrolled.
    Enrol,
    /// Looking where an enrolment stands.
    Enrolment,
    /// Saying where events are to be announced.
    Webhook,
    /// Adding cards to what is reported without being asked.
    Subscribe,
    /// Taking cards out of it.
    Unsubscribe,
    /// Handing updates to the sandbox's own receiver, which is no provider; a batch is the receiver's name here.
    Receiver,
}

impl Endpoint {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Status => "status",
            Self::Report => "report",
            Self::Submit => "submit",
            Self::Merchant => "merchant",
            Self::Terms => "terms",
            Self::Enrol => "enrol",
            Self::Enrolment => "enrolment",
            Self::Webhook => "webhook",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Receiver => "receiver",
        }
    }
}

/// A scripted fault as `POST /_sandbox/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(rename = "match")]
    matches: Match,
    then: Kind,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    endpoint: Wanted,
    /// Only requests for this batch, or event.
    batch: Option<String>,
    /// The first matching request that goes wrong, counted from 1.
    #[serde(default = "one")]
    nth: u64,
    /// How many go wrong from there on; 0 means all.
    #[serde(default = "one")]
    times: u64,
}

fn one() -> u64 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Any,
    #[serde(untagged)]
    One(Endpoint),
}

/// How a request goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Kind {
    /// Answers with this status, and the provider's own error body unless one is given.
    Status {
        status: u16,
        body: Option<String>,
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// 200 and a web page, as a portal or a proxy in between would.
    Html,
    /// 200 and no body.
    Empty,
    /// 200 and bytes that are not JSON.
    Garbage,
    /// 302 to another address.
    Redirect { to: String },
    /// Closes the connection without an answer: nobody knows whether the request was served. It was not.
    Drop,
    /// Does what was asked, and goes wrong only then: with `drop` the provider has it and the client cannot know.
    Served { then: Box<Kind> },
    /// Does what was asked, and answers only after so long.
    Late { milliseconds: u64 },
    /// Sends the head and then nothing.
    Stall,
    /// Does nothing and sends nothing, not even a head, until the client goes.
    Silence,
    /// Closes the connection after at most this much of the body.
    Truncate { after_bytes: u64 },
    /// Announces a longer body than it sends.
    WrongLength,
    /// Sends the body at this rate.
    Slow { bytes_per_second: u32 },
    /// The list's `next` points to another host.
    NextLink { host: String },
    /// Every page of the list has a next one, with new ids.
    EndlessPaging,
    /// Every page of the list has a next one, which is the first again.
    RepeatPage,
    /// A batch appears at the head of the list after each page, so that what follows shifts.
    Shifting,
    /// The list does not show yet what was submitted.
    Lagging,
    /// The report lacks every second record.
    Shorter,
    /// The report has one more record, of something that nobody asked about.
    Foreign,
    /// The report has every record twice.
    Doubled,
    /// Puts this text, say a card number, wherever the provider writes free text, and into a `cardNumber`.
    Leak { text: String },
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::Redirect { .. } => "redirect",
            Self::Drop => "drop",
            Self::Served { .. } => "served",
            Self::Late { .. } => "late",
            Self::Stall => "stall",
            Self::Silence => "silence",
            Self::Truncate { .. } => "truncate",
            Self::WrongLength => "wrong_length",
            Self::Slow { .. } => "slow",
            Self::NextLink { .. } => "next_link",
            Self::EndlessPaging => "endless_paging",
            Self::RepeatPage => "repeat_page",
            Self::Shifting => "shifting",
            Self::Lagging => "lagging",
            Self::Shorter => "shorter",
            Self::Foreign => "foreign",
            Self::Doubled => "doubled",
            Self::Leak { .. } => "leak",
        }
    }

    /// The text to leak.
    pub(crate) fn leak(&self) -> Option<&str> {
        match self {
            Self::Leak { text } => Some(text),
            _ => None,
        }
    }

    /// Whether there is an answer at all.
    pub(crate) fn is_answered(&self) -> bool {
        match self {
            Self::Drop | Self::Silence => false,
            Self::Served { then } => then.is_answered(),
            _ => true,
        }
    }

    /// The one endpoint whose answer it changes.
    fn concerns(&self) -> Option<Endpoint> {
        match self {
            Self::NextLink { .. }
            | Self::EndlessPaging
            | Self::RepeatPage
            | Self::Shifting
            | Self::Lagging => Some(Endpoint::List),
            Self::Shorter | Self::Foreign | Self::Doubled => Some(Endpoint::Report),
            Self::Silence => Some(Endpoint::Receiver),
            _ => None,
        }
    }

    /// What makes it impossible.
    fn check(&self, endpoint: Wanted) -> Result<(), String> {
        match self {
            Self::Status { status, .. } if !(200..=599).contains(status) => {
                Err(format!("a status is 200 to 599, not {status}"))
            }
            Self::Status { headers, .. } => crate::distort::headers(headers).map(drop),
            Self::Redirect { to } => {
                let location = BTreeMap::from([("location".into(), to.clone())]);
                crate::distort::headers(&location).map(drop)
            }
            Self::Slow {
                bytes_per_second: 0,
            } => Err("bytes_per_second is at least 1; `stall` sends nothing at all".into()),
            Self::Served { then } if matches!(**then, Self::Served { .. }) => {
                Err("what is served is served: `then` must be something that goes wrong".into())
            }
            Self::Served { then } => then.check(endpoint),
            other => match other.concerns() {
                Some(only) if endpoint != Wanted::One(only) => Err(format!(
                    "{} changes the {only}: match.endpoint must be \"{only}\"",
                    other.name(),
                    only = only.name()
                )),
                _ => Ok(()),
            },
        }
    }
}

/// The script. The first fault that is due is played; all that match count the request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    script: Mutex<Vec<Scripted>>,
}

/// A fault and how many matching requests it has seen.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scripted {
    #[serde(flatten)]
    fault: Fault,
    seen: u64,
}

impl Faults {
    /// Adds a fault, or says what makes it impossible.
    pub(crate) fn script(&self, fault: Fault) -> Result<(), String> {
        fault.then.check(fault.matches.endpoint)?;
        if fault.matches.nth == 0 {
            return Err("nth counts from 1".into());
        }
        self.scripted().push(Scripted { fault, seen: 0 });
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.scripted().clear();
    }

    pub(crate) fn show(&self) -> Vec<Scripted> {
        self.scripted().clone()
    }

    /// Counts a request and says what goes wrong with it.
    pub(crate) fn next(&self, endpoint: Endpoint, batch: Option<&str>) -> Option<Kind> {
        let mut due = None;
        for scripted in self.scripted().iter_mut() {
            if !scripted.fault.matches.wants(endpoint, batch) {
                continue;
            }
            scripted.seen += 1;
            if due.is_none() && scripted.fault.matches.is_due(scripted.seen) {
                due = Some(scripted.fault.then.clone());
            }
        }
        due
    }

    fn scripted(&self) -> std::sync::MutexGuard<'_, Vec<Scripted>> {
        self.script.lock().expect("nothing panics while holding it")
    }
}

impl Match {
    fn wants(&self, endpoint: Endpoint, batch: Option<&str>) -> bool {
        [Wanted::Any, Wanted::One(endpoint)].contains(&self.endpoint)
            && (self.batch.is_none() || self.batch.as_deref() == batch)
    }

    fn is_due(&self, seen: u64) -> bool {
        seen >= self.nth && (self.times == 0 || seen - self.nth < self.times)
    }
}
