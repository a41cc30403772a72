//! `bench submit`: files of cards from their renaming in until the provider has them all, one provider
//! after the other, each time in turn with the floor.
//!
//! The providers differ in what counts: card numbers or tokens, and how many submissions a file becomes.
//! One daemon serves all runs, so what an earlier one left behind, in memory and to be remembered of its
//! cards, is part of a later one's figures.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::cards;
use super::figures::{Figure, median};
use crate::print::{grouped, mib};
use crate::scene::{self, Answers, Asks, Cost, Meter, Scene, Schedule, cpu_of_program};

/// How often to look whether the file is gone.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How to measure.
#[derive(Args)]
pub(super) struct Options {
    /// How many cards a file holds
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cards: u32,
    /// How many files for each provider
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    runs: u32,
    /// Whom to ask; all of them unless given
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_enum, default_values_t = Asks::ALL)]
    provider: Vec<Asks>,
}

/// What one file took.
struct Submitted {
    /// Until the submissions are durable and the file is gone.
    planning: Cost,
    /// From then until the provider has all of them.
    sending: Cost,
    /// From asking for the run to its end.
    wall: Duration,
    /// How many submissions it became.
    submissions: usize,
}

/// Measures each provider against the floor.
pub(super) fn submit(options: &Options) -> Result<Vec<Figure>> {
    let schedules = Asks::ALL.map(|asks| Schedule::given(asks, Answers::Ignored));
    let mut figures = Vec::new();
    scene::play(&schedules, |scene| {
        scene.reissue.enrol(Asks::CardSync.name())?;
        // A moment after the start, for what a start leaves behind.
        scene.go_on(Duration::from_secs(3))?;
        let idle = Meter::start(scene.daemon())?.stop()?;
        for &asks in &options.provider {
            figures.extend(measure(options, asks, idle.idle, scene)?);
        }
        scene.go_on(Duration::from_secs(3))?;
        let after = Meter::start(scene.daemon())?.stop()?;
        let counted = after.counted;
        let figure =
            |what: &str, bytes| Figure::new(format!("{what} ({counted})"), mib(bytes), "MiB");
        figures.push(figure("memory idle, before", idle.idle));
        figures.push(figure("memory idle, after all of it", after.idle));
        Ok(())
    })?;
    Ok(figures)
}

fn measure(options: &Options, asks: Asks, idle: u64, scene: &mut Scene<'_>) -> Result<Vec<Figure>> {
    let micros = |cpu: Duration| cpu.as_secs_f64() * 1e6 / f64::from(options.cards);
    let over_idle = |cost: &Cost| mib(cost.peak.saturating_sub(idle));
    let name = asks.name();
    let (mut planning, mut all, mut floor, mut wall) = (vec![], vec![], vec![], vec![]);
    let (mut while_planning, mut while_sending, mut submissions) = (0.0_f64, 0.0_f64, 0);
    for run in 0..options.runs {
        scene.check()?;
        let file = scene.world.path("cards.csv");
        let first = u64::from(run) * u64::from(options.cards);
        cards::write(&file, asks, first, options.cards)?;
        let done = submit_one(scene, asks, &file)?;
        all_accepted(scene, asks, first + u64::from(options.cards))?;
        let least = floor_of(scene, asks, &file)?;
        let cpu = done.planning.cpu + done.sending.cpu;
        eprintln!(
            "{name}, file {}: {:.2} µs a card, of it {:.2} to plan; floor {:.2}, ratio {:.2}; {:.1} s; \
             {:.1} MiB over idle while planning, {:.1} while sending",
            run + 1,
            micros(cpu),
            micros(done.planning.cpu),
            micros(least),
            cpu.div_duration_f64(least),
            done.wall.as_secs_f64(),
            over_idle(&done.planning),
            over_idle(&done.sending),
        );
        all.push(micros(cpu));
        planning.push(micros(done.planning.cpu));
        floor.push(micros(least));
        wall.push(done.wall.as_secs_f64());
        while_planning = while_planning.max(over_idle(&done.planning));
        while_sending = while_sending.max(over_idle(&done.sending));
        submissions = done.submissions;
    }
    let ratios: Vec<f64> = all
        .iter()
        .zip(&floor)
        .map(|(all, floor)| all / floor)
        .collect();
    let submissions = grouped(submissions as u64);
    let cards = grouped(options.cards.into());
    Ok(vec![
        Figure::new(
            format!("{name}: CPU of the daemon, a card"),
            median(all),
            "µs",
        )
        .at_most(5.0),
        Figure::new(
            "  of it until the submissions are durable",
            median(planning),
            "µs",
        ),
        Figure::new("  CPU of the floor, a card", median(floor), "µs"),
        Figure::new("  CPU of the daemon, over the floor F", median(ratios), "F"),
        Figure::new(
            "  memory over idle, at the peak of planning",
            while_planning,
            "MiB",
        )
        .at_most(48.0),
        Figure::new(
            "  memory over idle, at the peak of sending",
            while_sending,
            "MiB",
        )
        .at_most(48.0),
        Figure::new(
            format!("  wall time for {cards} cards in {submissions} submissions"),
            median(wall),
            "s",
        ),
    ])
}

/// Renames a copy of the file in and waits until the provider has all of its cards.
fn submit_one(scene: &Scene<'_>, asks: Asks, file: &Path) -> Result<Submitted> {
    let folder = scene.world.cards(asks);
    let (hidden, taken) = (folder.join(".cards.csv"), folder.join("cards.csv"));
    fs::copy(file, &hidden)
        .and_then(|_| fs::rename(&hidden, &taken))
        .with_context(|| format!("cannot put a file into {}", folder.display()))?;
    let before = scene.reissue.batches()?.len();
    let began = Instant::now();
    let meter = Meter::start(scene.daemon())?;
    let (planning, sending) = thread::scope(|scope| -> Result<_> {
        let run = scope.spawn(|| scene.reissue.run(asks.name()));
        // The daemon deletes a file once its submissions are durable.
        while taken.exists() && !run.is_finished() {
            thread::sleep(LOOK_EVERY);
        }
        let planning = meter.stop()?;
        let meter = Meter::start(scene.daemon())?;
        let ran = run
            .join()
            .map_err(|_| anyhow!("the run's thread panicked"))?;
        ran.map(|()| meter.stop())?
            .map(|sending| (planning, sending))
    })?;
    Ok(Submitted {
        planning,
        sending,
        wall: began.elapsed(),
        submissions: scene.reissue.batches()?.len() - before,
    })
}

/// Fails unless the provider has this many cards of the account.
fn all_accepted(scene: &Scene<'_>, asks: Asks, cards: u64) -> Result<()> {
    let batches = scene.reissue.batches()?;
    let accepted: u64 = batches
        .iter()
        .filter(|batch| batch.account() == asks.name() && batch.state == "waiting")
        .filter_map(|batch| batch.cards)
        .sum();
    if accepted != cards {
        let name = asks.name();
        bail!("{name} has accepted {accepted} cards of {cards}: see `reissue batch list`");
    }
    Ok(())
}

/// The CPU time of the floor on the same file.
fn floor_of(scene: &Scene<'_>, asks: Asks, file: &Path) -> Result<Duration> {
    cpu_of_program(
        Command::new(&scene.floors.submit)
            .args([
                asks.name(),
                scene.provider.url(),
                scene.world.shared_secret(),
            ])
            .arg(file)
            .arg(scene.world.path("floor")),
    )
}
