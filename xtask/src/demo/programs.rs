//! Builds what the demo runs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::cargo;

/// What is run or loaded, where cargo put it.
pub(super) struct Programs {
    /// `reissue`
    pub(super) reissue: PathBuf,
    /// `reissue-sandbox`
    pub(super) sandbox: PathBuf,
    /// The smartpayfuse connector.
    pub(super) connector: PathBuf,
}

/// Builds in release. Cargo says where each file went, since the target directory can be anywhere.
pub(super) fn build() -> Result<Programs> {
    println!("Building the daemon, a connector and a sandbox that plays its provider.");
    let mut cargo = cargo(&[
        "build",
        "--release",
        "--message-format=json-render-diagnostics",
        "--package=reissue",
        "--package=reissue-smartpayfuse",
        "--package=reissue-sandbox",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .context("cannot start cargo")?;
    let messages = cargo.stdout.take().context("cargo's output is piped")?;
    let (mut reissue, mut sandbox, mut connector) = (None, None, None);
    for line in BufReader::new(messages).lines() {
        let message: Message = serde_json::from_str(&line?).context("cargo's message")?;
        match message.target.map(|target| target.name).as_deref() {
            Some("reissue") => reissue = message.executable.or(reissue),
            Some("reissue-sandbox") => sandbox = message.executable.or(sandbox),
            Some("reissue_smartpayfuse") => {
                let is_library = |file: &PathBuf| file.extension().is_some_and(|end| end == "so");
                connector = message.filenames.into_iter().find(is_library);
            }
            _ => {}
        }
    }
    if !cargo.wait()?.success() {
        bail!("the build failed: see what cargo says above");
    }
    Ok(Programs {
        reissue: reissue.context("the build left no program `reissue`")?,
        sandbox: sandbox.context("the build left no program `reissue-sandbox`")?,
        connector: connector.context("the build left no connector `reissue_smartpayfuse`")?,
    })
}

#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
