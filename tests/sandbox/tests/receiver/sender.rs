//! Who sends messages, and asks the control interface what became of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Parser;
use hmac::{Hmac, Mac};
use reissue_sandbox::{Options, Sandbox};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;

/// Any but the sandbox's own.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const NEXT_SECRET: &str = "whsec_bmV4dC1zZWNyZXQtbmV4dC1zZWNyZXQtbmV4dA==";

/// A running sandbox and who talks to it.
pub(crate) struct Sender {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

/// Starts a sandbox on a free port whose receivers believe these secrets.
pub(crate) async fn sender(secrets: &[&str]) -> Sender {
    let fixed = ["reissue-sandbox", "--listen", "127.0.0.1:0", "--empty"];
    let secrets = secrets.iter().flat_map(|it| ["--receiver-secret", it]);
    let arguments = fixed.into_iter().chain(secrets);
    let sandbox = Sandbox::bind(Options::parse_from(arguments)).await.unwrap();
    let url = sandbox.url();
    tokio::spawn(sandbox.serve(std::future::pending()));
    let http = reqwest::Client::builder().no_proxy();
    let http = http.redirect(reqwest::redirect::Policy::none());
    Sender {
        url,
        http: http.build().unwrap(),
    }
}

/// A page of as many updates.
pub(crate) fn page(batch: &str, page: u64, last: bool, updates: u64) -> Value {
    let updates = (0..updates).map(|at| json!({ "id": format!("acme/{batch}/{page}-{at}") }));
    json!({
        "type": "reissue.updates",
        "timestamp": "2026-11-22T06:30:04Z",
        "data": {
            "account": "acme", "job": "amex-subscription", "batch": batch, "page": page, "last": last,
            "updates": updates.collect::<Vec<_>>(),
        },
    })
}

/// The signature of a message.
pub(crate) fn signature(secret: &str, id: &str, time: &str, body: &str) -> String {
    let secret = BASE64
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    let mac = mac.chain_update(format!("{id}.{time}.{body}"));
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// The second that it is.
#[expect(clippy::disallowed_methods, reason = "the only place in these tests")]
pub(crate) fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

impl Sender {
    /// A message with these headers, and the one that says what its body is.
    pub(crate) fn message(&self, headers: &[(&str, &str)], body: &str) -> RequestBuilder {
        let request = self.http.post(format!("{}/_receiver/billing", self.url));
        let request = request.header("content-type", "application/json");
        let headers = headers.iter();
        headers
            .fold(request, |request, (name, value)| {
                request.header(*name, *value)
            })
            .body(body.to_owned())
    }

    /// A message signed with each of these secrets.
    pub(crate) fn signed(&self, secrets: &[&str], id: &str, body: &Value) -> RequestBuilder {
        let (time, body) = (now().to_string(), body.to_string());
        let signatures = secrets.iter().map(|it| signature(it, id, &time, &body));
        let signatures = signatures.collect::<Vec<_>>().join(" ");
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", &*time),
            ("webhook-signature", &*signatures),
        ];
        self.message(&headers, &body)
    }

    /// What a message is answered.
    pub(crate) async fn send(&self, id: &str, body: &Value) -> u16 {
        let answer = self.signed(&[SECRET], id, body).send().await;
        answer.unwrap().status().as_u16()
    }

    pub(crate) async fn told(&self) -> Value {
        self.control("receiver/billing").await.json().await.unwrap()
    }

    /// The journal.
    pub(crate) async fn requests(&self) -> Value {
        let mut journal: Value = self.control("requests").await.json().await.unwrap();
        journal["requests"].take()
    }

    /// One JSON object a line.
    pub(crate) async fn lines(&self, what: &str) -> Vec<Value> {
        let lines = self.control(&format!("receiver/billing/{what}")).await;
        let lines = lines.text().await.unwrap();
        let lines = lines.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    async fn control(&self, path: &str) -> Response {
        let answer = self.http.get(format!("{}/_sandbox/{path}", self.url));
        answer.send().await.unwrap().error_for_status().unwrap()
    }

    pub(crate) async fn steer(&self, path: &str, order: Value) -> u16 {
        let order = self
            .http
            .post(format!("{}/_sandbox/{path}", self.url))
            .json(&order);
        order.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn fault(&self, then: Value) {
        let matches = json!({ "endpoint": "receiver", "batch": "billing" });
        let order = json!({ "match": matches, "then": then });
        assert_eq!(self.steer("faults", order).await, 201);
    }
}
