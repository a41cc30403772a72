//! What a demo came to, for people.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};

use anyhow::{Context, Result};

use super::account::Account;
use super::verify::Delivered;
use crate::print::{grouped, mib};
use crate::scene::{Batch, Cost, Received, Scene, World};

/// Updates by outcome, a column a schedule.
pub(super) fn outcomes(delivered: &[Delivered]) {
    let mut schedules: Vec<&str> = delivered.iter().map(|batch| batch.schedule).collect();
    schedules.dedup();
    let mut rows: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for batch in delivered {
        for (outcome, count) in &batch.outcomes {
            for row in [outcome, "total"] {
                let row = rows.entry(row).or_default();
                *row.entry(batch.schedule).or_default() += count;
            }
        }
    }
    let total = rows.remove("total").unwrap_or_default();
    let print = |name: &str, cell: &dyn Fn(&str) -> String| {
        let cells = schedules.iter().map(|schedule| cell(schedule));
        row(name, cells);
    };
    println!("\nUpdates by outcome:\n");
    print("", &|schedule| schedule.to_owned());
    for (outcome, row) in rows.iter().chain([(&"total", &total)]) {
        print(outcome, &|schedule| {
            row.get(schedule).map_or_else(String::new, |n| grouped(*n))
        });
    }
}

/// What became of the cards that were asked about.
pub(super) fn questions(accounts: &[Account]) {
    println!("\nEach card was asked about once, and is accounted for:\n");
    let header = ["cards", "answered", "no answer", "refused", "paid for"];
    row("", header.map(str::to_owned));
    for it in accounts {
        let numbers = [it.cards, it.answered, it.absent, it.refused, it.paid];
        row(it.name, numbers.map(grouped));
    }
}

fn row(name: &str, cells: impl IntoIterator<Item = String>) {
    let cells = cells.into_iter().map(|cell| format!("{cell:>14}"));
    println!("  {name:<20}{}", cells.collect::<String>());
}

/// The files with their sizes.
pub(super) fn files(world: &World, delivered: &[Delivered]) -> Result<()> {
    let folder = world.folder();
    println!(
        "\nDelivered in {}, one file a batch, every record in it once;\n\
         tokens and masks to `updates`, full numbers to `vault` alone, encrypted:\n",
        folder.display()
    );
    for batch in delivered {
        let size = fs::metadata(&batch.path)
            .with_context(|| format!("cannot read {}", batch.path.display()))?
            .len();
        let name = batch.path.strip_prefix(folder).unwrap_or(&batch.path);
        println!("  {:>15} bytes  {}", grouped(size), name.display());
    }
    Ok(())
}

/// What came to the billing system.
pub(super) fn pushed(received: &Received) {
    let Received { pages, updates, .. } = received;
    println!(
        "\nWhat changed of the subscribed cards was also posted to the billing system, which verified each\n\
         signature: messages {pages}, updates {updates}, full numbers none, nothing twice."
    );
}

/// An update with a new card of a file in the clear, and one of a file that is encrypted.
pub(super) fn samples(world: &World, delivered: &[Delivered]) -> Result<()> {
    let sample = |encrypted| {
        let mut batches = delivered.iter().filter(|it| is_encrypted(it) == encrypted);
        batches.find(|batch| batch.outcomes.contains_key("new_number"))
    };
    if let Some(batch) = sample(false) {
        println!("\nOne update, a line of such a file:\n");
        new_number(BufReader::new(File::open(&batch.path)?))?;
    }
    if let Some(batch) = sample(true) {
        println!("\nAnd one of the vault, decrypted; its cards are test cards, nobody's:\n");
        new_number(world.vault.read(&batch.path)?.as_bytes())?;
    }
    Ok(())
}

/// The first of a new number, laid out.
fn new_number(updates: impl BufRead) -> Result<()> {
    for line in updates.lines() {
        let line = line?;
        if line.contains(r#""outcome":"new_number""#) {
            // Not by way of a `Value`, which would sort the keys.
            serde_transcode::transcode(
                &mut serde_json::Deserializer::from_str(&line),
                &mut serde_json::Serializer::pretty(io::stdout()),
            )?;
            println!();
            break;
        }
    }
    Ok(())
}

fn is_encrypted(batch: &Delivered) -> bool {
    batch.path.extension().is_some_and(|end| end == "age")
}

/// What it cost the daemon.
pub(super) fn cost(cost: &Result<Cost>, delivered: &[Delivered]) {
    let counts = delivered.iter().flat_map(|batch| batch.outcomes.values());
    let updates: u64 = counts.sum();
    match cost {
        Ok(cost) => {
            let cpu = cost.cpu.as_secs_f64();
            println!(
                "\nThe daemon took {:.1} MiB of memory when idle and {:.1} MiB at its peak ({}; {:.1} MiB resident at most),\n\
                 and {cpu:.2} s of CPU for {} updates, {:.1} µs each.",
                mib(cost.idle),
                mib(cost.peak),
                cost.counted,
                mib(cost.resident),
                grouped(updates),
                cpu * 1e6 / updates as f64,
            );
        }
        Err(error) => println!("\nWhat it cost the daemon could not be measured: {error:#}."),
    }
}

/// What to try while the demo is up.
pub(super) fn next(scene: &Scene<'_>, ledger: &[Batch], delivered: &[Delivered]) {
    let folder = scene.world.folder();
    let question = ledger.iter().find(|batch| batch.cards.is_some());
    let sealed = delivered.iter().find(|batch| is_encrypted(batch));
    let sealed = sealed.and_then(|batch| batch.path.strip_prefix(folder).ok());
    println!(
        "
Still up. To look around, in another terminal:

  alias reissue='{reissue}'
  cd {folder}
  reissue status
  reissue batch list
  reissue batch show {question}
  reissue updates {question}
  reissue schedules | head
  reissue check
  age --decrypt --identity vault-identity {sealed}

Another file of cards: one that was asked about already, one that was not, and one mistyped.

  printf '%s\\n' reference,pan,expiry a,4012000000000016,2031-04 \\
    b,6011000000000012,2031-04 c,4111111111111112,2031-04 > cards-cardsync/.more
  mv cards-cardsync/.more cards-cardsync/more.csv
  reissue plan cardsync
  reissue run cardsync --wait
  cat cards-cardsync/*.rejected.csv

A provider that reports by itself makes another report when told to, and the next look finds it:

  curl -H content-type:application/json {url}/_sandbox/batches \\
    -d '{{\"source\": \"AMEX_MAINTENANCE\", \"records\": 40}}'

The one with subscribed cards calls us when they change again, and the billing system has it a moment later:

  reissue subscriptions amex
  curl -H content-type:application/json {url}/_sandbox/cardsync/events -d '{{}}'
  curl {url}/_sandbox/receiver/billing

Ctrl-C ends daemon and sandbox and removes their files.",
        reissue = scene.reissue.line(),
        folder = folder.display(),
        question = question.map_or("", Batch::id),
        sealed = sealed.unwrap_or(folder).display(),
        url = scene.provider.url(),
    );
}
