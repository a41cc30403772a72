//! What was requested, so that a test can say what a client did and, above all, what it did not do twice.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use axum::http::StatusCode;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::faults::{Endpoint, Kind};

/// A sandbox may run for weeks on a staging host; the counts go on, the entries are the latest.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Journal {
    log: bool,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    latest: VecDeque<Entry>,
    counts: BTreeMap<&'static str, u64>,
}

/// One request to a provider. Headers and bodies are not kept: they hold credentials and cards.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// Sandbox time.
    pub(crate) at: DateTime<Utc>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) batch: Option<String>,
    /// Why the credentials were refused. The provider never tells; a person who looks for the cause needs it.
    pub(crate) refused: Option<String>,
    /// The kind of the fault that was played.
    pub(crate) fault: Option<&'static str>,
    /// `None` where the connection was closed without an answer.
    pub(crate) status: Option<u16>,
}

impl Entry {
    /// A request that was answered with this status, unless the fault closes the connection first.
    pub(crate) fn of(
        at: DateTime<Utc>,
        request: &Parts,
        (endpoint, batch): (Option<Endpoint>, Option<&str>),
        refused: Option<String>,
        fault: Option<&Kind>,
        status: StatusCode,
    ) -> Self {
        Self {
            at,
            method: request.method.to_string(),
            path: request.uri.path().to_owned(),
            query: request.uri.query().map(str::to_owned),
            endpoint,
            batch: batch.map(str::to_owned),
            refused,
            fault: fault.map(Kind::name),
            status: fault.is_none_or(Kind::is_answered).then(|| status.as_u16()),
        }
    }
}

impl Journal {
    pub(crate) fn new(log: bool) -> Self {
        Self {
            log,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn note(&self, entry: Entry) {
        if self.log {
            log(&entry);
        }
        let mut entries = self.entries();
        let endpoint = entry.endpoint.map_or("other", Endpoint::name);
        *entries.counts.entry(endpoint).or_default() += 1;
        if entries.latest.len() == KEPT {
            entries.latest.pop_front();
        }
        entries.latest.push_back(entry);
    }

    /// `{counts, requests}`, oldest request first.
    pub(crate) fn show(&self) -> Value {
        let entries = self.entries();
        json!({ "counts": entries.counts, "requests": entries.latest })
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries
            .lock()
            .expect("nothing panics while holding it")
    }
}

#[expect(clippy::print_stderr, reason = "what --log is for")]
fn log(entry: &Entry) {
    let status = entry.status.map_or("dropped".into(), |s| s.to_string());
    let query = entry
        .query
        .as_ref()
        .map_or(String::new(), |q| format!("?{q}"));
    eprint!(
        "{} {} {}{query} {status}",
        entry.at.format("%FT%TZ"),
        entry.method,
        entry.path
    );
    if let Some(why) = &entry.refused {
        eprint!(" (credentials refused: {why})");
    }
    if let Some(fault) = entry.fault {
        eprint!(" (fault {fault})");
    }
    eprintln!();
}
