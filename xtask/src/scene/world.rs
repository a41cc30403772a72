//! The folder in which a scene lives: all that an operator would set up, generated.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

use super::asks::{Answers, Asks, KEY_ID, MERCHANT, PARTNER_KEY, SHARED_SECRET, USER};
use super::provider::RECEIVER;
use super::vault::Vault;

/// The one account.
pub(crate) const ACCOUNT: &str = "barclays-uk";

/// A temporary folder with configuration, credentials, connector, and later state and updates.
pub(crate) struct World {
    folder: TempDir,
    /// Of all accounts: it opens nothing but the sandbox of this scene.
    shared_secret: String,
    /// Enrols merchants at CardSync.
    partner_key: String,
    /// Signs what is posted to the billing system.
    push_secret: String,
    /// Where updates with full card numbers go.
    pub(crate) vault: Vault,
}

impl World {
    /// Makes the folder with what does not depend on where the provider listens.
    pub(crate) fn new(connectors: &[PathBuf]) -> Result<Self> {
        // Closed to others whatever the umask: the daemon refuses connectors that they could change.
        let folder = tempfile::Builder::new()
            .prefix("reissue-scene-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .context("cannot make a temporary folder")?;
        let world = Self {
            vault: Vault::new(folder.path().join("vault")),
            folder,
            shared_secret: secret()?,
            partner_key: secret()?,
            push_secret: format!("whsec_{}", secret()?),
        };
        world.install(connectors)?;
        world.write(SHARED_SECRET, 0o600, &world.shared_secret)?;
        world.write(PARTNER_KEY, 0o600, &world.partner_key)?;
        world.write("push-secret", 0o600, &world.push_secret)?;
        world.write("vault-identity", 0o600, &world.vault.identity_file())?;
        Ok(world)
    }

    /// Writes the configuration for a provider at `base_url`.
    pub(crate) fn configure(&self, base_url: &str, schedules: &[Schedule]) -> Result<()> {
        let folder = self.folder().display().to_string();
        let mut config = self.config(base_url)? + &self.vault.config();
        for schedule in schedules {
            config += &schedule.config();
            if let Some((asks, answers)) = schedule.asks {
                config += &asks.config(answers, &folder, base_url);
                if asks == Asks::Amex {
                    config += &called(base_url, &folder)?;
                }
                let cards = self.cards(asks);
                fs::create_dir(&cards)
                    .with_context(|| format!("cannot make {}", cards.display()))?;
            }
        }
        self.write("reissue.toml", 0o644, &config)
    }

    /// Where the configuration is.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.path("reissue.toml")
    }

    /// Where the daemon listens, by the section of the configuration: `[admin]`, `[webhooks]`.
    pub(crate) fn listens(&self, section: &str) -> Result<SocketAddr> {
        let config = fs::read_to_string(self.config_path())?;
        let (_, rest) = config.split_once(section).context("no such section")?;
        let (_, address) = rest.split_once("listen = \"").context("nothing listens")?;
        let (address, _) = address.split_once('"').context("no address")?;
        Ok(address.parse()?)
    }

    /// Where the sink puts its files.
    pub(crate) fn updates(&self) -> PathBuf {
        self.path("updates")
    }

    /// Where the source's files are renamed in.
    pub(crate) fn cards(&self, asks: Asks) -> PathBuf {
        self.path(&format!("cards-{}", asks.name()))
    }

    /// What opens every account.
    pub(crate) fn shared_secret(&self) -> &str {
        &self.shared_secret
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A place in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The credentials as the sandbox takes them.
    pub(crate) fn credentials(&self) -> [String; 8] {
        let secret = &self.shared_secret;
        [
            format!("--merchant={MERCHANT}"),
            format!("--key-id={KEY_ID}"),
            format!("--shared-secret={secret}"),
            format!("--cardsync-partner-key={}", self.partner_key),
            format!("--cardsync-merchant-key={secret}"),
            format!("--bluesnap-username={USER}"),
            format!("--bluesnap-password={secret}"),
            format!("--receiver-secret={}", self.push_secret),
        ]
    }

    /// Removes the folder.
    pub(crate) fn remove(self) -> Result<()> {
        let path = self.folder.path().to_owned();
        self.folder
            .close()
            .with_context(|| format!("cannot remove {}", path.display()))
    }

    /// Leaves the folder to whoever wants to see what went wrong.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    fn install(&self, connectors: &[PathBuf]) -> Result<()> {
        let directory = self.path("connectors");
        DirBuilder::new()
            .mode(0o755)
            .create(&directory)
            .and_then(|()| fs::set_permissions(&directory, Permissions::from_mode(0o755)))
            .with_context(|| format!("cannot make {}", directory.display()))?;
        for connector in connectors {
            let name = connector.file_name().context("a connector is a file")?;
            let file = directory.join(name);
            fs::copy(connector, &file)
                .and_then(|_| fs::set_permissions(&file, Permissions::from_mode(0o644)))
                .with_context(|| format!("cannot install a connector as {}", file.display()))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, mode: u32, content: &str) -> Result<()> {
        let path = self.path(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    fn config(&self, base_url: &str) -> Result<String> {
        let folder = self.folder().display();
        let health = free_address()?;
        Ok(format!(
            r#"# A scene's configuration; config/reissue.toml explains every key.

[daemon]
state_dir = "{folder}/state"
connector_dirs = ["{folder}/connectors"]
key = {{ file = "{folder}/key" }}

[admin]
socket = "{folder}/admin.sock"
listen = "{health}"

[telemetry]
format = "pretty"

[accounts.{ACCOUNT}]
connector = "smartpayfuse"
base_url = "{base_url}"
settings = {{ merchant_id = "{MERCHANT}", key_id = "{KEY_ID}", auth = "jwt" }}
secrets = {{ shared_secret = {{ file = "{folder}/shared-secret" }} }}
sinks = ["billing"]
timings = {{ first_poll = "1s", poll_every = "1s" }}
# This provider need not be spared.
limits = {{ requests_per_second = 10000 }}

[sinks.billing]
kind = "files"
dir = "{folder}/updates"
format = "jsonl"
# No card in it belongs to anybody.
plaintext = "i-accept"
"#
        ))
    }
}

/// An entry of `[schedules]`.
pub(crate) struct Schedule {
    /// Its name.
    pub(crate) name: String,
    /// What it asks for.
    pub(crate) job: &'static str,
    /// When, in UTC.
    pub(crate) cron: String,
    /// Whom it gives cards, and for what; none for a job of the account that lists batches.
    pub(crate) asks: Option<(Asks, Answers)>,
}

/// Nothing is measured in the first minute of a leap day.
const NEVER: &str = "0 0 29 2 *";

impl Schedule {
    /// One that is served when somebody asks, named after its job.
    pub(crate) fn on_demand(job: &'static str) -> Self {
        Self {
            name: job.to_owned(),
            job,
            cron: NEVER.to_owned(),
            asks: None,
        }
    }

    /// One that is given cards, with all that it needs: weekly, or only when somebody says so.
    pub(crate) fn given(asks: Asks, answers: Answers) -> Self {
        Self {
            name: asks.name().to_owned(),
            job: asks.job(),
            cron: match answers {
                Answers::Awaited => "0 2 * * MON".to_owned(),
                Answers::Ignored => NEVER.to_owned(),
            },
            asks: Some((asks, answers)),
        }
    }

    fn config(&self) -> String {
        let Self {
            name,
            job,
            cron,
            asks,
        } = self;
        let account = asks.map_or(ACCOUNT, |(asks, _)| asks.name());
        let entry = format!(
            "\n[schedules.{name}]\naccount = \"{account}\"\njob = \"{job}\"\ncron = \"{cron}\"\n"
        );
        match asks {
            Some((Asks::Amex, _)) => format!("{entry}source = \"{name}\"\n"),
            // What every inquiry should have, so that its cost counts too.
            Some(_) => format!("{entry}source = \"{name}\"\nnot_asked_within = \"25d\"\n"),
            None => entry,
        }
    }
}

/// Where a provider calls us, and where updates are posted: to the sandbox, which plays that too.
fn called(base_url: &str, folder: &str) -> Result<String> {
    let listen = free_address()?;
    Ok(format!(
        r#"
[webhooks]
listen = "{listen}"
public_url = "http://{listen}"

[sinks.push]
kind = "webhook"
url = "{base_url}/_receiver/{RECEIVER}"
secrets = [{{ file = "{folder}/push-secret" }}]
"#
    ))
}

/// Free now, and nobody takes one in the moment until the daemon does.
fn free_address() -> Result<SocketAddr> {
    let listen = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listen.context("cannot find a free port")
}

fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("cannot read /dev/urandom")?;
    Ok(BASE64_STANDARD.encode(bytes))
}
