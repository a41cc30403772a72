//! Barclaycard smartpayFuse, a white label of Cybersource: the Account Updater REST interface.
//!
//! The control interface has, for this provider:
//!
//! | request | does |
//! |---|---|
//! | `POST /_sandbox/batches` | makes a batch: `{"source": "SCHEDULER", "records": 1000, "ready_after": "1h"}`; also `created`, `totals`, `report_body`, `status`, `id` |
//! | `GET /_sandbox/expected/BATCH` | what a client should get out of it, in counts |
//! | `GET /_sandbox/expected/BATCH/ids` | the same record by record, one JSON object a line |
//! | `GET /_sandbox/report/BATCH` | the report as the provider gives it, without credentials |
//! | `GET /_sandbox/smartpayfuse/submitted` | how often tokens were asked about, in counts |
//! | `GET /_sandbox/smartpayfuse/submitted/cards` | the same token by token, one JSON object a line |

mod auth;
mod batch;
mod batches;
mod bend;
mod call;
mod control;
mod expected;
mod generate;
mod list;
mod problem;
mod shapes;
mod status;
mod submit;
mod template;
mod views;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::World;

pub use auth::{Credentials, SharedSecret};
pub(crate) use control::control;

use auth::Used;
use batch::Batch;
use batches::Batches;

const PATH: &str = "/accountupdater/v1/batches";
const JSON: &str = "application/json;charset=utf-8";

/// How the provider behaves where it can be asked to.
#[derive(Debug, Clone, Args)]
#[group(id = "smartpayfuse")]
#[command(next_help_heading = "smartpayFuse")]
pub struct Options {
    /// Whom to answer
    #[command(flatten)]
    pub credentials: Credentials,

    /// What the list's offset counts: the provider's documents say both
    #[arg(long, value_enum, default_value = "page")]
    pub offset_means: OffsetMeans,
}

/// What the list's `offset` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OffsetMeans {
    /// Pages of `limit` batches
    Page,
    /// Batches
    Record,
}

/// The provider's state.
#[derive(Debug)]
pub(crate) struct SmartpayFuse {
    credentials: Credentials,
    offset_means: OffsetMeans,
    /// How long submitted batches are worked on.
    processing_for: Duration,
    used: Used,
    requests: AtomicU64,
    batches: Batches,
}

impl SmartpayFuse {
    pub(crate) fn new(options: &crate::Options, now: DateTime<Utc>) -> Self {
        Self {
            credentials: options.smartpayfuse.credentials.clone(),
            offset_means: options.smartpayfuse.offset_means,
            processing_for: options.processing_for,
            used: Used::default(),
            requests: AtomicU64::new(0),
            batches: match options.empty {
                true => Batches::none(options.seed),
                false => {
                    Batches::at_start(options.seed, options.records, options.processing_for, now)
                }
            },
        }
    }

    /// All batches for a person to see, the newest first.
    pub(crate) fn show(&self, now: DateTime<Utc>) -> Vec<Value> {
        let show = |batch: Arc<Batch>| {
            json!({
                "id": batch.id,
                "source": batch.source,
                "created": batch.created,
                "ready_at": batch.ready_at,
                "complete": batch.is_complete(now),
                "totals": batch.counts.totals,
            })
        };
        self.batches
            .newest_first(now)
            .into_iter()
            .map(show)
            .collect()
    }
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/accountupdater/{*rest}", any(call::serve))
}
