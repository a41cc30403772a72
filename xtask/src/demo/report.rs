//! What a demo came to, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};

use super::verify::Delivered;
use crate::print::{grouped, mib};
use crate::scene::{Cost, Made, Provider, Reissue};

/// Updates by outcome, a column a job.
pub(super) fn outcomes(delivered: &[Delivered]) {
    let jobs: BTreeSet<&str> = delivered.iter().map(|batch| batch.job).collect();
    let mut rows: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for batch in delivered {
        for (outcome, count) in &batch.outcomes {
            for row in [outcome, "total"] {
                *rows.entry(row).or_default().entry(batch.job).or_default() += count;
            }
        }
    }
    let total = rows.remove("total").unwrap_or_default();
    let print = |name: &str, row: &dyn Fn(&str) -> String| {
        let cells: String = jobs.iter().map(|job| format!("{:>14}", row(job))).collect();
        println!("  {name:<20}{cells}");
    };
    println!("\nUpdates by outcome:\n");
    print("", &|job| job.to_owned());
    for (outcome, row) in rows.iter().chain([(&"total", &total)]) {
        print(outcome, &|job| {
            row.get(job).map_or_else(String::new, |n| grouped(*n))
        });
    }
}

/// The files with their sizes.
pub(super) fn files(updates: &Path, delivered: &[Delivered]) -> Result<()> {
    println!(
        "\nDelivered in {}, one file a batch, every record in it once:\n",
        updates.display()
    );
    for batch in delivered {
        let size = fs::metadata(&batch.path)
            .with_context(|| format!("cannot read {}", batch.path.display()))?
            .len();
        let name = batch.path.strip_prefix(updates).unwrap_or(&batch.path);
        println!("  {:>15} bytes  {}", grouped(size), name.display());
    }
    Ok(())
}

/// An update with a new card.
pub(super) fn sample(delivered: &[Delivered]) -> Result<()> {
    let batch = delivered
        .iter()
        .find(|batch| batch.outcomes.contains_key("new_number"));
    let Some(batch) = batch else { return Ok(()) };
    let file = BufReader::new(File::open(&batch.path)?);
    for line in file.lines() {
        let line = line?;
        if line.contains(r#""outcome":"new_number""#) {
            println!("\nOne update, a line of such a file:\n");
            // Not by way of a `Value`, which would sort the keys.
            serde_transcode::transcode(
                &mut serde_json::Deserializer::from_str(&line),
                &mut serde_json::Serializer::pretty(io::stdout()),
            )?;
            println!();
            return Ok(());
        }
    }
    Ok(())
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
pub(super) fn next(reissue: &Reissue, provider: &Provider, batch: &Made) {
    println!(
        "
Still up. To look around, in another terminal:

  alias reissue='{reissue}'
  reissue status
  reissue schedules | head
  reissue batch list
  reissue batch show {batch}
  reissue updates {batch}
  reissue run harvest --wait
  reissue check

The provider makes another report when told to, and the next look finds it:

  curl -H content-type:application/json {url}/_sandbox/batches \\
    -d '{{\"source\": \"AMEX_MAINTENANCE\", \"records\": 40}}'

Ctrl-C ends daemon and sandbox and removes their files.",
        reissue = reissue.line(),
        batch = batch.id,
        url = provider.url(),
    );
}
