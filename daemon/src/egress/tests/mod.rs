//! The network, against real servers on loopback.

mod answers;
mod broken;
mod limits;
mod requests;
mod wire;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use reissue_connector_api::{Fault, Kind, Request};
use tokio::runtime::{Builder, Runtime};

use super::{Call, Egress, Limits, Stop, Way};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// Limits that no test reaches by accident.
fn wide() -> Limits {
    Limits {
        requests_per_second: 1e9,
        response_bytes: u64::MAX,
        idle: Duration::from_secs(3_600),
        call: Duration::from_secs(3_600),
    }
}

fn egress_to(origin: &str, limits: Limits) -> Arc<Egress> {
    Arc::new(Egress::new(origin, Way::default(), limits, RUNTIME.handle().clone()).unwrap())
}

/// A call that may send one request other than `GET`.
fn call_to(origin: &str) -> Call {
    egress_to(origin, wide()).call(1, Stop::default())
}

/// Sends and reads to the end: status and body.
fn fetch(call: &mut Call, request: Request) -> Result<(u16, Vec<u8>), Fault> {
    let (head, mut body) = call.send(request, 1)?;
    let mut whole = Vec::new();
    loop {
        let piece = body.read(call)?;
        if piece.is_empty() {
            return Ok((head.status, whole));
        }
        whole.extend_from_slice(piece);
    }
}

/// A request that carries what must never be seen in a message.
fn confidential() -> Request {
    Request::get("/v1/cards/{card}")
        .param("card", "4111111111111111")
        .query("token", "t0ken")
        .header("Authorization", "Bearer s3cret")
}

fn keeps_its_secrets(fault: &Fault) {
    for secret in ["4111111111111111", "t0ken", "s3cret", "Bearer"] {
        assert!(!fault.message.contains(secret), "{fault}");
    }
}
