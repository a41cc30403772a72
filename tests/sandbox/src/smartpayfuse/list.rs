//! `GET /accountupdater/v1/batches`: how batches are found whose ids nobody told us.
//!
//! The provider's own pages contradict each other on what `offset` counts, so a sandbox is told which it is. The dates
//! filter on creation and include both ends; the provider does not say. In the body `limit` is the number of items and
//! `count` the limit that was asked for, the wrong way round as in the documented example.

use std::sync::Arc;

use axum::extract::Query;
use axum::http::Uri;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Kind;

use super::batch::{Batch, Source};
use super::problem::Problem;
use super::{OffsetMeans, PATH, SmartpayFuse, views};

/// Answers one page.
pub(super) fn list(
    provider: &SmartpayFuse,
    uri: &Uri,
    origin: &str,
    fault: Option<&Kind>,
    now: DateTime<Utc>,
) -> Result<Value, Problem> {
    let asked = Asked::read(uri)?;
    let mut batches = provider.batches.newest_first(now);
    batches.retain(|batch| asked.covers(batch.created));
    if let Some(Kind::Lagging) = fault {
        batches.retain(|batch| batch.submission.is_none());
    }
    let page = match fault {
        Some(Kind::EndlessPaging) => Page::endless(&asked, provider.offset_means, now),
        Some(Kind::RepeatPage) => Page {
            more: true,
            ..Page::cut(&batches, &asked.first(), provider.offset_means)
        },
        Some(Kind::NextLink { .. }) => Page {
            more: true,
            ..Page::cut(&batches, &asked, provider.offset_means)
        },
        _ => Page::cut(&batches, &asked, provider.offset_means),
    };
    if let Some(Kind::Shifting) = fault {
        provider.batches.appear(now);
    }
    let leak = fault.and_then(Kind::leak);
    let rows: Vec<Value> = page
        .rows
        .iter()
        .map(|batch| row(batch, origin, leak, now))
        .collect();
    Ok(json!({
        "_links": links(&asked, &page, provider.offset_means, origin, fault),
        "object": "collection",
        "offset": asked.offset,
        "limit": rows.len(),
        "count": asked.limit,
        "total": page.total,
        "_embedded": { "batches": rows },
    }))
}

fn row(batch: &Batch, origin: &str, leak: Option<&str>, now: DateTime<Utc>) -> Value {
    let mut row = json!({
        // The link is there even where no report is.
        "_links": { "reports": [{ "href": format!("{origin}{PATH}/{}/report", batch.id) }] },
        "batchId": batch.id,
        "batchCreatedDate": views::colons(batch.created),
        "batchSource": batch.source,
        "tokenSource": "TMS",
        "batchCaEndpoints": batch.source.endpoints(),
        "status": views::word(batch, now, "COMPLETE"),
    });
    if !batch.variant().is_multiple_of(5) {
        row["batchModifiedDate"] = json!(views::colons(batch.ready_at.min(now)));
    }
    if let Some(text) = leak {
        row["merchantReference"] = json!(text);
    } else if matches!(batch.source, Source::Scheduler | Source::TokenApi)
        && let Some(reference) = batch.reference()
    {
        row["merchantReference"] = json!(reference);
    }
    if let Some(totals) = views::totals_in_list(batch, now) {
        row["totals"] = totals;
    }
    row
}

/// What a client asked for.
#[derive(Debug, Clone)]
struct Asked {
    offset: u64,
    limit: u64,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    offset: Option<String>,
    limit: Option<String>,
    from_date: Option<String>,
    to_date: Option<String>,
}

/// How a date is written in a query, and only there.
const COMPACT: &str = "%Y%m%dT%H%M%SZ";

impl Asked {
    fn read(uri: &Uri) -> Result<Self, Problem> {
        let Query(given) = Query::<Parameters>::try_from_uri(uri).map_err(|e| {
            Problem::invalid(vec![json!({ "path": "query", "message": e.body_text() })])
        })?;
        let mut wrong = Vec::new();
        let asked = Self {
            offset: number(
                &mut wrong,
                "offset",
                given.offset,
                0,
                0..=u64::from(u32::MAX),
            ),
            limit: number(&mut wrong, "limit", given.limit, 20, 1..=500),
            from: date(&mut wrong, "fromDate", given.from_date),
            to: date(&mut wrong, "toDate", given.to_date),
        };
        if wrong.is_empty() {
            Ok(asked)
        } else {
            Err(Problem::invalid(wrong))
        }
    }

    fn covers(&self, created: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= created) && self.to.is_none_or(|to| created <= to)
    }

    fn first(&self) -> Self {
        Self {
            offset: 0,
            ..self.clone()
        }
    }

    fn start(&self, means: OffsetMeans) -> u64 {
        match means {
            OffsetMeans::Page => self.offset * self.limit,
            OffsetMeans::Record => self.offset,
        }
    }

    /// The link to where `offset` is another.
    fn url(&self, origin: &str, offset: u64) -> String {
        let date = |name, date: Option<DateTime<Utc>>| {
            date.map_or(String::new(), |date| {
                format!("&{name}={}", date.format(COMPACT))
            })
        };
        let (from, to) = (date("fromDate", self.from), date("toDate", self.to));
        format!(
            "{origin}{PATH}?offset={offset}&limit={}{from}{to}",
            self.limit
        )
    }
}

fn number(
    wrong: &mut Vec<Value>,
    name: &str,
    given: Option<String>,
    default: u64,
    range: std::ops::RangeInclusive<u64>,
) -> u64 {
    let Some(text) = given else { return default };
    match text.parse() {
        Ok(number) if range.contains(&number) => number,
        _ => {
            let message = format!("must be {} to {}", range.start(), range.end());
            wrong.push(json!({ "path": name, "message": message }));
            default
        }
    }
}

fn date(wrong: &mut Vec<Value>, name: &str, given: Option<String>) -> Option<DateTime<Utc>> {
    let text = given?;
    match NaiveDateTime::parse_from_str(&text, COMPACT) {
        // The parser also takes shorter numbers.
        Ok(date) if text.len() == "20200315T000000Z".len() => Some(date.and_utc()),
        _ => {
            wrong.push(json!({ "path": name, "message": "must be yyyyMMddThhmmssZ" }));
            None
        }
    }
}

/// The rows of one page.
struct Page {
    rows: Vec<Arc<Batch>>,
    total: u64,
    more: bool,
}

impl Page {
    fn cut(batches: &[Arc<Batch>], asked: &Asked, means: OffsetMeans) -> Self {
        let total = batches.len() as u64;
        let start = asked.start(means).min(total);
        let end = (start + asked.limit).min(total);
        Self {
            rows: batches[start as usize..end as usize].to_vec(),
            total,
            more: end < total,
        }
    }

    /// Batches that exist nowhere else, others at every offset.
    fn endless(asked: &Asked, means: OffsetMeans, now: DateTime<Utc>) -> Self {
        let start = asked.start(means);
        let row = |n| Arc::new(Batch::phantom(n, now - TimeDelta::seconds(1)));
        Self {
            rows: (start..start + asked.limit).map(row).collect(),
            total: start + 2 * asked.limit,
            more: true,
        }
    }
}

fn links(
    asked: &Asked,
    page: &Page,
    means: OffsetMeans,
    origin: &str,
    fault: Option<&Kind>,
) -> Value {
    let step = match means {
        OffsetMeans::Page => 1,
        OffsetMeans::Record => asked.limit,
    };
    let last = page.total.saturating_sub(1) / asked.limit * step;
    let next_origin = match fault {
        Some(Kind::NextLink { host }) => format!("http://{host}"),
        _ => origin.to_owned(),
    };
    let link = |rel, origin: &str, offset| json!({ "rel": rel, "href": asked.url(origin, offset) });
    let mut links = vec![link("self", origin, asked.offset), link("first", origin, 0)];
    if asked.offset > 0 {
        links.push(link("prev", origin, asked.offset.saturating_sub(step)));
    }
    if page.more {
        links.push(link("next", &next_origin, asked.offset + step));
    }
    links.push(link("last", origin, last));
    links.into()
}
