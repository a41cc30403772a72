//! Who is called: a webhook that answers with what it was told to, and hands over what came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(super) struct Listener {
    pub(super) url: String,
    status: Arc<AtomicU16>,
    calls: UnboundedReceiver<String>,
}

type Heard = (UnboundedSender<String>, Arc<AtomicU16>);

impl Listener {
    pub(super) async fn start() -> Self {
        let (sender, calls) = unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let heard: Heard = (sender, Arc::clone(&status));
        let router = Router::new().route("/hook", post(hear)).with_state(heard);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, status, calls }
    }

    pub(super) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// The next body, as it came.
    pub(super) async fn text(&mut self) -> String {
        self.calls.recv().await.unwrap()
    }

    pub(super) async fn call(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The event ids of so many calls, in order.
    pub(super) async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let mut call = self.call().await;
            ids.push(serde_json::from_value(call["event_id"].take()).unwrap());
        }
        ids
    }
}

async fn hear(
    State((calls, status)): State<Heard>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    assert_eq!(headers["content-type"], "application/json");
    calls.send(body).unwrap();
    StatusCode::from_u16(status.load(Ordering::Relaxed)).unwrap()
}
