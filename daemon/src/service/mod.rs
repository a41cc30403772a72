//! The daemon as a service: everything is made in order, `READY` is said, and in the end everything
//! comes to rest in order.

mod keys;

use std::os::unix::fs::FileTypeExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::admin::server::{Face, Peer, health, routes};
use crate::connector::{memory, strikes, under_way};
use crate::failure::{Failure, exit};
use crate::generation::{Generation, Reloader, Staging, check_nothing_is_lost};
use crate::ledger::Event;
use crate::ledger::bellpull::Bellpull;
use crate::ledger::context::Context;
use crate::ledger::keeper::Keeper;
use crate::ledger::sweep::sweep;
use crate::schedule::Bell;
use crate::seal::Keyring;
use crate::space;
use crate::store::{JournaledStore, Store, StoreError};
use crate::webhook::{self, Hooks};
use crate::wording::counted;
use crate::{alarms, clock};

pub use keys::{credentials, keyring, keyring_path};

/// How long runs get to end by themselves when the daemon stops.
const GRACE: Duration = Duration::from_secs(30);

/// Runs the daemon until it is told to stop.
///
/// # Errors
/// Why it cannot start, or had to end.
pub async fn run(path: PathBuf, staged: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let config = reissue_config::load(&path).map_err(Failure::configuration)?;
    harden();
    memory::give_back();
    let _telemetry = crate::telemetry::begin(&config.telemetry).map_err(Failure::configuration)?;
    let state = config.daemon.state_dir.clone();
    let keyring = Arc::new(keyring(&config)?);
    until_there_is_space(&state).await;
    let store: Arc<dyn Store> = Arc::new(JournaledStore::open(&state, clock::now)?);
    strikes::watch(&state).context("the file of crashes cannot be opened")?;
    let reloader = Arc::new(Reloader {
        config: path,
        staging: staged.map_or_else(|| Staging::Own(state.join("connectors")), Staging::Root),
        credentials: credentials(),
        keyring: Arc::clone(&keyring),
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
    for (connector, strike) in &generation.catalogue.crashed {
        tracing::warn!(
            connector,
            why = strike.warning(),
            "The daemon has crashed in a connector."
        );
    }
    check_nothing_is_lost(store.as_ref(), &generation)?;
    // Before anybody is told that we are here, who may then send one at once.
    let signals = Signals::listen().context("signals cannot be received")?;
    let hooks = hooks(&generation, &keyring, store.as_ref())?;
    let (bell, bell_end) = Bellpull::new();
    let context = Arc::new(Context::new(
        store,
        keyring,
        &state,
        Arc::new(generation),
        hooks,
        bell,
    )?);
    match context.commit(&[Event::DaemonStarted {
        version: env!("CARGO_PKG_VERSION").into(),
    }]) {
        // It pauses until there is space, and says so when it is asked.
        Ok(_) | Err(StoreError::Full(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let swept = sweep(&context, clock::now())?;
    if swept > 0 {
        tracing::info!(
            files = swept,
            "Files of cards that nothing needs were deleted."
        );
    }
    let face = Face {
        context: Arc::clone(&context),
        reloader: Arc::clone(&reloader),
    };
    listen(&admin, face).await?;
    if let Some(webhooks) = &context.generation().config.webhooks {
        webhook::listener::listen(webhooks, &context)
            .with_context(|| format!("webhooks.listen {} cannot be used", webhooks.listen))?;
    }
    let keeper = keep(&context, bell_end)?;
    ring(&context).await?;
    tokio::spawn(alarms::tell(Arc::clone(&context)));
    ready(&context);
    serve(&context, &reloader, signals).await;
    rest(&context, keeper).await
}

/// The accounts' webhooks, where providers call us, and since when each is registered.
fn hooks(
    generation: &Generation,
    keyring: &Arc<Keyring>,
    store: &dyn Store,
) -> Result<Option<Hooks>, Failure> {
    let Some(webhooks) = &generation.config.webhooks else {
        return Ok(None);
    };
    let state = &generation.config.daemon.state_dir;
    let hooks = Hooks::open(state, Arc::clone(keyring), webhooks.public_url.clone())
        .map_err(Failure::configuration)?;
    for account in generation.config.accounts.keys() {
        if let Some(webhook) = store.enrolment(account)?.and_then(|it| it.webhook) {
            hooks.registered(account, &webhook.digest, webhook.since);
        }
    }
    hooks
        .forget_previous(clock::now())
        .map_err(Failure::configuration)?;
    Ok(Some(hooks))
}

/// Without space not even the index opens. systemd starts a daemon again that is not ready after two
/// minutes, as often as it takes.
async fn until_there_is_space(state: &Path) {
    let mut told = false;
    while !space::is_left(state) {
        if !std::mem::replace(&mut told, true) {
            tracing::error!(
                state_dir = %state.display(),
                "There is no space for the state; the daemon starts when there is."
            );
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// No core dump, no other process of this user that reads our memory, and files for us alone.
fn harden() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior, umask};

    // Without it the rest still holds; a kernel that refuses is no reason not to bill.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    umask(rustix::fs::Mode::from_raw_mode(0o077));
}

async fn listen(admin: &reissue_config::Admin, face: Face) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;

    let socket = &admin.socket;
    clear(socket).await?;
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

/// Removes the socket that an earlier daemon left, and nothing else.
async fn clear(socket: &Path) -> Result<(), Failure> {
    let taken = |what: &str| Failure {
        code: exit::UNAVAILABLE,
        message: format!("admin.socket {}: {what}; name another", socket.display()),
    };
    match std::fs::symlink_metadata(socket) {
        Err(_) => Ok(()),
        Ok(found) if !found.file_type().is_socket() => Err(taken("a file of that name is there")),
        Ok(_) if UnixStream::connect(socket).await.is_ok() => {
            Err(taken("another daemon listens there"))
        }
        Ok(_) => Ok(std::fs::remove_file(socket)
            .with_context(|| format!("admin.socket {}", socket.display()))?),
    }
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
            let served = catch_unwind(AssertUnwindSafe(|| keeper.serve(&bell)));
            if let Ok(Err(error)) = served {
                context.fail(&error);
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
        "{}, {}, {}",
        counted(generation.catalogue.connectors.len(), "connector"),
        counted(generation.accounts.len(), "account"),
        counted(generation.schedules.len(), "schedule")
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

/// The signals that mean something to us.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// Answers signals and the watchdog until the daemon is to stop.
async fn serve(context: &Arc<Context>, reloader: &Arc<Reloader>, mut signals: Signals) {
    let mut watchdog = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            () = context.stop.stopped() => return,
            _ = signals.hangup.recv() => {
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
    // A call that hangs is not waited for.
    while context.running() > under_way::hanging().len() && Instant::now() < until {
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
    context.store.flush();
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
