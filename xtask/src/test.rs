//! `cargo xtask test`: what must pass before a change goes in, cheapest first.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use crate::cargo::cargo;

struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const STEPS: [Step; 5] = [
    step("formatting", &["fmt", "--all", "--check"]),
    step(
        "clippy",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    // End-to-end tests start binaries and load `.so` files, and `cargo test` builds no `.so`.
    step("build", &["build", "--workspace"]),
    step("tests", &["test", "--workspace"]),
    Step {
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
        ..step("documentation", &["doc", "--workspace", "--no-deps"])
    },
];

/// Runs every step until one fails, whose exit code it gives.
///
/// # Errors
/// Cargo cannot be started.
pub(crate) fn test() -> anyhow::Result<ExitCode> {
    for step in STEPS {
        println!("==> {}: cargo {}", step.name, step.arguments.join(" "));
        let began = Instant::now();
        let status = cargo(step.arguments)
            .envs(step.environment.iter().copied())
            .status()
            .context("cannot start cargo")?;
        let seconds = began.elapsed().as_secs_f64();
        if !status.success() {
            println!("==> {}: failed after {seconds:.1} s", step.name);
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
        }
        println!("==> {}: passed in {seconds:.1} s", step.name);
    }
    Ok(ExitCode::SUCCESS)
}

const fn step(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step {
        name,
        arguments,
        environment: &[],
    }
}
