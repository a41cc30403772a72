//! `cargo xtask demo`: everything once, for real, on this machine alone. A sandbox plays the provider
//! and the daemon finds, collects and delivers by its own schedules; afterwards every record is
//! compared with what the sandbox says it gave.
//!
//! The provider's reports appear only after the daemon has looked and found nothing, so that what is
//! measured begins with an idle daemon.

mod children;
mod measure;
mod programs;
mod provider;
mod reissue;
mod report;
mod verify;
mod wait;
mod world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use self::children::Daemon;
use self::measure::Meter;
use self::programs::Programs;
use self::provider::{Order, Provider};
use self::reissue::Reissue;
use self::report::Played;
use self::wait::{Interrupt, Wait};
use self::world::World;

/// How the demo is wanted.
#[derive(Args)]
pub(crate) struct Options {
    /// End once everything is delivered; fails if anything is missing, doubled or left over
    #[arg(long)]
    once: bool,
    /// How many records the harvest holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    records: u64,
}

/// Plays the demo.
///
/// # Errors
/// Anything that went wrong, with where to look; interrupted before the end.
pub(crate) fn demo(options: &Options) -> Result<()> {
    let programs = programs::build()?;
    let interrupt = Interrupt::watch()?;
    let world = World::new(&programs.connector)?;
    match play(options, &programs, &world, &interrupt) {
        Err(error) if !interrupt.raised() => {
            let folder = world.keep();
            bail!(
                "{error:#} (daemon.log, sandbox.log and all files are in {})",
                folder.display()
            )
        }
        played => {
            let removed = world.remove();
            played.and(removed)
        }
    }
}

fn play(
    options: &Options,
    programs: &Programs,
    world: &World,
    interrupt: &Interrupt,
) -> Result<()> {
    let (provider, mut sandbox) = Provider::start(&programs.sandbox, world)?;
    world.configure(provider.url())?;
    let reissue = Reissue::new(&programs.reissue, &world.config_path());
    reissue.make_keys()?;
    let mut daemon = Daemon::start(&programs.reissue, world)?;
    let mut wait = Wait::new(interrupt, [daemon.child(), &mut sandbox]);

    wait.until("the daemon's start", MINUTE, || daemon.is_ready())?;
    println!("The daemon is up; its schedules look at the provider every three seconds.");
    wait.until("the first look", MINUTE, || {
        Ok(reissue.status()?.all_served().then_some(()))
    })?;

    let meter = Meter::start(daemon.pid());
    let orders = orders(options.records);
    let began = Instant::now();
    let batches: BTreeMap<String, Order> = orders
        .into_iter()
        .map(|order| Ok((provider.make(&order)?, order)))
        .collect::<Result<_>>()?;

    Ok(())
}

const MINUTE: Duration = Duration::from_secs(60);
