//! `cargo xtask demo`: everything once, for real, on this machine alone. A sandbox plays the provider
//! and the daemon finds, collects and delivers by its own schedules; afterwards every record is
//! compared with what the sandbox says it gave.
//!
//! The provider has its reports only once the daemon has looked and found nothing, so that what is
//! measured begins with an idle daemon.

mod progress;
mod report;
mod verify;

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use self::progress::Progress;
use self::verify::Delivered;
use crate::scene::{self, Made, Meter, Order, Provider, Scene, Schedule};

const MINUTE: Duration = Duration::from_secs(60);
/// A hundred times what a record takes, for a machine that is busy with something else.
const A_RECORD_AT_MOST: Duration = Duration::from_millis(1);

/// How the demo is wanted.
#[derive(Args)]
pub(crate) struct Options {
    /// End once everything is delivered; fail if anything is missing, doubled or left over
    #[arg(long)]
    once: bool,
    /// How many records the harvest holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    records: u32,
}

/// Plays the demo.
///
/// # Errors
/// What went wrong and where to look, or that someone interrupted.
pub(crate) fn demo(options: &Options) -> Result<()> {
    // Due every three seconds, where a provider would be asked once a day.
    let schedules = ["amex-daily", "harvest"].map(|job| Schedule {
        name: job.to_owned(),
        job,
        cron: "*/3 * * * * *".to_owned(),
        asks: None,
    });
    scene::play(&schedules, |scene| play(options, scene))
}

fn play(options: &Options, scene: &mut Scene<'_>) -> Result<()> {
    println!(
        "\nThe daemon is up and looks at the provider every three seconds. Nothing there yet."
    );
    scene.wait_for("the first look", MINUTE, |scene| {
        Ok(scene.reissue.status()?.all_served().then_some(()))
    })?;

    let meter = Meter::start(scene.daemon());
    let batches = make_batches(&scene.provider, options.records)?;
    println!("The provider has a daily report and two harvests now, one of them unfinished.\n");
    let mut progress = Progress::of(&batches);
    let limit = 2 * MINUTE + A_RECORD_AT_MOST * options.records;
    scene.wait_for("the delivery", limit, |scene| {
        progress.tell(&scene.reissue.batches()?)
    })?;
    let cost = meter.and_then(Meter::stop);

    let updates = scene.world.updates();
    let delivered: Vec<Delivered> = batches
        .iter()
        .map(|batch| verify::verify(&scene.provider, &updates, batch))
        .collect::<Result<_>>()?;
    verify::nothing_else(&updates, &delivered)?;

    report::outcomes(&delivered);
    report::files(&updates, &delivered)?;
    report::sample(&delivered)?;
    report::cost(&cost, &delivered);
    if options.once {
        return Ok(());
    }
    report::next(&scene.reissue, &scene.provider, &batches[0]);
    scene.go_on_until_interrupted()
}

fn make_batches(provider: &Provider, harvest: u32) -> Result<[Made; 3]> {
    let make = |job, source, records, ready_after| {
        provider.make(&Order {
            job,
            source,
            records,
            ready_after,
            past: None,
        })
    };
    Ok([
        make("amex-daily", "AMEX_MAINTENANCE", 25, None)?,
        make("harvest", "SCHEDULER", harvest, None)?,
        make("harvest", "SCHEDULER", 500, Some("6s"))?,
    ])
}
