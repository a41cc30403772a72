//! `bench schedules`: many schedules, each due once a day, so that some fall due meanwhile.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::figures::Figure;
use crate::print::{grouped, mib};
use crate::scene::{self, Meter, Schedule};

/// How to measure.
#[derive(Args)]
pub(super) struct Options {
    /// How many schedules
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    schedules: u32,
    /// For how long
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..))]
    seconds: u16,
}

/// Measures the daemon while it does nothing but keep them.
pub(super) fn schedules(options: &Options) -> Result<Vec<Figure>> {
    let many: Vec<Schedule> = (0..options.schedules).map(daily).collect();
    let mut figures = Vec::new();
    scene::play(&many, |scene| {
        // The keeper has seen every schedule once when it serves one.
        scene.reissue.run(&many[0].name)?;
        scene.go_on(Duration::from_secs(3))?;
        let time = Duration::from_secs(options.seconds.into());
        let meter = Meter::start(scene.daemon())?;
        scene.go_on(time)?;
        let cost = meter.stop()?;
        let schedules = grouped(options.schedules.into());
        figures = vec![
            Figure::new(
                format!("CPU to keep {schedules} schedules, of a core"),
                cost.cpu.as_secs_f64() / time.as_secs_f64() * 100.0,
                "%",
            )
            .at_most(0.5),
            Figure::new(
                format!("memory idle ({})", cost.counted),
                mib(cost.idle),
                "MiB",
            ),
        ];
        Ok(())
    })?;
    Ok(figures)
}

/// Spread over the minutes of the day.
fn daily(number: u32) -> Schedule {
    Schedule {
        name: format!("daily-{number}"),
        job: "amex-daily",
        cron: format!("{} {} * * *", number % 60, number / 60 % 24),
        asks: None,
    }
}
