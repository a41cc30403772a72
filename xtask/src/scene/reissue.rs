//! The program `reissue` as an operator uses it: the daemon, and the command line that talks to it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::children::Child;
use super::world::World;

const PATIENCE: Duration = Duration::from_millis(20);

/// The program with the scene's configuration.
pub(crate) struct Reissue {
    program: PathBuf,
    config: PathBuf,
}

/// Where a daemon says that it is ready, in the way that systemd listens for. It must not outlive
/// that: the daemon would wait for somebody to read what else it says.
pub(super) struct Readiness {
    socket: UnixDatagram,
    path: PathBuf,
}

/// What a scene reads of `reissue status`.
#[derive(Deserialize)]
pub(crate) struct Status {
    schedules: Vec<Schedule>,
}

#[derive(Deserialize)]
struct Schedule {
    name: String,
    last: Option<Slot>,
}

#[derive(Deserialize)]
struct Slot {}

/// What a scene reads of a row of `reissue batch list`.
#[derive(Deserialize)]
pub(crate) struct Batch {
    /// `ACCOUNT/ID`
    key: String,
    /// The ledger's word for where it stands.
    pub(crate) state: String,
    /// The last fault, while it is not overcome.
    pub(crate) fault: Option<Fault>,
    /// How many cards it asks about, where it is ours.
    #[serde(default)]
    pub(crate) cards: Option<u64>,
    found: Found,
    collected: Option<Collected>,
}

#[derive(Deserialize)]
struct Found {
    id: String,
}

#[derive(Deserialize)]
struct Collected {
    cards: Option<Cards>,
}

#[derive(Deserialize)]
struct Cards {
    absent: u64,
    rejected: u64,
}

/// What went wrong with a batch.
#[derive(Deserialize)]
pub(crate) struct Fault {
    /// One sentence.
    pub(crate) message: String,
}

impl Reissue {
    /// The program as the world configures it.
    pub(crate) fn new(program: PathBuf, world: &World) -> Self {
        Self {
            program,
            config: world.config_path(),
        }
    }

    /// What to type before any of its commands.
    pub(crate) fn line(&self) -> String {
        format!("{} -c {}", self.program.display(), self.config.display())
    }

    /// `reissue keys init`
    pub(crate) fn make_keys(&self) -> Result<()> {
        self.output(&["keys", "init"]).map(drop)
    }

    /// `reissue daemon`
    pub(super) fn daemon(&self, world: &World) -> Result<(Child, Readiness)> {
        let readiness = Readiness::listen(world.path("notify.sock"))?;
        let daemon = Child::start(
            "daemon",
            self.command()
                .arg("daemon")
                .env("NOTIFY_SOCKET", &readiness.path)
                .stdout(Stdio::null()),
            &world.path("daemon.log"),
        )?;
        Ok((daemon, readiness))
    }

    /// `reissue enrol ACCOUNT`, by somebody who accepts the provider's terms.
    pub(crate) fn enrol(&self, account: &str) -> Result<()> {
        let signatory = ["--accept-terms", "--name=Ada Adams", "--title=CFO"];
        self.output(&[&["enrol", account], &signatory[..]].concat())
            .map(drop)
    }

    /// `reissue run SCHEDULE`
    pub(crate) fn start(&self, schedule: &str) -> Result<()> {
        self.output(&["run", schedule]).map(drop)
    }

    /// `reissue run SCHEDULE --wait`
    pub(crate) fn run(&self, schedule: &str) -> Result<()> {
        self.output(&["run", schedule, "--wait"]).map(drop)
    }

    /// `reissue run SCHEDULE --since DATE --wait`
    pub(crate) fn run_since(&self, schedule: &str, since: &str) -> Result<()> {
        self.output(&["run", schedule, "--since", since, "--wait"])
            .map(drop)
    }

    /// `reissue status`
    pub(crate) fn status(&self) -> Result<Status> {
        self.ask(&["status", "--json"])
    }

    /// `reissue batch list`
    pub(crate) fn batches(&self) -> Result<Vec<Batch>> {
        self.ask(&["batch", "list", "--json"])
    }

    fn ask<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let output = self.output(arguments)?;
        serde_json::from_slice(&output)
            .with_context(|| format!("what `reissue {}` printed", arguments.join(" ")))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.config);
        command
    }

    fn output(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let command = arguments.join(" ");
        let output = self
            .command()
            .args(arguments)
            .output()
            .with_context(|| format!("cannot start `reissue {command}`"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`reissue {command}` failed: {}", said.trim());
        }
        Ok(output.stdout)
    }
}

impl Readiness {
    fn listen(path: PathBuf) -> Result<Self> {
        let socket = UnixDatagram::bind(&path)
            .and_then(|socket| socket.set_read_timeout(Some(PATIENCE)).map(|()| socket))
            .with_context(|| format!("cannot listen on {}", path.display()))?;
        Ok(Self { socket, path })
    }

    /// Whether the daemon says so within a moment.
    pub(super) fn is_given(&self) -> Result<bool> {
        let mut message = [0; 4096];
        match self.socket.recv(&mut message) {
            Ok(length) => Ok(message[..length].starts_with(b"READY=1")),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Readiness {
    fn drop(&mut self) {
        // It goes with the world's folder at the latest.
        let _ = fs::remove_file(&self.path);
    }
}

impl Batch {
    /// The account.
    pub(crate) fn account(&self) -> &str {
        self.key.split('/').next().unwrap_or_default()
    }

    /// Its id: the provider's, or ours where we ask.
    pub(crate) fn id(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// The provider's id.
    pub(crate) fn found(&self) -> &str {
        &self.found.id
    }

    /// How many of its cards have no answer, once it is collected.
    pub(crate) fn absent(&self) -> u64 {
        self.ended().map_or(0, |cards| cards.absent)
    }

    /// How many of its cards the provider refused when it was asked, once it is collected.
    pub(crate) fn refused(&self) -> u64 {
        self.ended().map_or(0, |cards| cards.rejected)
    }

    fn ended(&self) -> Option<&Cards> {
        self.collected.as_ref()?.cards.as_ref()
    }
}

impl Status {
    /// Whether each of these schedules has served a slot.
    pub(crate) fn have_served(&self, names: &[&str]) -> bool {
        let mut schedules = self.schedules.iter();
        schedules.all(|it| it.last.is_some() || !names.contains(&it.name.as_str()))
    }
}
