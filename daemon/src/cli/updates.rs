//! `reissue updates [BATCH]`: counts by outcome and code; with a batch, its updates, masked.

use std::io::Write;

use reissue_config::Config;
use serde_json::Value;

use super::ask::How;
use super::print::say;
use super::{batch, print};
use crate::admin::client::Client;
use crate::admin::request::{BatchFilter, UpdatesOf};
use crate::admin::updates::{spool_of, write_masked};
use crate::admin::view::BatchView;
use crate::failure::Failure;
use crate::ledger::BatchKey;
use crate::ledger::event::OutcomeCount;
use crate::service;
use crate::spool::Counts;

/// Updates that are shown to people; programs get all of them.
const SHOWN: usize = 20;

pub(super) async fn run(how: &How, name: Option<String>, aside: bool) -> Result<(), Failure> {
    match name {
        None => all(how).await,
        Some(name) => one(how, &batch::find(how, &name).await?, aside).await,
    }
}

/// Counts over everything that the ledger remembers.
async fn all(how: &How) -> Result<(), Failure> {
    let filter = BatchFilter::default();
    let batches: Vec<BatchView> = how
        .view("/v1/batches", &filter, |observer| {
            observer.batches(|_| true)
        })
        .await?;
    let mut sum = Counts::default();
    for row in batches
        .iter()
        .filter_map(|view| view.batch.collected.as_ref())
        .flat_map(|collected| &collected.counts)
    {
        sum.add(row);
    }
    let rows = sum.into_rows();
    if how.json {
        return print::json(&rows);
    }
    if rows.is_empty() {
        say!("no updates yet");
    }
    show_counts(&rows);
    Ok(())
}

/// The updates of one batch: JSON lines for programs, counts and the first of them for people.
async fn one(how: &How, view: &BatchView, aside: bool) -> Result<(), Failure> {
    let Some(collected) = &view.batch.collected else {
        let (key, state) = (&view.batch.key, view.batch.state.as_str());
        return Err(Failure {
            code: 1,
            message: format!("{key} was not collected: it is {state}"),
        });
    };
    let (count, what) = match aside {
        false => (collected.updates, "updates"),
        true => (
            collected.cards.map_or(0, |it| it.aside),
            "answers that are set aside",
        ),
    };
    if count == 0 {
        if !how.json {
            say!("it holds no {what}");
        }
        return Ok(());
    }
    if !how.json && !aside {
        show_counts(&collected.counts);
        say!();
    }
    if !collected.spool {
        return Err(Failure {
            code: 1,
            message: format!(
                "its {what} are kept no longer: 7 days after its end they were deleted"
            ),
        });
    }
    let config = how.load()?;
    if how.json {
        let mut out = std::io::stdout().lock();
        return lines(&config, &view.batch.key, aside, |piece| {
            out.write_all(piece)
        })
        .await;
    }
    let mut head = Head::default();
    lines(&config, &view.batch.key, aside, |piece| head.take(piece)).await?;
    print::table(&["RECORD", "REFERENCE", "OUTCOME", "OLD", "NEW"], head.rows);
    if count > SHOWN as u64 {
        say!("… {} more; --json shows all", count - SHOWN as u64);
    }
    Ok(())
}

/// The masked lines, from the daemon or from the spool.
async fn lines(
    config: &Config,
    key: &BatchKey,
    aside: bool,
    mut with: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let query = UpdatesOf {
        batch: key.to_string(),
        aside,
    };
    if let Ok(client) = Client::connect(&config.admin.socket).await {
        return Ok(client.stream("/v1/updates", &query, with).await?);
    }
    let keyring = service::keyring(config)?;
    let spool = spool_of(key, aside, &config.daemon.state_dir, &keyring);
    let spool = spool.map_err(anyhow::Error::new)?;
    let mut out = Pieces(&mut with);
    // A reader that has enough is no failure.
    let _ = write_masked(spool, &mut out).map_err(anyhow::Error::new)?;
    Ok(())
}

struct Pieces<'w>(&'w mut dyn FnMut(&[u8]) -> std::io::Result<()>);

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        (self.0)(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The first lines as rows.
#[derive(Default)]
struct Head {
    rest: Vec<u8>,
    rows: Vec<Vec<String>>,
}

impl Head {
    fn take(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.rest.extend_from_slice(piece);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            if self.rows.len() == SHOWN {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            self.rows
                .push(row(&serde_json::from_slice(&line).unwrap_or_default()));
        }
        Ok(())
    }
}

fn row(update: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let card = |card: &Value| match card.is_null() {
        true => "-".into(),
        false => format!("{} {}", text(&card["pan_masked"]), text(&card["expiry"])),
    };
    vec![
        text(&update["record"]),
        text(&update["reference"]),
        text(&update["outcome"]),
        card(&update["old"]),
        card(&update["new"]),
    ]
}

/// Prints counters.
pub(super) fn show_counts(counts: &[OutcomeCount]) {
    let row = |count: &OutcomeCount| {
        vec![
            count.count.to_string(),
            count.outcome.clone(),
            count.code.clone(),
            count.reason.clone(),
        ]
    };
    print::table(
        &["UPDATES", "OUTCOME", "CODE", "REASON"],
        counts.iter().map(row).collect(),
    );
}
