//! `cargo xtask schemas`: the published JSON schemas, written anew.
//!
//! The tests that compare them with the types write them when they are told to pin, as the tests of
//! pinned texts do. So there is one maker of each schema, and nobody can forget to run it.

use std::process::ExitCode;

use anyhow::Context;

use crate::cargo::cargo;

/// Lets the tests of both schemas pin them; gives cargo's exit code.
///
/// # Errors
/// Cargo cannot be started.
pub(crate) fn schemas() -> anyhow::Result<ExitCode> {
    let tests = [
        "test",
        "-p",
        "reissue-config",
        "-p",
        "reissue",
        "the_published_schema",
    ];
    let status = cargo(&tests)
        .env("REISSUE_PIN", "1")
        .status()
        .context("cannot start cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
