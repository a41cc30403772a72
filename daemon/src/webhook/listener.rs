//! The listener: HTTP/1.1, one request a connection, on a thread of its own, so that a flood costs one core
//! and never stands in the queue of anything else that the daemon does.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::crowd::{Crowd, Seat};
use super::gate::Gate;
use crate::ledger::context::Context;

/// How long a request may take to be here as a whole.
const REQUEST: Duration = Duration::from_secs(5);

/// How long it and its answer may take.
const CONVERSATION: Duration = Duration::from_secs(15);

/// How long we read on after an answer, so that it is not lost with what nobody read.
const LINGER: Duration = Duration::from_secs(1);

/// The largest head of a request: hyper's smallest buffer.
const HEAD: usize = 8 * 1024;

/// How often it is told who came that nobody knows.
const MINUTE: Duration = Duration::from_secs(60);

/// Listens until the daemon stops.
///
/// # Errors
/// When the address cannot be used.
pub fn listen(webhooks: &reissue_config::Webhooks, context: &Arc<Context>) -> io::Result<()> {
    let listener = std::net::TcpListener::bind(webhooks.listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()?;
    let Some(gate) = Gate::of(webhooks, context) else {
        return Ok(());
    };
    let context = Arc::clone(context);
    std::thread::Builder::new()
        .name("webhooks".into())
        .spawn(move || {
            let served = runtime.block_on(serve(listener, Arc::new(gate), &context));
            if let Err(error) = served {
                tracing::error!(%error, "Webhooks cannot be received; the daemon ends.");
                context.stop.fail();
            }
        })?;
    tracing::info!(%address, "Webhooks are received.");
    Ok(())
}

async fn serve(
    listener: std::net::TcpListener,
    gate: Arc<Gate>,
    context: &Context,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let crowd = Crowd::default();
    let mut minute = interval_at(Instant::now() + MINUTE, MINUTE);
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = context.stop.stopped() => return Ok(()),
            _ = minute.tick() => gate.tell(),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let gate = Arc::clone(&gate);
                    crowd.enter(move |seat| converse(stream, peer, gate, seat));
                }
                // No descriptor is left: some conversation will end.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
}

/// One request and its answer.
async fn converse(stream: TcpStream, peer: SocketAddr, gate: Arc<Gate>, seat: Seat) {
    let until = Instant::now() + REQUEST;
    let service = service_fn(async |request| gate.answer(request, peer.ip(), until, &seat).await);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .keep_alive(false)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown();
    if let Ok(Ok(parts)) = timeout(CONVERSATION, connection).await {
        let _ = timeout(LINGER, linger(parts.io.into_inner())).await;
    }
}

/// A connection that is closed while it holds what nobody read takes the answer with it.
async fn linger(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
