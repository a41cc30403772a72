//! Builds what a scene runs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::cargo;

/// What is run or loaded, where cargo put it.
pub(crate) struct Programs {
    /// `reissue`
    pub(crate) reissue: PathBuf,
    /// `reissue-sandbox`
    pub(crate) sandbox: PathBuf,
    /// What speed is compared with.
    pub(crate) floors: Floors,
    /// Every connector.
    pub(crate) connectors: Vec<PathBuf>,
}

/// Programs that do the daemon's work with none of the care.
pub(crate) struct Floors {
    /// `floor-pull`, see `bin/floor-pull.rs`.
    pub(crate) pull: PathBuf,
    /// `floor-submit`, see `bin/floor-submit.rs`.
    pub(crate) submit: PathBuf,
}

impl Programs {
    /// Builds in release. Cargo says where each file went, since the target directory can be
    /// anywhere.
    pub(crate) fn build() -> Result<Self> {
        eprintln!("Building the daemon, its connectors and a sandbox that plays their providers.");
        let mut cargo = cargo(&[
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
            "--workspace",
            "--exclude=reissue-tests",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
        let messages = cargo.stdout.take().context("cargo's output is piped")?;
        let (mut reissue, mut sandbox, mut pull, mut submit) = (None, None, None, None);
        let mut connectors = Vec::new();
        for line in BufReader::new(messages).lines() {
            let message: Message = serde_json::from_str(&line?).context("cargo's message")?;
            let target = message.target.unwrap_or_default();
            match &*target.name {
                "reissue" => reissue = message.executable.or(reissue),
                "reissue-sandbox" => sandbox = message.executable.or(sandbox),
                "floor-pull" => pull = message.executable.or(pull),
                "floor-submit" => submit = message.executable.or(submit),
                // Of our members only connectors are C libraries.
                _ if target.kind.iter().any(|kind| kind == "cdylib") => {
                    let is_library =
                        |file: &PathBuf| file.extension().is_some_and(|end| end == "so");
                    connectors.extend(message.filenames.into_iter().find(is_library));
                }
                _ => {}
            }
        }
        if !cargo.wait()?.success() {
            bail!("the build failed: see what cargo says above");
        }
        Ok(Self {
            reissue: reissue.context("the build left no program `reissue`")?,
            sandbox: sandbox.context("the build left no program `reissue-sandbox`")?,
            floors: Floors {
                pull: pull.context("the build left no program `floor-pull`")?,
                submit: submit.context("the build left no program `floor-submit`")?,
            },
            connectors,
        })
    }
}

#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Target {
    name: String,
    kind: Vec<String>,
}
