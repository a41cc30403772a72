//! `cargo xtask`: what people and CI do with the workspace as a whole. In Rust, so that the toolchain
//! which builds the project is all that its chores take.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "speaks to a person"
)]

mod bench;
mod cargo;
mod demo;
mod print;
mod scene;
mod schemas;
mod test;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The workspace's chores")]
enum Xtask {
    /// Measure what the daemon costs, in ratios to the least that the work can cost on this machine
    Bench(bench::Options),
    /// Watch card updates travel from a provider to files; the provider is a sandbox on this machine
    Demo(demo::Options),
    /// Write the JSON schemas in config/schema anew, from the types
    Schemas,
    /// Run everything that must pass before a change goes in
    Test,
}

fn main() -> ExitCode {
    let done = match Xtask::parse() {
        Xtask::Bench(options) => bench::bench(&options).map(|()| ExitCode::SUCCESS),
        Xtask::Demo(options) => demo::demo(&options).map(|()| ExitCode::SUCCESS),
        Xtask::Schemas => schemas::schemas(),
        Xtask::Test => test::test(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
