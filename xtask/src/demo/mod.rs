//! `cargo xtask demo`: everything once, for real, on this machine alone. A sandbox plays the provider
//! and the daemon finds, collects and delivers by its own schedules; afterwards every record is
//! compared with what the sandbox says it gave.
//!
//! The provider has its reports only once the daemon has looked and found nothing, so that what is
//! measured begins with an idle daemon.

mod children;
mod measure;
mod programs;
mod progress;
mod provider;
mod reissue;
mod report;
mod stage;
mod verify;
mod world;

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use self::measure::Meter;
use self::programs::Programs;
use self::progress::Progress;
use self::provider::{Made, Order, Provider};
use self::reissue::Reissue;
use self::stage::{Interrupt, Stage};
use self::verify::Delivered;
use self::world::World;

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
    let programs = programs::build()?;
    let interrupt = Interrupt::watch()?;
    let world = World::new(&programs.connector)?;
    match play(options, programs, &world, &interrupt) {
        Err(error) if !interrupt.raised() => bail!(
            "{error:#}; logs and all files are kept in {}",
            world.keep().display()
        ),
        played => {
            let removed = world.remove();
            played.and(removed)
        }
    }
}

fn play(options: &Options, programs: Programs, world: &World, interrupt: &Interrupt) -> Result<()> {
    let (provider, sandbox) = Provider::start(&programs.sandbox, world)?;
    world.configure(provider.url())?;
    let reissue = Reissue::new(programs.reissue, world);
    reissue.make_keys()?;
    let (daemon, readiness) = reissue.start_daemon(world)?;
    let mut stage = Stage {
        daemon,
        sandbox,
        interrupt,
    };
    stage.wait_for("the daemon's start", MINUTE, || readiness.given())?;
    println!(
        "\nThe daemon is up and looks at the provider every three seconds. Nothing there yet."
    );
    stage.wait_for("the first look", MINUTE, || {
        Ok(reissue.status()?.all_served().then_some(()))
    })?;

    let meter = Meter::start(stage.daemon.pid());
    let batches = make_batches(&provider, options.records)?;
    println!("The provider has a daily report and two harvests now, one of them unfinished.\n");
    let mut progress = Progress::of(&batches);
    let limit = 2 * MINUTE + A_RECORD_AT_MOST * options.records;
    stage.wait_for("the delivery", limit, || progress.tell(&reissue.batches()?))?;
    let cost = meter.and_then(Meter::stop);

    let updates = world.updates();
    let delivered: Vec<Delivered> = batches
        .iter()
        .map(|batch| verify::verify(&provider, &updates, batch))
        .collect::<Result<_>>()?;
    verify::nothing_else(&updates, &delivered)?;

    report::outcomes(&delivered);
    report::files(&updates, &delivered)?;
    report::sample(&delivered)?;
    report::cost(&cost, &delivered);
    if !options.once {
        report::next(&reissue, &provider, &batches[0]);
        stage.run()?;
    }
    stage.end()
}

fn make_batches(provider: &Provider, harvest: u32) -> Result<[Made; 3]> {
    let make = |job, source, records, ready_after| {
        provider.make(&Order {
            job,
            source,
            records,
            ready_after,
        })
    };
    Ok([
        make("amex-daily", "AMEX_MAINTENANCE", 25, "0s")?,
        make("harvest", "SCHEDULER", harvest, "0s")?,
        make("harvest", "SCHEDULER", 500, "6s")?,
    ])
}
