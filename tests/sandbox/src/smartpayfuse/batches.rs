//! All batches: those of the start, those that appear as time passes, those that a test orders.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::control::duration;
use crate::mix::mix;
use crate::options::MAX_RECORDS;

use super::batch::{Batch, Counts, Report, Source};
use super::generate::Generated;
use super::submit::NewBatch;

const DAY: TimeDelta = TimeDelta::days(1);
/// The provider harvests monthly.
const MONTH: TimeDelta = TimeDelta::days(30);
const DAILY_RECORDS: u64 = 25;

#[derive(Debug)]
pub(super) struct Batches {
    seed: u64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    batches: Vec<Arc<Batch>>,
    /// Of all of them: a history of a hundred thousand is made one by one.
    ids: HashSet<String>,
    recurring: Vec<Recurring>,
    /// Tokens that are registered for the daily report.
    registered: HashSet<String>,
}

/// A batch that the provider makes by itself.
#[derive(Debug)]
struct Recurring {
    source: Source,
    records: u64,
    every: TimeDelta,
    next: DateTime<Utc>,
}

/// A batch to make, as `POST /_sandbox/batches` takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    source: Source,
    /// Sandbox time; now unless given. A batch of the future is found once its time has come.
    created: Option<DateTime<Utc>>,
    /// How long after `created` the report can be had; at once unless given.
    ready_after: Option<String>,
    /// How many records the report holds, 10 unless given. A registration of 0 records had no errors, so no report.
    records: Option<u64>,
    /// Totals to show everywhere, in place of those that agree with the report.
    totals: Option<Map<String, Value>>,
    /// A report to serve byte by byte.
    report_body: Option<String>,
    /// The status to show whatever the time, such as `REJECTED`.
    status: Option<String>,
    /// The batch's id, 2 to 26 digits; made up unless given.
    id: Option<String>,
}

impl Batches {
    pub(super) fn none(seed: u64) -> Self {
        Self {
            seed,
            known: Mutex::default(),
        }
    }

    /// What someone who points a daemon at a fresh sandbox finds: each source, and one batch that is not ready yet.
    pub(super) fn at_start(
        seed: u64,
        harvest: u64,
        processing_for: Duration,
        now: DateTime<Utc>,
    ) -> Self {
        let batches = Self::none(seed);
        let now = now.trunc_subsecs(0);
        let mut known = batches.known();
        let mut make = |source, records, created, ready_at| {
            let id = new_id(seed, &mut known.ids, created);
            known.batches.push(Arc::new(generated(
                seed, id, source, records, created, ready_at,
            )));
        };
        let hour_ago = now - TimeDelta::hours(1);
        let later = TimeDelta::from_std(processing_for).unwrap_or(TimeDelta::MAX);
        let later = now
            .checked_add_signed(later)
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        make(Source::Scheduler, 500, hour_ago, later);
        make(Source::TokenApi, 200, hour_ago, hour_ago);
        make(Source::AmexRegistryApi, 0, now, now);
        make(Source::AmexRegistryApi, 7, now, now);
        known.recurring = vec![
            Recurring {
                source: Source::Scheduler,
                records: harvest,
                every: MONTH,
                next: now,
            },
            Recurring {
                source: Source::AmexMaintenance,
                records: DAILY_RECORDS,
                every: DAY,
                next: now,
            },
        ];
        drop(known);
        batches
    }

    /// Makes a batch, or says why it cannot be made.
    pub(super) fn order(&self, order: Order, now: DateTime<Utc>) -> Result<Arc<Batch>, String> {
        let created = order.created.unwrap_or(now).trunc_subsecs(0);
        let ready_after = order
            .ready_after
            .as_deref()
            .map_or(Ok(Duration::ZERO), duration)?;
        let ready_at = TimeDelta::from_std(ready_after)
            .ok()
            .and_then(|after| created.checked_add_signed(after))
            .ok_or("the calendar ends before ready_after has passed")?;
        let records = order.records.unwrap_or(10);
        if records > MAX_RECORDS {
            return Err(format!(
                "a report holds at most {MAX_RECORDS} records, not {records}"
            ));
        }

        let mut known = self.known();
        let id = match order.id {
            Some(id)
                if !(2..=26).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) =>
            {
                return Err(format!("a batch id is 2 to 26 digits, not {id:?}"));
            }
            Some(id) if !known.ids.insert(id.clone()) => {
                return Err(format!("there is a batch {id} already"));
            }
            Some(id) => id,
            None => new_id(self.seed, &mut known.ids, created),
        };
        let mut batch = generated(self.seed, id, order.source, records, created, ready_at);
        batch.status = order.status;
        if let Some(body) = order.report_body {
            batch.report = Report::Verbatim(body.into());
            batch.counts = Counts::of(batch.source, &batch.report, batch.variant());
        }
        if let Some(totals) = order.totals {
            batch.counts = batch.counts.fixed(totals);
        }
        let batch = Arc::new(batch);
        known.batches.push(batch.clone());
        Ok(batch)
    }

    /// Takes what a merchant asks, which is worked on for so long.
    pub(super) fn submit(
        &self,
        wanted: NewBatch,
        worked_on: Duration,
        now: DateTime<Utc>,
    ) -> Arc<Batch> {
        let now = now.trunc_subsecs(0);
        let worked_on = TimeDelta::from_std(worked_on).unwrap_or(TimeDelta::days(36_500));
        let known = &mut *self.known();
        let id = new_id(self.seed, &mut known.ids, now);
        let batch = wanted.becomes(id, self.seed, &mut known.registered, now, worked_on);
        let batch = Arc::new(batch);
        known.batches.push(batch.clone());
        batch
    }

    /// A batch that appears now, as it happens to a client between two pages.
    pub(super) fn appear(&self, now: DateTime<Utc>) {
        let now = now.trunc_subsecs(0);
        let mut known = self.known();
        let id = new_id(self.seed, &mut known.ids, now);
        let batch = generated(self.seed, id, Source::AmexMaintenance, 1, now, now);
        known.batches.push(Arc::new(batch));
    }

    /// Every batch that exists by now, the newest first.
    pub(super) fn newest_first(&self, now: DateTime<Utc>) -> Vec<Arc<Batch>> {
        let mut known = self.known();
        known.catch_up(self.seed, now);
        let existing = known.batches.iter().filter(|batch| batch.created <= now);
        let mut existing: Vec<_> = existing.cloned().collect();
        existing.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        existing
    }

    pub(super) fn find(&self, id: &str, now: DateTime<Utc>) -> Option<Arc<Batch>> {
        self.newest_first(now)
            .into_iter()
            .find(|batch| batch.id == id)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while holding it")
    }
}

impl Known {
    /// Makes the batches that the provider would have made since the last look.
    fn catch_up(&mut self, seed: u64, now: DateTime<Utc>) {
        for recurring in &mut self.recurring {
            while recurring.next <= now {
                let created = recurring.next;
                let id = new_id(seed, &mut self.ids, created);
                let batch = generated(
                    seed,
                    id,
                    recurring.source,
                    recurring.records,
                    created,
                    created,
                );
                self.batches.push(Arc::new(batch));
                recurring.next += recurring.every;
            }
        }
    }
}

fn generated(
    seed: u64,
    id: String,
    source: Source,
    records: u64,
    created: DateTime<Utc>,
    ready_at: DateTime<Utc>,
) -> Batch {
    let report = match (source, records) {
        (Source::AmexRegistryApi, 0) => Report::Absent,
        _ => Report::Generated(Arc::new(Generated::new(seed, &id, source, records))),
    };
    let mut batch = Batch {
        id,
        source,
        created,
        ready_at,
        submission: None,
        status: None,
        counts: Counts::default(),
        report,
    };
    batch.counts = Counts::of(source, &batch.report, batch.variant());
    batch
}

/// 26 digits that begin with the milliseconds since 1970, as the provider's do.
fn new_id(seed: u64, taken: &mut HashSet<String>, created: DateTime<Utc>) -> String {
    let millis = created.timestamp_millis().clamp(0, 9_999_999_999_999);
    let id = (taken.len() as u64..)
        .map(|n| {
            format!(
                "{millis:013}{:013}",
                mix(seed.wrapping_add(n)) % 10_000_000_000
            )
        })
        .find(|id| !taken.contains(id))
        .expect("ids outnumber batches");
    taken.insert(id.clone());
    id
}
