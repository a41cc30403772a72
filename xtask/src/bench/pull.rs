//! `bench pull`: one report from the provider to a file, again and again, each time in turn with the
//! floor.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::figures::{Figure, median};
use crate::print::{grouped, mib};
use crate::scene::{self, ACCOUNT, Cost, Made, Meter, Order, Scene, Schedule, cpu_of_program};

/// The job that finds the report, which is also its schedule's name.
pub(super) const JOB: &str = "harvest";
const SOURCE: &str = "SCHEDULER";

/// How to measure.
#[derive(Args)]
pub(super) struct Options {
    /// How many records the report holds
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    records: u32,
    /// How many reports
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// What one report took.
pub(super) struct Pulled {
    /// The daemon's CPU and memory.
    pub(super) cost: Cost,
    /// From asking for the run to its end.
    pub(super) wall: Duration,
    /// The provider's batch.
    pub(super) batch: Made,
}

/// Measures reports of one size against the floor.
pub(super) fn pull(options: &Options) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    scene::play(&[Schedule::on_demand(JOB)], |scene| {
        figures = measure(options, scene)?;
        Ok(())
    })?;
    Ok(figures)
}

fn measure(options: &Options, scene: &mut Scene<'_>) -> Result<Vec<Figure>> {
    let records = f64::from(options.records);
    let micros = |cpu: Duration| cpu.as_secs_f64() * 1e6 / records;
    // A moment after the start, for what a start leaves behind.
    scene.go_on(Duration::from_secs(3))?;
    let idle = Meter::start(scene.daemon())?.stop()?;
    let (mut daemon, mut floor, mut wall, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for run in 1..=options.runs {
        let pulled = pull_one(scene, options.records)?;
        let least = floor_of(scene, &pulled.batch, options.records)?;
        let over = pulled.cost.peak.saturating_sub(idle.idle);
        eprintln!(
            "run {run}: {:.2} µs a record, floor {:.2}, ratio {:.2}; {:.1} s; {:.1} MiB over idle",
            micros(pulled.cost.cpu),
            micros(least),
            micros(pulled.cost.cpu) / micros(least),
            pulled.wall.as_secs_f64(),
            mib(over),
        );
        daemon.push(micros(pulled.cost.cpu));
        floor.push(micros(least));
        wall.push(pulled.wall.as_secs_f64());
        peak = peak.max(over);
    }
    let ratios = daemon
        .iter()
        .zip(&floor)
        .map(|(daemon, floor)| daemon / floor);
    Ok(vec![
        Figure::new("CPU of the daemon, over the floor F", median(ratios), "F").at_most(2.0),
        Figure::new("CPU of the daemon, a record", median(daemon), "µs"),
        Figure::new("CPU of the floor, a record", median(floor), "µs"),
        Figure::new(
            format!("wall time for {} records", grouped(options.records.into())),
            median(wall),
            "s",
        ),
        Figure::new(
            format!("memory idle, every connector loaded ({})", idle.counted),
            mib(idle.idle),
            "MiB",
        )
        .at_most(25.0),
        Figure::new(
            format!("memory at the peak, over idle ({})", idle.counted),
            mib(peak),
            "MiB",
        )
        .at_most(32.0),
    ])
}

/// Has the provider make a report and the daemon deliver it.
///
/// # Errors
/// What went wrong, or that the file does not hold as many lines as the report holds records.
pub(super) fn pull_one(scene: &Scene<'_>, records: u32) -> Result<Pulled> {
    let batch = scene.provider.make(&Order {
        job: JOB,
        source: SOURCE,
        records,
        ..Order::default()
    })?;
    let meter = Meter::start(scene.daemon())?;
    let began = Instant::now();
    scene.reissue.run(JOB)?;
    let wall = began.elapsed();
    let cost = meter.stop()?;
    let folder = scene.world.updates().join(ACCOUNT).join(JOB);
    take(&folder.join(format!("{}.jsonl", batch.id)), records)?;
    Ok(Pulled { cost, wall, batch })
}

/// The CPU time of the floor on the same report.
///
/// # Errors
/// It failed, or its file does not hold as many lines as the report holds records.
pub(super) fn floor_of(scene: &Scene<'_>, batch: &Made, records: u32) -> Result<Duration> {
    let file = scene.world.path("floor.jsonl");
    let report = format!("{}/_sandbox/report/{}", scene.provider.url(), batch.id);
    let cpu = cpu_of_program(Command::new(&scene.floors.pull).arg(report).arg(&file))?;
    take(&file, records)?;
    Ok(cpu)
}

/// Takes a delivered file away, as a consumer does.
fn take(file: &Path, records: u32) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = BufReader::new(opened).split(b'\n').count();
    if lines != records as usize {
        bail!("{} holds {lines} updates, not {records}", file.display());
    }
    fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))
}
