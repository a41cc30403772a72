//! `reissue keys init` and `reissue keys status`

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::Subcommand;
use reissue_config::SecretRef;
use reissue_connector_api::ExposeSecret;

use super::ask::How;
use super::print::{self, say};
use crate::clock;
use crate::failure::Failure;
use crate::seal::{Keyring, MasterKey, durable};
use crate::service;
use crate::wording::span;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the key file that `daemon.key` names, if it is missing, and the keyring.
    Init,
    /// Versions and ages of the keyring's keys. Needs no key.
    Status,
}

pub(super) fn run(how: &How, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Init => init(how),
        Command::Status => status(how),
    }
}

fn init(how: &How) -> Result<(), Failure> {
    let config = how.load()?;
    if let SecretRef::File(path) = &config.daemon.key
        && !path.exists()
    {
        make_key(path)?;
        say!(
            "made the key {}: keep a copy apart from the backups of this host",
            path.display()
        );
    }
    let text = config
        .daemon
        .key
        .resolve(service::credentials().as_deref())
        .map_err(|why| Failure::configuration(format!("daemon.key: {why}")))?;
    let master = MasterKey::from_base64(&text).map_err(Failure::configuration)?;
    let path = service::keyring_path(&config.daemon.state_dir);
    durable::make_directory(&config.daemon.state_dir, 0o700).map_err(anyhow::Error::new)?;
    if path.exists() {
        Keyring::open(&path, &master).map_err(Failure::configuration)?;
        say!(
            "the keyring {} is there already and fits the key",
            path.display()
        );
        return Ok(());
    }
    Keyring::create(&path, &master, clock::now()).map_err(anyhow::Error::new)?;
    say!(
        "made the keyring {} (check value {})",
        path.display(),
        master.check_value()
    );
    Ok(())
}

/// A key file for its owner alone. An existing one is never touched: without it everything sealed
/// is lost.
fn make_key(path: &Path) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::configuration(format!("{}: {error}", path.display()));
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let key = MasterKey::generate();
    file.write_all(key.expose_secret().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

fn status(how: &How) -> Result<(), Failure> {
    let config = how.load()?;
    let path = service::keyring_path(&config.daemon.state_dir);
    let status = Keyring::inspect(&path).map_err(Failure::configuration)?;
    if how.json {
        return print::json(&status);
    }
    say!(
        "{} (made with the key of check value {})",
        path.display(),
        status.check_value
    );
    let now = clock::now();
    let rows = status.wrapping_keys.iter().map(|key| {
        vec![
            key.version.to_string(),
            print::time(key.created),
            span(now - key.created),
            if key.primary { "primary" } else { "" }.to_owned(),
        ]
    });
    print::table(&["VERSION", "MADE", "AGE", ""], rows.collect());
    Ok(())
}
