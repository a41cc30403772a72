//! `reissue connectors list`, `inspect`, `stage` and `release`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use super::ask::How;
use super::print::{self, say};
use crate::admin::client::Client;
use crate::admin::observe::connectors;
use crate::admin::request::Release;
use crate::admin::view::ConnectorView;
use crate::connector::{Catalogue, stage};
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every connector that is loaded, and every file that is not and why.
    List,
    /// A connector's jobs, environments, secrets and settings, as JSON.
    Inspect {
        /// Its name.
        name: String,
    },
    /// Copy the connectors into a directory under names that carry their hashes. Root does this
    /// before `reissue daemon --staged DIR`, so that the service user can write no code that it
    /// loads.
    Stage {
        /// Where to.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Lift the quarantine of a connector in which the daemon has crashed, and try its file again.
    Release {
        /// Its name, or how the SHA-256 of its file begins.
        connector: String,
    },
}

pub(super) async fn run(how: &How, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List => list(how, &known(how).await?)?,
        Command::Inspect { name } => inspect(&known(how).await?, &name)?,
        Command::Stage { into } => return stage_all(how, &into),
        Command::Release { connector } => {
            let client = how.daemon(&how.load()?).await?;
            let request = Release { connector };
            print!(
                "{}",
                client
                    .post_for_text("/v1/connectors/release", &request)
                    .await?
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the daemon has loaded, or what it would load.
async fn known(how: &How) -> Result<Vec<ConnectorView>, Failure> {
    let config = how.load()?;
    if let Ok(client) = Client::connect(&config.admin.socket).await {
        return Ok(client.get("/v1/connectors", &()).await?);
    }
    let (staged, refused) = stage::in_place(&config.daemon.connector_dirs);
    Ok(connectors(&Catalogue::load(staged, refused, &config)))
}

fn list(how: &How, views: &[ConnectorView]) -> Result<(), Failure> {
    if how.json {
        return print::json(&views);
    }
    let of = |view: &ConnectorView, field: &str| {
        let manifest = view.manifest.as_ref();
        let text = manifest.and_then(|manifest| manifest[field].as_str());
        text.unwrap_or_default().to_owned()
    };
    let row = |view: &ConnectorView| {
        vec![
            of(view, "name"),
            of(view, "version"),
            view.sha256
                .as_deref()
                .unwrap_or_default()
                .chars()
                .take(16)
                .collect(),
            jobs(view).join(" "),
            view.file.clone(),
        ]
    };
    let (loaded, refused): (Vec<_>, Vec<_>) = views.iter().partition(|view| view.refused.is_none());
    if loaded.is_empty() {
        say!("no connector is loaded");
    }
    print::table(
        &["CONNECTOR", "VERSION", "SHA-256", "JOBS", "FILE"],
        loaded.into_iter().map(row).collect(),
    );
    for view in refused {
        say!(
            "not used: {} {}",
            view.file,
            view.refused.as_deref().unwrap_or_default()
        );
    }
    Ok(())
}

fn jobs(view: &ConnectorView) -> Vec<&str> {
    let jobs = view
        .manifest
        .as_ref()
        .and_then(|manifest| manifest["jobs"].as_array());
    let names = jobs
        .into_iter()
        .flatten()
        .filter_map(|job| job["name"].as_str());
    names.collect()
}

fn inspect(views: &[ConnectorView], name: &str) -> Result<(), Failure> {
    let names = |view: &ConnectorView| {
        let manifest = view.manifest.as_ref();
        manifest.and_then(|manifest| manifest["name"].as_str().map(str::to_owned))
    };
    let found = views
        .iter()
        .find(|view| names(view).as_deref() == Some(name));
    let Some(view) = found else {
        let known: Vec<String> = views.iter().filter_map(names).collect();
        let help = match known.as_slice() {
            [] => "none is loaded".into(),
            known => format!("loaded are: {}", known.join(", ")),
        };
        return Err(Failure {
            code: 1,
            message: format!("there is no connector `{name}`; {help}"),
        });
    };
    let value = serde_json::to_value(view).unwrap_or(Value::Null);
    print::json(&value)
}

fn stage_all(how: &How, into: &std::path::Path) -> Result<ExitCode, Failure> {
    let config = how.load()?;
    let (staged, refused) = stage::stage(&config.daemon.connector_dirs, into);
    stage::forget_others(into, &staged).map_err(|error| Failure {
        code: 1,
        message: format!("{}: {error}", into.display()),
    })?;
    if how.json {
        print::json(&(&staged, &refused))?;
    } else {
        for one in &staged {
            say!("staged: {} as {}", one.source.display(), one.copy.display());
        }
        for one in &refused {
            eprintln!("not staged: {} {}", one.source.display(), one.why);
        }
    }
    Ok(ExitCode::SUCCESS)
}
