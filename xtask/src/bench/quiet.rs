//! `bench quiet`: what a day without news costs after years of work. History comes in by the front
//! door: the provider lists batches of long ago that it declined, and runs take them in.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;

use super::figures::Figure;
use crate::print::{grouped, mib};
use crate::scene::{self, Meter, Order, Past, Scene, Schedule, cpu};

/// The job that lists the batches: one whose batches may be without a report.
const JOB: &str = "registry-reports";
const SOURCE: &str = "AMEX_REGISTRY_API";

/// A run that takes in more makes a record of the journal that no daily life makes.
const A_RUN_TAKES: u32 = 10_000;

/// How to measure.
#[derive(Args)]
pub(super) struct Options {
    /// How many old batches
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [10, 100_000])]
    history: Vec<u32>,
    /// How many runs
    #[arg(long, value_name = "K", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Measures with each history.
pub(super) fn quiet(options: &Options) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for &old in &options.history {
        scene::play(&[Schedule::on_demand(JOB)], |scene| {
            eprintln!(
                "The provider makes {} batches of long ago.",
                grouped(old.into())
            );
            for number in 0..old {
                make_batch(scene, number)?;
                if (number + 1).is_multiple_of(A_RUN_TAKES) || number + 1 == old {
                    scene.reissue.run_since(JOB, "2000-01-01T00:00:00Z")?;
                }
            }
            figures.extend(measure(options.runs, old, scene)?);
            Ok(())
        })?;
    }
    Ok(figures)
}

fn measure(runs: u32, old: u32, scene: &mut Scene<'_>) -> Result<Vec<Figure>> {
    let began = Instant::now();
    scene.restart_daemon()?;
    let start = began.elapsed();
    let start_cpu = cpu(scene.daemon())?;
    // The first one connects.
    scene.reissue.run(JOB)?;
    let meter = Meter::start(scene.daemon())?;
    for _ in 0..runs {
        scene.reissue.run(JOB)?;
    }
    let cost = meter.stop()?;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    Ok(vec![
        Figure::new(
            format!(
                "CPU of a run with nothing new, {} old batches",
                grouped(old.into())
            ),
            millis(cost.cpu) / f64::from(runs),
            "ms",
        )
        .at_most(5.0),
        Figure::new("  CPU of a start", millis(start_cpu), "ms"),
        Figure::new("  from a stop to ready again", millis(start), "ms"),
        Figure::new(
            format!("  memory idle ({})", cost.counted),
            mib(cost.idle),
            "MiB",
        ),
    ])
}

/// One batch an hour.
fn make_batch(scene: &mut Scene<'_>, number: u32) -> Result<()> {
    scene.check()?;
    let (year, hour) = (2012 + number / 8_000, number % 8_000);
    let (month, day) = (hour / (28 * 24) + 1, hour / 24 % 28 + 1);
    let order = Order {
        job: JOB,
        source: SOURCE,
        records: 0,
        past: Some(Past {
            id: format!("{number:010}"),
            created: format!("{year}-{month:02}-{day:02}T{:02}:00:00Z", hour % 24),
            status: "REJECTED",
        }),
        ..Order::default()
    };
    scene.provider.make(&order).map(drop)
}
