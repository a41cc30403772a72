//! The sandbox: plays the provider, and can say afterwards what a client should have got.
//!
//! Its control interface is plain HTTP on loopback. One request a connection in HTTP/1.0 leaves
//! nothing to a client that would deserve a library: the answer ends where the connection does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::asks::Asks;
use super::children::Child;
use super::world::World;

/// The running sandbox as its owner sees it.
pub(crate) struct Provider {
    url: String,
}

/// A batch that the provider is told to have.
#[derive(Default, Serialize)]
pub(crate) struct Order {
    /// Our job that finds it.
    #[serde(skip)]
    pub(crate) job: &'static str,
    /// Where the provider has it from, in its words.
    pub(crate) source: &'static str,
    /// How many records its report holds.
    pub(crate) records: u32,
    /// How long the provider still works on it; not at all unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ready_after: Option<&'static str>,
    /// What a batch of the past has besides.
    #[serde(flatten)]
    pub(crate) past: Option<Past>,
}

/// What an old batch has that a new one is given.
#[derive(Serialize)]
pub(crate) struct Past {
    /// The provider's id.
    pub(crate) id: String,
    /// When it was made, in RFC 3339.
    pub(crate) created: String,
    /// The provider's word for what became of it.
    pub(crate) status: &'static str,
}

/// A batch that the provider has.
pub(crate) struct Made {
    /// The provider's id.
    pub(crate) id: String,
    /// Our job that finds it.
    pub(crate) job: &'static str,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// What a client should get out of a batch.
#[derive(Deserialize)]
pub(crate) struct Expected {
    /// Updates by outcome.
    pub(crate) outcomes: BTreeMap<String, u64>,
}

/// What came to the billing system that updates are posted to.
#[derive(Deserialize)]
pub(crate) struct Received {
    /// Messages, each counted once however often it came.
    pub(crate) pages: u64,
    /// The updates in them.
    pub(crate) updates: u64,
    /// Those that were not believed or not understood, and why.
    refused: Vec<serde_json::Value>,
    /// What was odd about the others, such as their order.
    problems: Vec<String>,
}

/// The name of the billing system that the sandbox plays.
pub(super) const RECEIVER: &str = "billing";

/// How long each provider takes, so that one can watch it.
const AT_ONCE: [&str; 4] = [
    "--processing-for=3s",
    "--cardsync-enrolled-after=0s",
    "--cardsync-results-after=3s",
    "--bluesnap-results-after=4s",
];

impl Provider {
    /// Starts it without any batch, on a free port. What providers take days for it does in seconds.
    pub(crate) fn start(program: &Path, world: &World) -> Result<(Self, Child)> {
        let mut sandbox = Child::start(
            "sandbox",
            Command::new(program)
                .args(["--listen=127.0.0.1:0", "--empty", "--log"])
                .args(AT_ONCE)
                .args(world.credentials())
                .stdout(Stdio::piped()),
            &world.path("sandbox.log"),
        )?;
        let line = sandbox.first_line()?;
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .context("the sandbox did not say where it listens")?;
        Ok((Self { url: url.into() }, sandbox))
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Has the provider make a batch.
    pub(crate) fn make(&self, order: &Order) -> Result<Made> {
        let body = serde_json::to_string(order)?;
        let Id { id } = serde_json::from_reader(self.ask("POST", "batches", &body)?)?;
        let job = order.job;
        Ok(Made { id, job })
    }

    /// What a client should get out of a batch, in counts.
    pub(crate) fn expected(&self, batch: &str) -> Result<Expected> {
        let path = format!("expected/{batch}");
        Ok(serde_json::from_reader(self.ask("GET", &path, "")?)?)
    }

    /// The same record by record, one JSON object a line, in the report's order.
    pub(crate) fn records(&self, batch: &str) -> Result<impl BufRead + use<>> {
        self.ask("GET", &format!("expected/{batch}/ids"), "")
    }

    /// Which cards it was asked about and how often, or which are subscribed; one JSON object a line.
    pub(crate) fn asked(&self, asks: Asks) -> Result<impl BufRead + use<>> {
        match asks {
            Asks::Amex => self.ask("GET", "cardsync/subscriptions", ""),
            _ => self.ask("GET", &format!("{}/submitted/cards", asks.name()), ""),
        }
    }

    /// What it answers about the cards of a batch, one JSON object a line.
    pub(crate) fn answers(&self, asks: Asks, batch: &str) -> Result<impl BufRead + use<>> {
        let path = format!("{}/expected/{batch}/cards", asks.connector());
        self.ask("GET", &path, "")
    }

    /// Something happens to the subscribed cards, and the provider calls us.
    pub(crate) fn change_subscribed_cards(&self) -> Result<Made> {
        let event = self.ask("POST", "cardsync/events", "{}")?;
        let Id { id } = serde_json::from_reader(event)?;
        let job = Asks::Amex.job();
        Ok(Made { id, job })
    }

    /// What came to the billing system.
    ///
    /// # Errors
    /// Besides the usual: some of it was not as it should be.
    pub(crate) fn received(&self) -> Result<Received> {
        let path = format!("receiver/{RECEIVER}");
        let received: Received = serde_json::from_reader(self.ask("GET", &path, "")?)?;
        match (received.refused.first(), received.problems.first()) {
            (Some(refused), _) => bail!("the billing system refused a message: {refused}"),
            (None, Some(problem)) => bail!("the billing system complains: {problem}"),
            (None, None) => Ok(received),
        }
    }

    /// The updates that came to it, one JSON object a line.
    pub(crate) fn received_updates(&self) -> Result<impl BufRead + use<>> {
        self.ask("GET", &format!("receiver/{RECEIVER}/updates"), "")
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<BufReader<TcpStream>> {
        self.exchange(method, path, body)
            .with_context(|| format!("the sandbox does not answer {method} /_sandbox/{path}"))
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> Result<BufReader<TcpStream>> {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{method} /_sandbox/{path} HTTP/1.0\r\nHost: {address}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = BufReader::new(stream);
        let mut status = String::new();
        answer.read_line(&mut status)?;
        let mut header = String::new();
        while answer.read_line(&mut header)? > "\r\n".len() {
            header.clear();
        }
        if !status.contains(" 200 ") && !status.contains(" 201 ") {
            bail!("{}", status.trim_end());
        }
        Ok(answer)
    }
}
