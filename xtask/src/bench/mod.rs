//! `cargo xtask bench`: what the daemon costs. Each figure stands beside its target, and speed is told
//! in ratios to a program that does the same work with none of the care, run in turn with the daemon
//! on the same bytes: a machine that is slow or busy slows both.

mod cards;
mod figures;
mod flood;
mod growth;
mod pull;
mod quiet;
mod schedules;
mod submit;

use anyhow::Result;
use clap::{Args, Subcommand};

/// What to measure, and how to tell it.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
    /// Print the figures as one JSON document
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// A report from the provider to a file: CPU and memory, against the floor
    Pull(pull::Options),
    /// Whether ten times the records cost ten times the CPU, and no memory
    Growth(growth::Options),
    /// A run that finds nothing new, and a start, with a short and a long history
    Quiet(quiet::Options),
    /// What it costs to keep many schedules
    Schedules(schedules::Options),
    /// Strangers who call the webhooks as fast as they can, and what goes on meanwhile
    Flood(flood::Options),
    /// Files of cards until the provider has them: CPU and memory, against the floor
    Submit(submit::Options),
}

/// Measures, and prints the figures.
///
/// # Errors
/// What went wrong and where to look, or that someone interrupted.
pub(crate) fn bench(options: &Options) -> Result<()> {
    let figures = match &options.what {
        What::Pull(options) => pull::pull(options),
        What::Growth(options) => growth::growth(options),
        What::Quiet(options) => quiet::quiet(options),
        What::Schedules(options) => schedules::schedules(options),
        What::Flood(options) => flood::flood(options),
        What::Submit(options) => submit::submit(options),
    }?;
    figures::print(&figures, options.json)
}
