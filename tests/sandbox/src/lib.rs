//! Plays the account updater providers as a real HTTP server.
//!
//! No provider can be reached from a test, and where one has a sandbox it returns no updates. This one accepts only
//! what the provider documents, verifies every signature, answers with the documented payloads *and their quirks*,
//! generates reports of any size, and misbehaves on request. It serves tests, the demo, benchmarks and staging.
//!
//! It also plays the billing system at the other end, which is handed updates: [`receiver`].
//!
//! One folder per provider; what providers share is here:
//!
//! | module | holds |
//! |---|---|
//! | [`Options`] | the command line |
//! | `clock` | the sandbox's time, which can be advanced |
//! | `faults`, `distort` | scripted misbehaviour |
//! | `journal` | what was requested |
//! | `submitted` | how often each card was asked about: whether it was paid for twice |
//! | `control` | `/_sandbox/`, where a test steers all of it |

pub mod bluesnap;
pub mod cardsync;
mod clock;
mod control;
mod distort;
mod faults;
mod journal;
mod mix;
mod number;
mod options;
pub mod receiver;
pub mod smartpayfuse;
mod submitted;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use options::Options;

use bluesnap::BlueSnap;
use cardsync::Cardsync;
use clock::Clock;
use faults::Faults;
use journal::Journal;
use receiver::Receivers;
use smartpayfuse::SmartpayFuse;

/// What answers in flight may still take once the sandbox is told to stop: a simulator owes nobody the rest.
const GRACE: Duration = Duration::from_secs(1);

/// A sandbox that is listening and serves once [`Sandbox::serve`] is awaited.
#[derive(Debug)]
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl Sandbox {
    /// Takes the address and builds the world; connections queue up until [`Sandbox::serve`].
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(options: Options) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen).await.with_context(|| {
            format!(
                "cannot listen on {}: take another address with --listen",
                options.listen
            )
        })?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            router: router(Arc::new(World::new(options))),
        })
    }

    /// The origin to point a connector's `base_url` at.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until `stop` resolves.
    ///
    /// # Errors
    /// The listener broke.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (stopping, mut stopped) = watch::channel(false);
        // An answer of small parts must not wait for the client's acknowledgement of the previous one.
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let service = self
            .router
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            stop.await;
            stopping.send_replace(true);
        });
        tokio::select! {
            ended = server => ended.context("the listener broke"),
            () = async {
                // The sender lives in the server, so an error here means that the other branch has ended.
                let _ = stopped.wait_for(|stopped| *stopped).await;
                tokio::time::sleep(GRACE).await;
            } => Ok(()),
        }
    }
}

/// All that a request can see or change.
#[derive(Debug)]
struct World {
    clock: Clock,
    faults: Faults,
    journal: Journal,
    cardsync: Cardsync,
    bluesnap: BlueSnap,
    smartpayfuse: SmartpayFuse,
    receivers: Receivers,
}

impl World {
    fn new(options: Options) -> Self {
        let clock = Clock::default();
        Self {
            faults: Faults::default(),
            journal: Journal::new(options.log),
            cardsync: Cardsync::new(&options, clock.now()),
            bluesnap: BlueSnap::new(&options),
            smartpayfuse: SmartpayFuse::new(&options, clock.now()),
            receivers: Receivers::new(&options.receiver),
            clock,
        }
    }
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .merge(cardsync::router())
        .merge(bluesnap::router())
        .merge(smartpayfuse::router())
        .merge(receiver::router())
        .merge(control::router())
        .with_state(world)
}
