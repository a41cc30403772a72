//! The program `reissue` as an operator uses it: the daemon, and the command line that talks to it.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::children::Child;
use super::world::World;

/// The program with the demo's configuration.
pub(super) struct Reissue {
    program: PathBuf,
    config: PathBuf,
}

/// Where the daemon says that it is ready, in the way that systemd listens for.
pub(super) struct Readiness(UnixDatagram);

/// What the demo reads of `reissue status`.
#[derive(Deserialize)]
pub(super) struct Status {
    schedules: Vec<Schedule>,
}

#[derive(Deserialize)]
struct Schedule {
    last: Option<Slot>,
}

#[derive(Deserialize)]
struct Slot {}

/// What the demo reads of a row of `reissue batch list`.
#[derive(Deserialize)]
pub(super) struct Batch {
    /// `ACCOUNT/ID`
    key: String,
    /// The ledger's word for where it stands.
    pub(super) state: String,
    /// The last fault, while it is not overcome.
    pub(super) fault: Option<Fault>,
}

/// What went wrong with a batch.
#[derive(Deserialize)]
pub(super) struct Fault {
    /// One sentence.
    pub(super) message: String,
}

impl Reissue {
    /// The program as the world configures it.
    pub(super) fn new(program: PathBuf, world: &World) -> Self {
        Self {
            program,
            config: world.config_path(),
        }
    }

    /// What to type before any of its commands.
    pub(super) fn line(&self) -> String {
        format!("{} -c {}", self.program.display(), self.config.display())
    }

    /// `reissue keys init`
    pub(super) fn make_keys(&self) -> Result<()> {
        self.output(&["keys", "init"]).map(drop)
    }

    /// `reissue daemon`
    pub(super) fn start_daemon(&self, world: &World) -> Result<(Child, Readiness)> {
        let socket = world.path("notify.sock");
        let listener = UnixDatagram::bind(&socket)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .with_context(|| format!("cannot listen on {}", socket.display()))?;
        let daemon = Child::start(
            "daemon",
            self.command()
                .arg("daemon")
                .env("NOTIFY_SOCKET", socket)
                .stdout(Stdio::null()),
            &world.path("daemon.log"),
        )?;
        Ok((daemon, Readiness(listener)))
    }

    /// `reissue status`
    pub(super) fn status(&self) -> Result<Status> {
        self.ask(&["status", "--json"])
    }

    /// `reissue batch list`
    pub(super) fn batches(&self) -> Result<Vec<Batch>> {
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
    /// Whether the daemon has said so by now.
    pub(super) fn given(&self) -> Result<Option<()>> {
        let mut message = [0; 4096];
        loop {
            match self.0.recv(&mut message) {
                Ok(length) if message[..length].starts_with(b"READY=1") => return Ok(Some(())),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Batch {
    /// The provider's id.
    pub(super) fn id(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

impl Status {
    /// Whether every schedule has served a slot.
    pub(super) fn all_served(&self) -> bool {
        self.schedules
            .iter()
            .all(|schedule| schedule.last.is_some())
    }
}
