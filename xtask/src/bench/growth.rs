//! `bench growth`: reports of ten times the size, one after the other. CPU stands for time: on a
//! machine that others use too, wall time tells of them. A virtual machine may itself charge more for
//! the tenth gigabyte of page cache than for the first, which the floor's own growth shows.

use std::env;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use rustix::fs::statvfs;

use super::figures::Figure;
use super::pull::{JOB, floor_of, pull_one};
use crate::print::{grouped, mib};
use crate::scene::{self, Meter, Schedule};

/// A line of updates is 920 bytes on average, sealed or not.
const BYTES_A_RECORD: u64 = 1_000;
/// A small report is pulled again until so many records have passed: the kernel counts CPU time in
/// hundredths of a second.
const RECORDS_A_SIZE: u32 = 1_000_000;

/// How far to go.
#[derive(Args)]
pub(super) struct Options {
    /// Records of the smallest report
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    from: u32,
    /// Records of the largest report
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    to: u32,
    /// Measure the floor too, which holds the whole report in memory: 7 GB for 10 000 000 records
    #[arg(long)]
    floor: bool,
}

/// Measures every size, and each against the one before.
pub(super) fn growth(options: &Options) -> Result<Vec<Figure>> {
    let sizes: Vec<u32> = std::iter::successors(Some(options.from), |size| size.checked_mul(10))
        .take_while(|size| *size <= options.to)
        .collect();
    make_sure_of_disk(&sizes)?;
    let mut figures = Vec::new();
    scene::play(&[Schedule::on_demand(JOB)], |scene| {
        scene.go_on(Duration::from_secs(3))?;
        let idle = Meter::start(scene.daemon())?.stop()?.idle;
        let (mut before, mut floor_before) = (None, None);
        for size in sizes {
            let (mut cpu, mut floor, mut peak) = (Duration::ZERO, Duration::ZERO, 0);
            for _ in 0..runs(size) {
                let pulled = pull_one(scene, size)?;
                cpu += pulled.cost.cpu;
                peak = peak.max(pulled.cost.peak.saturating_sub(idle));
                if options.floor {
                    floor += floor_of(scene, &pulled.batch, size)?;
                }
            }
            let (cpu, floor) = (cpu / runs(size), floor / runs(size));
            let records = grouped(size.into());
            eprintln!("{records} records: {:.3} s of CPU", cpu.as_secs_f64());
            let what = format!("CPU for {records} records");
            figures.push(Figure::new(what, cpu.as_secs_f64(), "s"));
            figures.extend(before.map(|before| {
                Figure::new(
                    "  against a tenth of them",
                    cpu.div_duration_f64(before),
                    "times",
                )
                .at_most(10.5)
            }));
            if options.floor {
                figures.extend(floor_before.map(|before| {
                    let grown = floor.div_duration_f64(before);
                    Figure::new("  the floor, against a tenth of them", grown, "times")
                }));
                let ratio = cpu.div_duration_f64(floor);
                figures.push(Figure::new("  over the floor F", ratio, "F").at_most(2.0));
            }
            figures.push(
                Figure::new("  memory at the peak, over idle", mib(peak), "MiB").at_most(32.0),
            );
            (before, floor_before) = (Some(cpu), Some(floor));
        }
        Ok(())
    })?;
    Ok(figures)
}

fn runs(size: u32) -> u32 {
    (RECORDS_A_SIZE / size).max(1)
}

/// All spools, which the daemon keeps, and the largest delivered file.
fn make_sure_of_disk(sizes: &[u32]) -> Result<()> {
    let spooled: u64 = sizes.iter().map(|size| u64::from(size * runs(*size))).sum();
    let largest = sizes.last().copied().unwrap_or_default();
    let needed = (spooled + u64::from(largest)) * BYTES_A_RECORD;
    let folder = env::temp_dir();
    let disk = statvfs(&folder).with_context(|| format!("cannot look at {}", folder.display()))?;
    let free = disk.f_bavail * disk.f_frsize;
    eprintln!(
        "This takes {:.1} GB of disk in {}, which has {:.1} GB free.",
        needed as f64 / 1e9,
        folder.display(),
        free as f64 / 1e9
    );
    if needed > free {
        bail!("that is not enough: free some, set TMPDIR to a larger disk, or give a smaller --to");
    }
    Ok(())
}
