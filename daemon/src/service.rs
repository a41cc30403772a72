//! The daemon as a service: everything is made in order, `READY` is said, and in the end everything
//! comes to rest in order.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use reissue_config::{Config, Problems};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};

use crate::admin::server::{Face, Peer, health, routes};
use crate::clock;
use crate::connector::{Catalogue, stage};
use crate::generation::Generation;
use crate::ledger::Event;
use crate::ledger::context::Context;
use crate::ledger::keeper::{Bellpull, Keeper};
use crate::schedule::Bell;
use crate::seal::{Keyring, MasterKey};
use crate::spool::SpoolDirectory;
use crate::store::{JournaledStore, Store, StoreError};

/// The exit codes of every command (`sysexits.h`, and 79 of our own).
pub mod exit {
    /// The daemon or a provider cannot be reached, or another daemon holds the state.
    pub const UNAVAILABLE: u8 = 69;
    /// The configuration, a secret or a key is wrong.
    pub const CONFIGURATION: u8 = 78;
    /// The state needs a person.
    pub const STATE: u8 = 79;
}

/// How long runs get to end by themselves when the daemon stops.
const GRACE: Duration = Duration::from_secs(30);

/// A failure with the exit code that systemd decides by.
#[derive(Debug)]
pub struct Failure {
    /// One of `exit`, or 1.
    pub code: u8,
    /// What to tell.
    pub message: String,
}

impl Failure {
    /// A failure of the configuration.
    pub fn configuration(message: impl std::fmt::Display) -> Self {
        Self {
            code: exit::CONFIGURATION,
            message: message.to_string(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::InUse(_) => exit::UNAVAILABLE,
            StoreError::Io(..) | StoreError::Index(..) => 1,
            StoreError::Broken { .. } | StoreError::Behind { .. } => exit::STATE,
        };
        Self {
            code,
            message: format!("{:#}", anyhow::Error::new(error)),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            code: 1,
            message: format!("{error:#}"),
        }
    }
}

/// Where connectors are loaded from.
#[derive(Debug, Clone)]
pub enum Staging {
    /// The daemon copies them into its state directory.
    Own(PathBuf),
    /// Root has staged them into this directory.
    Root(PathBuf),
}

impl Staging {
    /// Stages and loads what the connector directories hold.
    pub fn catalogue(&self, config: &Config) -> Catalogue {
        let (staged, refused) = match self {
            Self::Own(into) => stage::stage(&config.daemon.connector_dirs, into),
            Self::Root(directory) => stage::in_place(std::slice::from_ref(directory)),
        };
        Catalogue::load(staged, refused)
    }
}

/// Builds another generation while the daemon runs.
pub struct Reloader {
    config: PathBuf,
    staging: Staging,
    credentials: Option<PathBuf>,
    runtime: tokio::runtime::Handle,
}

impl Reloader {
    /// Reads the configuration again. The new generation is whole before it takes over; with any
    /// problem the old one stays.
    ///
    /// # Errors
    /// Every problem, as text.
    pub fn reload(&self, context: &Context) -> Result<String, String> {
        let build = || -> Result<Generation, String> {
            let config = reissue_config::load(&self.config).map_err(|it| it.to_string())?;
            let now = context.generation();
            if config.daemon != now.config.daemon || config.admin != now.config.admin {
                return Err("[daemon] and [admin] take effect at a restart only; \
                            nothing was changed: restart the daemon, or put them back"
                    .into());
            }
            let generation = self.generation(config).map_err(|it| it.to_string())?;
            check_open_batches(context.store.as_ref(), &generation).map_err(|it| it.message)?;
            Ok(generation)
        };
        match build() {
            Ok(generation) => {
                let summary = format!(
                    "reloaded: {} accounts, {} schedules, {} sinks\n",
                    generation.accounts.len(),
                    generation.schedules.len(),
                    generation.sinks.len()
                );
                context
                    .adopt(Arc::new(generation))
                    .map_err(|error| error.to_string())?;
                tracing::info!("The configuration was reloaded.");
                Ok(summary)
            }
            Err(why) => {
                tracing::error!(
                    why,
                    "The configuration was not reloaded; the old one stays."
                );
                Err(why)
            }
        }
    }

    fn generation(&self, config: Config) -> Result<Generation, Problems> {
        let catalogue = self.staging.catalogue(&config);
        let credentials = self.credentials.as_deref();
        Generation::build(config, catalogue, credentials, &self.runtime)
    }
}

/// systemd's directory of credentials.
pub fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// Opens the keyring of a configuration.
///
/// # Errors
/// One sentence: the key or the keyring is missing or wrong.
pub fn keyring(config: &Config) -> Result<Keyring, Failure> {
    let text = config
        .daemon
        .key
        .resolve(credentials().as_deref())
        .map_err(|why| {
            Failure::configuration(format!(
                "daemon.key: {why}; `reissue keys init` makes a key"
            ))
        })?;
    let master = MasterKey::from_base64(&text).map_err(Failure::configuration)?;
    let path = keyring_path(&config.daemon.state_dir);
    if !path.exists() {
        let message = format!(
            "there is no keyring at {}: run `reissue keys init`",
            path.display()
        );
        return Err(Failure::configuration(message));
    }
    Keyring::open(&path, &master).map_err(Failure::configuration)
}

/// Where the keyring lies.
pub fn keyring_path(state: &Path) -> PathBuf {
    state.join("keyring.json")
}

/// Runs the daemon until it is told to stop.
///
/// # Errors
/// Why it cannot start, or had to end.
pub async fn run(path: PathBuf, staged: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let config = reissue_config::load(&path).map_err(Failure::configuration)?;
    harden();
    let _telemetry = crate::telemetry::begin(&config.telemetry).map_err(Failure::configuration)?;
    let state = config.daemon.state_dir.clone();
    let keyring = keyring(&config)?;
    let store: Arc<dyn Store> = Arc::new(JournaledStore::open(&state, clock::now)?);
    let reloader = Arc::new(Reloader {
        staging: staged.map_or_else(|| Staging::Own(state.join("connectors")), Staging::Root),
        config: path,
        credentials: credentials(),
        runtime: tokio::runtime::Handle::current(),
    });
    let admin = config.admin.clone();
    let generation = {
        let reloader = Arc::clone(&reloader);
        tokio::task::spawn_blocking(move || reloader.generation(config))
            .await
            .context("the configuration could not be resolved")?
            .map_err(Failure::configuration)?
    };
    for refused in &generation.catalogue.refused {
        tracing::warn!(file = %refused.source.display(), why = refused.why, "A connector is not used.");
    }
    check_open_batches(store.as_ref(), &generation)?;
    store.commit(&[Event::DaemonStarted {
        version: env!("CARGO_PKG_VERSION").into(),
    }])?;

    let (bell, bell_end) = Bellpull::new();
    let context = Arc::new(Context::new(
        store,
        Arc::new(keyring),
        SpoolDirectory::of(&state),
        Arc::new(generation),
        bell,
    )?);
    let face = Face {
        context: Arc::clone(&context),
        reloader: Arc::clone(&reloader),
    };
    listen(&admin, face).await?;
    let keeper = keep(&context, bell_end)?;
    ring(&context).await?;
    ready(&context);
    serve(&context, &reloader).await?;
    rest(&context, keeper).await
}

/// No core dump, no other process of this user that reads our memory, and files for us alone.
fn harden() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior, umask};

    // Without it the rest still holds; a kernel that refuses is no reason not to bill.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// An account with open batches must stay: nobody else can collect them.
fn check_open_batches(store: &dyn Store, generation: &Generation) -> Result<(), Failure> {
    let mut lost = std::collections::BTreeMap::<String, u64>::new();
    for batch in store.live()? {
        if batch.state.is_open() && !generation.accounts.contains_key(&batch.key.account) {
            *lost.entry(batch.key.account).or_default() += 1;
        }
    }
    let sentences: Vec<String> = lost
        .into_iter()
        .map(|(account, batches)| {
            format!(
                "account `{account}` has {batches} open batches and is not configured any more: put \
                 it back until they are delivered (an account cannot be renamed either)"
            )
        })
        .collect();
    if sentences.is_empty() {
        return Ok(());
    }
    Err(Failure::configuration(sentences.join("\n")))
}

async fn listen(admin: &reissue_config::Admin, face: Face) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;

    let socket = &admin.socket;
    // The state's lock is ours, so nobody can be listening at a socket that is still there.
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket)
        .with_context(|| format!("admin.socket {} cannot be made", socket.display()))?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o660))
        .with_context(|| format!("admin.socket {}", socket.display()))?;
    let context = Arc::clone(&face.context);
    let service = routes(face).into_make_service_with_connect_info::<Peer>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    if let Some(address) = admin.listen {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("admin.listen {address} cannot be used"))?;
        tokio::spawn(async move { axum::serve(listener, health::<()>(context)).await });
    }
    Ok(())
}

/// The keeper's thread. If it fails, so does the daemon.
fn keep(
    context: &Arc<Context>,
    bell: Receiver<()>,
) -> Result<std::thread::JoinHandle<()>, Failure> {
    let keeper = Keeper::new(Arc::clone(context))?;
    let context = Arc::clone(context);
    let thread = std::thread::Builder::new()
        .name("keeper".into())
        .spawn(move || {
            if let Err(error) = keeper.serve(&bell) {
                tracing::error!(%error, "The state failed; the daemon ends.");
            }
            if !context.stop.is_stopped() {
                context.stop.fail();
            }
        });
    Ok(thread.context("no thread for the keeper")?)
}

/// Rings every second.
async fn ring(context: &Arc<Context>) -> Result<(), Failure> {
    let mut bell = Bell::start().await.context("the bell cannot be set up")?;
    let context = Arc::clone(context);
    tokio::spawn(async move {
        while context.bell.ring() {
            bell.rung().await;
        }
    });
    Ok(())
}

fn ready(context: &Context) {
    let generation = context.generation();
    let status = format!(
        "{} connectors, {} accounts, {} schedules",
        generation.catalogue.connectors.len(),
        generation.accounts.len(),
        generation.schedules.len()
    );
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        status,
        "Reissue is ready."
    );
    notify(&[
        sd_notify::NotifyState::Ready,
        sd_notify::NotifyState::Status(&status),
    ]);
}

/// Answers signals and the watchdog until the daemon is to stop.
async fn serve(context: &Arc<Context>, reloader: &Arc<Reloader>) -> Result<(), Failure> {
    let signals = |kind| signal(kind).context("signals cannot be received");
    let mut terminate = signals(SignalKind::terminate())?;
    let mut interrupt = signals(SignalKind::interrupt())?;
    let mut hangup = signals(SignalKind::hangup())?;
    let mut watchdog = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = context.stop.stopped() => return Ok(()),
            _ = hangup.recv() => {
                let (reloader, context) = (Arc::clone(reloader), Arc::clone(context));
                // The outcome is in the log.
                drop(tokio::task::spawn_blocking(move || reloader.reload(&context)));
            }
            _ = watchdog.tick() => {
                if context.is_alive() {
                    notify(&[sd_notify::NotifyState::Watchdog]);
                }
            }
        }
    }
}

/// Runs get time to end; what does not is left, because everything durable is in the ledger.
async fn rest(
    context: &Arc<Context>,
    keeper: std::thread::JoinHandle<()>,
) -> Result<ExitCode, Failure> {
    notify(&[sd_notify::NotifyState::Stopping]);
    context.stop.stop();
    context.bell.ring();
    let mut changed = context.changed.subscribe();
    let until = Instant::now() + GRACE;
    while context.running() > 0 && Instant::now() < until {
        let _ = tokio::time::timeout(Duration::from_secs(1), changed.changed()).await;
    }
    let left = context.running();
    if left > 0 {
        tracing::warn!(
            left,
            "Runs did not end in time; the next start takes them up."
        );
    } else {
        let _ = tokio::task::spawn_blocking(move || keeper.join()).await;
    }
    if context.stop.has_failed() {
        return Err(Failure {
            code: 1,
            message: "the daemon had to end; the log says why".into(),
        });
    }
    tracing::info!("Reissue has stopped.");
    Ok(ExitCode::SUCCESS)
}

/// Tells systemd, where there is one.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
