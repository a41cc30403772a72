//! A world: a folder with all that an operator sets up, and a sandbox.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::asks::Asks;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::Daemon;
use crate::programs::built;
use crate::said::Said;
use crate::sandbox::Sandbox;
use crate::schema::CONFIGURATION;

const CONNECTOR: &str = "libreissue_smartpayfuse.so";
/// The sandbox's own defaults.
const SECRETS: [(&str, &str); 5] = [
    ("secret", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("merchant-key", "api_1sandboxMerchantOfCardSync1"),
    ("partner-key", "api_0sandboxPartnerOfCardSync00"),
    ("password", "sandbox-Password-of-BlueSnap"),
    (
        "push-secret",
        "whsec_cmVpc3N1ZS1zYW5kYm94LXJlY2VpdmVyLXNlY3JldC0x",
    ),
];

/// A folder with configuration, key, secret and connector, and a sandbox without batches.
///
/// The folder stays when a test fails, and its name is printed.
#[derive(Debug)]
pub struct World {
    folder: Option<TempDir>,
    path: PathBuf,
    /// Where the daemon is called by providers, if it wants to be.
    webhooks: SocketAddr,
    /// The provider.
    pub sandbox: Sandbox,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A world with the configuration that most tests want.
    pub fn new() -> Self {
        Self::with(&Config::default())
    }

    /// A world with this configuration.
    pub fn with(config: &Config) -> Self {
        Self::begin(config, &[], |_| Vec::new())
    }

    /// A world with this configuration whose provider was started with more arguments.
    pub fn with_provider(config: &Config, arguments: &[&str]) -> Self {
        Self::begin(config, arguments, |_| Vec::new())
    }

    /// A world with this configuration whose provider goes by a clock that can be set. So does a daemon
    /// that is started with the clock's environment.
    pub fn with_clock(config: &Config) -> (Self, Clock) {
        let mut clock = None;
        let world = Self::begin(config, &[], |folder| {
            clock.insert(Clock::new(folder)).environment()
        });
        (world, clock.expect("it was made for the provider"))
    }

    fn begin(
        config: &Config,
        arguments: &[&str],
        environment: impl FnOnce(&Path) -> Vec<(String, String)>,
    ) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("reissue-test-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let world = Self {
            path: folder.path().to_owned(),
            webhooks: own_address(),
            sandbox: Sandbox::start(&environment(folder.path()), arguments),
            folder: Some(folder),
        };
        fs::create_dir(world.path("connectors")).unwrap();
        set_mode(&world.path("connectors"), 0o755);
        world.install(CONNECTOR);
        for (name, secret) in SECRETS {
            world.secret(name, secret);
        }
        world.configure(config);
        world.reissue(&["keys", "init"]).ok();
        world
    }

    /// A place in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where the daemon is called by providers, as `[webhooks]` says: `http://127.77.31.4:20001`.
    pub fn webhooks(&self) -> String {
        format!("http://{}", self.webhooks)
    }

    /// Puts another configuration in place of the old one, and the connectors beside it that it wants.
    pub fn configure(&self, config: &Config) {
        for connector in config.connectors() {
            if !self.path("connectors").join(connector).exists() {
                self.install(connector);
            }
        }
        let toml = config.render(&self.path, &self.sandbox.url, self.webhooks);
        CONFIGURATION.assert_fits(&toml::from_str(&toml).unwrap(), &"the configuration");
        self.set_config(&toml);
    }

    /// The configuration's text.
    pub fn config(&self) -> String {
        fs::read_to_string(self.path("reissue.toml")).unwrap()
    }

    /// Puts any text in place of the configuration.
    pub fn set_config(&self, toml: &str) {
        fs::write(self.path("reissue.toml"), toml).unwrap();
    }

    /// Puts a connector of the build beside those that are there.
    pub fn install(&self, connector: &str) {
        let file = self.path("connectors").join(connector);
        fs::copy(built(connector), &file).unwrap();
        // Whatever the umask: the daemon loads nothing that others could change.
        set_mode(&file, 0o644);
    }

    /// Puts a file there that only its owner reads.
    pub fn secret(&self, name: &str, text: &str) {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600);
        let mut file = file.open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Hands over a file of cards as a producer does: complete, by a rename, and so long after the last
    /// change of it that it counts at once.
    pub fn put_cards(&self, whom: Asks, name: &str, content: impl AsRef<[u8]>) {
        let folder = self.path("cards").join(whom.name());
        fs::create_dir_all(&folder).unwrap();
        let hidden = folder.join(format!(".{name}"));
        fs::write(&hidden, content).unwrap();
        let file = File::options().write(true).open(&hidden).unwrap();
        let changed = file.metadata().unwrap().modified().unwrap();
        file.set_modified(changed - Duration::from_secs(60))
            .unwrap();
        fs::rename(hidden, folder.join(name)).unwrap();
    }

    /// Starts the daemon, and waits until it is ready.
    #[track_caller]
    pub fn daemon(&self) -> Daemon {
        self.start().ready()
    }

    /// Starts the daemon.
    pub fn start(&self) -> Daemon {
        self.start_with(&[])
    }

    /// Starts the daemon with more in its environment.
    pub fn start_with(&self, environment: &[(String, String)]) -> Daemon {
        let mut command = self.command();
        command.envs(environment.iter().cloned());
        Daemon::start(&mut command, &[], &self.path("daemon.log"))
    }

    /// Starts the daemon with the connectors that were staged into a directory, as systemd does, and
    /// waits until it is ready.
    #[track_caller]
    pub fn daemon_staged(&self, directory: &str) -> Daemon {
        let arguments = ["--staged", directory];
        Daemon::start(&mut self.command(), &arguments, &self.path("daemon.log")).ready()
    }

    /// Takes away what the daemon remembers and what it delivered; the keys stay.
    pub fn forget(&self) {
        for name in [
            "state/journal",
            "state/index",
            "state/spool",
            "state/enrolment",
            "updates",
        ] {
            let _ = fs::remove_dir_all(self.path(name));
        }
    }

    /// What all daemons of this world have logged, as it was written.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("daemon.log")).unwrap_or_default()
    }

    /// Runs a command, such as `["status", "--json"]`, to its end.
    pub fn reissue(&self, arguments: &[&str]) -> Said {
        Said::of(self.command().args(arguments).output().unwrap())
    }

    /// `reissue run SCHEDULE --wait`: what the slot came to.
    #[track_caller]
    pub fn run(&self, schedule: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.reissue(&["run", schedule, "--wait", "--json"]);
            // A daemon that was started again goes on with the slot that was open.
            let busy = said.err.contains("is running already");
            if !busy || Instant::now() > until {
                return said.ok().json();
            }
        }
    }

    /// Every event of the journal, in order.
    pub fn events(&self) -> Vec<Value> {
        let records = self.records().into_iter();
        let events = records.map(|mut record| record["events"].take());
        events
            .flat_map(|mut events| std::mem::take(events.as_array_mut().unwrap()))
            .collect()
    }

    /// Every record of the journal, in order: when, and the events that belong together.
    pub fn records(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> = match fs::read_dir(self.path("state/journal")) {
            Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => Vec::new(),
        };
        files.sort();
        let mut records = Vec::new();
        for file in files {
            for line in fs::read_to_string(file).unwrap().split_inclusive('\n') {
                // A hash, a space, a record; the last one may still be on its way.
                if let Some((_, record)) = line.split_once(' ')
                    && line.ends_with('\n')
                {
                    records.push(serde_json::from_str(record).unwrap());
                }
            }
        }
        records
    }

    /// Waits until the journal holds so many events of this name, and gives them.
    #[track_caller]
    pub fn until_events(&self, name: &str, count: usize) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut events = self.events();
            events.retain(|event| event["event"] == name);
            if events.len() >= count {
                return events;
            }
            assert!(Instant::now() < until, "no {count} {name}: {events:?}");
            // Takes the daemon's time, and so gives it some.
            self.reissue(&["status"]).ok();
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(built("reissue"));
        command.arg("--config").arg(self.path("reissue.toml"));
        // Whoever runs the tests may be a service of systemd's.
        for name in [
            "JOURNAL_STREAM",
            "NOTIFY_SOCKET",
            "CREDENTIALS_DIRECTORY",
            "COLUMNS",
        ] {
            command.env_remove(name);
        }
        command
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            eprintln!("the world is left in {}", folder.keep().display());
        }
    }
}

/// An address that stays the same when the daemon is started again and that nobody else takes meanwhile:
/// each process has a loopback address of its own, and each world in it a port.
fn own_address() -> SocketAddr {
    static WORLDS: AtomicU16 = AtomicU16::new(20_000);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let ip = Ipv4Addr::new(127, 64 | high, middle, low);
    let port = WORLDS.fetch_add(1, Ordering::Relaxed);
    SocketAddr::from((ip, port))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
