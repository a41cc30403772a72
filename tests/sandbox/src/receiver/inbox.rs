//! What one receiver got: each message once, and what was odd about them.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Value, json};

use super::message::{Alarm, Content, Message, Page};
use super::signature::{Secret, Verified};

/// What came to one name.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) secrets: Vec<Secret>,
    /// The bodies that came under an id.
    bodies: HashMap<String, Vec<u8>>,
    ids: Vec<String>,
    pages: Vec<Line>,
    updates: Vec<Value>,
    alarms: Vec<Alarm>,
    /// Where each batch has got to.
    batches: BTreeMap<[String; 2], Progress>,
    signed_by: BTreeMap<usize, u64>,
    repeated: u64,
    refused: Vec<Refused>,
    problems: Vec<String>,
    largest_body: usize,
}

/// A page without what is on it.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    id: String,
    account: String,
    job: String,
    batch: String,
    page: u64,
    last: bool,
    /// None where nobody but the recipient can count them.
    updates: Option<usize>,
}

#[derive(Debug, Default)]
struct Progress {
    pages: u64,
    is_complete: bool,
}

/// A message that was not taken.
#[derive(Debug, Serialize)]
struct Refused {
    id: Option<String>,
    why: String,
}

impl Inbox {
    pub(super) fn new(secrets: Vec<Secret>) -> Self {
        Self {
            secrets,
            bodies: HashMap::new(),
            ids: Vec::new(),
            pages: Vec::new(),
            updates: Vec::new(),
            alarms: Vec::new(),
            batches: BTreeMap::new(),
            signed_by: BTreeMap::new(),
            repeated: 0,
            refused: Vec::new(),
            problems: Vec::new(),
            largest_body: 0,
        }
    }

    /// Takes a message, or says what is wrong with it.
    pub(super) fn take(&mut self, verified: &Verified<'_>, body: &[u8]) -> Result<(), String> {
        let id = verified.id;
        for by in &verified.by {
            *self.signed_by.entry(*by).or_default() += 1;
        }
        if let Some(before) = self.bodies.get(id) {
            self.repeated += 1;
            if before != body {
                self.problems
                    .push(format!("{id} came again with another body"));
            }
            return Ok(());
        }
        match Message::read(body)? {
            Message::Updates { data, .. } => self.keep(id, data),
            Message::Alarm { data, .. } => self.alarms.push(data),
        }
        self.ids.push(id.to_owned());
        self.bodies.insert(id.to_owned(), body.to_owned());
        self.largest_body = self.largest_body.max(body.len());
        Ok(())
    }

    pub(super) fn refuse(&mut self, id: Option<&str>, why: String) {
        let id = id.map(str::to_owned);
        self.refused.push(Refused { id, why });
    }

    fn keep(&mut self, id: &str, page: Page) {
        let key = [page.account.clone(), page.batch.clone()];
        let progress = self.batches.entry(key).or_default();
        let expected = progress.pages + 1;
        if page.page != expected || progress.is_complete {
            self.problems.push(format!(
                "batch {}: page {} came where page {expected} {}",
                page.batch,
                page.page,
                if progress.is_complete {
                    "cannot be: the last one was there"
                } else {
                    "was next"
                },
            ));
        }
        progress.pages = page.page;
        progress.is_complete |= page.last;
        self.pages.push(Line {
            id: id.to_owned(),
            account: page.account,
            job: page.job,
            batch: page.batch,
            page: page.page,
            last: page.last,
            updates: match &page.content {
                Content::Updates(updates) => Some(updates.len()),
                Content::Encrypted(_) => None,
            },
        });
        match page.content {
            Content::Updates(updates) => self.updates.extend(updates),
            Content::Encrypted(text) => self.updates.push(json!({ "encrypted": text })),
        }
    }

    pub(super) fn show(&self) -> Value {
        let complete = self.batches.values().filter(|batch| batch.is_complete);
        json!({
            "pages": self.pages.len(),
            "updates": self.pages.iter().filter_map(|page| page.updates).sum::<usize>(),
            "alarms": self.alarms.len(),
            "batches": self.batches.len(),
            "complete": complete.count(),
            "repeated": self.repeated,
            "largest_page": self.pages.iter().filter_map(|page| page.updates).max(),
            "largest_body": self.largest_body,
            "signed_by": self.signed_by,
            "ids": self.ids,
            "refused": self.refused,
            "problems": self.problems,
        })
    }

    pub(super) fn pages(&self) -> &[Line] {
        &self.pages
    }

    pub(super) fn updates(&self) -> &[Value] {
        &self.updates
    }

    pub(super) fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }
}
