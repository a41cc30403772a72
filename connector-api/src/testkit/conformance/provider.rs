//! What an author knows and conformance does not: an account, and what the provider answers when
//! all is well.

use std::fmt;

use serde_json::Value;

use super::super::Answer;
use crate::notification::Notification;

/// A provider on its best day: an account there, and for each verb of each job the documented
/// exchanges, in order.
///
/// An exchange is the request line and its answer. The daemon's clock stands at
/// 2026-11-22T06:30:00Z, `discover` lists the week before it, and a submission has the id `sub-1`
/// and three cards: `k1` of Visa, `k2` of Mastercard and `k3` of American Express. A status other
/// than 2xx in a script is documented for that request; every other one must become a fault.
#[derive(Debug, Clone)]
pub struct Provider {
    pub(super) settings: Value,
    pub(super) secrets: Vec<(String, String)>,
    pub(super) ready_word: Option<String>,
    pub(super) scripts: Vec<Script>,
}

impl Provider {
    /// A provider at which an account has these settings.
    pub fn new(settings: Value) -> Self {
        Self {
            settings,
            secrets: Vec::new(),
            ready_word: None,
            scripts: Vec::new(),
        }
    }

    /// The account's secret of that name.
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.push((name.into(), value.into()));
        self
    }

    /// The provider's word for a batch whose results are ready, where it has one: any other word
    /// must be taken as running.
    pub fn ready_word(mut self, word: &str) -> Self {
        self.ready_word = Some(word.into());
        self
    }

    /// `discover` of a job, which finds at least one batch.
    pub fn discover(
        self,
        job: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Discover(job.into()), exchanges)
    }

    /// `collect` of a batch of that job. One script of each job must end in `Complete`.
    pub fn collect(
        self,
        job: &str,
        batch: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Collect(job.into(), batch.into()), exchanges)
    }

    /// `submit` for a job, which is accepted.
    pub fn submit(
        self,
        job: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Submit(job.into()), exchanges)
    }

    /// `reconcile` of a submission of that job.
    pub fn reconcile(
        self,
        job: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Reconcile(job.into()), exchanges)
    }

    /// `subscribe` for a job.
    pub fn subscribe(
        self,
        job: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Subscribe(job.into()), exchanges)
    }

    /// `unsubscribe` for a job.
    pub fn unsubscribe(
        self,
        job: &str,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        self.script(Call::Unsubscribe(job.into()), exchanges)
    }

    /// A webhook call, which announces at least one batch.
    pub fn receive(self, notification: Notification) -> Self {
        let none: [(String, Answer); 0] = [];
        self.script(Call::Receive(notification), none)
    }

    /// The first step of enrolment.
    pub fn enrol(self, exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>) -> Self {
        self.script(Call::Enrol, exchanges)
    }

    fn script(
        mut self,
        call: Call,
        exchanges: impl IntoIterator<Item = (impl Into<String>, Answer)>,
    ) -> Self {
        let exchanges = exchanges.into_iter();
        self.scripts.push(Script {
            call,
            exchanges: exchanges
                .map(|(line, answer)| (line.into(), answer))
                .collect(),
            cancelled_after: None,
            how: String::new(),
        });
        self
    }
}

/// One call and what happens in it.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) call: Call,
    /// Request lines and answers, in order.
    pub(super) exchanges: Vec<(String, Answer)>,
    /// How many loans there are before the daemon stops.
    pub(super) cancelled_after: Option<usize>,
    /// What is not as the author scripted it.
    pub(super) how: String,
}

impl Script {
    /// The call alone.
    pub(super) fn bare(call: Call) -> Self {
        Self {
            call,
            exchanges: Vec::new(),
            cancelled_after: None,
            how: String::new(),
        }
    }

    /// The same with another answer in that place.
    pub(super) fn answered(&self, at: usize, answer: Answer, by: &str) -> Self {
        let mut script = self.clone();
        script.how = format!(", when `{}` is answered by {by},", script.exchanges[at].0);
        script.exchanges[at].1 = answer;
        script
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.call, self.how)
    }
}

/// What the daemon asks of the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    Discover(String),
    Collect(String, String),
    Submit(String),
    Reconcile(String),
    Subscribe(String),
    Unsubscribe(String),
    Receive(Notification),
    Enrol,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discover(job) => write!(f, "`discover` of `{job}`"),
            Self::Collect(job, batch) => write!(f, "`collect` of batch `{batch}` (`{job}`)"),
            Self::Submit(job) => write!(f, "`submit` of `{job}`"),
            Self::Reconcile(job) => write!(f, "`reconcile` of `{job}`"),
            Self::Subscribe(job) => write!(f, "`subscribe` of `{job}`"),
            Self::Unsubscribe(job) => write!(f, "`unsubscribe` of `{job}`"),
            Self::Receive(_) => f.write_str("`receive`"),
            Self::Enrol => f.write_str("`enrol`"),
        }
    }
}
