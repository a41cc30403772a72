//! The least client that the provider accepts, and the control interface beside it.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use clap::Parser;
use hmac::{Hmac, Mac};
use reissue_sandbox::{Options, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const BATCHES: &str = "/accountupdater/v1/batches";
const KEY_ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const MERCHANT: &str = "demo_merchant_001";

/// A running sandbox and who talks to it.
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

/// Starts a sandbox on a free port.
pub(crate) async fn sandbox(arguments: &[&str]) -> Client {
    let arguments = ["reissue-sandbox", "--listen", "127.0.0.1:0"]
        .iter()
        .chain(arguments);
    let sandbox = Sandbox::bind(Options::parse_from(arguments)).await.unwrap();
    let url = sandbox.url();
    tokio::spawn(sandbox.serve(std::future::pending()));
    Client::of(url)
}

impl Client {
    pub(crate) fn of(url: String) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            url,
            http: http.build().unwrap(),
        }
    }

    pub(crate) async fn get(&self, target: &str) -> Response {
        self.try_get(target).await.unwrap()
    }

    pub(crate) async fn try_get(&self, target: &str) -> reqwest::Result<Response> {
        let headers = [
            ("authorization", self.token("GET", target)),
            ("accept", "application/json".into()),
        ];
        self.send(Method::GET, target, &headers).await
    }

    /// Posts a body as JSON, signed.
    pub(crate) async fn try_post(&self, body: &str) -> reqwest::Result<Response> {
        let request = self.http.post(format!("{}{BATCHES}", self.url));
        let request = request
            .header(
                "authorization",
                self.token_over("POST", BATCHES, SECRET, Some(body)),
            )
            .header("accept", "application/json")
            .header("content-type", "application/json");
        request.body(body.to_owned()).send().await
    }

    pub(crate) async fn json(&self, target: &str) -> Value {
        let answer = self.get(target).await;
        assert_eq!(answer.status(), 200, "{target}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, String)],
    ) -> reqwest::Result<Response> {
        let mut request = self.http.request(method, format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await
    }

    /// A fresh token for one request, as an `Authorization` header.
    pub(crate) fn token(&self, method: &str, target: &str) -> String {
        self.token_by(method, target, SECRET)
    }

    pub(crate) fn token_by(&self, method: &str, target: &str, secret: &str) -> String {
        self.token_over(method, target, secret, None)
    }

    fn token_over(&self, method: &str, target: &str, secret: &str, body: Option<&str>) -> String {
        static NTH: AtomicU64 = AtomicU64::new(0);
        let iat = now().timestamp();
        let header = json!({ "alg": "HS256", "kid": KEY_ID, "typ": "JWT" });
        let mut claims = json!({
            "iat": iat, "exp": iat + 120, "iss": MERCHANT, "jti": NTH.fetch_add(1, Ordering::Relaxed).to_string(),
            "v-c-jwt-version": "2", "v-c-merchant-id": MERCHANT, "request-host": self.host(),
            "request-resource-path": target, "request-method": method,
        });
        if let Some(body) = body {
            claims["digest"] = json!(STANDARD.encode(Sha256::digest(body)));
            claims["digestAlgorithm"] = json!("SHA-256");
        }
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        format!(
            "Bearer {signed}.{}",
            URL_SAFE_NO_PAD.encode(mac(secret, &signed))
        )
    }

    /// The headers of an HTTP signature.
    pub(crate) fn signature(&self, target: &str) -> Vec<(&'static str, String)> {
        let date = now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let signed = format!(
            "host: {}\ndate: {date}\nrequest-target: get {target}\nv-c-merchant-id: {MERCHANT}",
            self.host()
        );
        let signature = STANDARD.encode(mac(SECRET, &signed));
        let field = format!(
            "keyid=\"{KEY_ID}\", algorithm=\"HmacSHA256\", headers=\"host date request-target v-c-merchant-id\", \
             signature=\"{signature}\""
        );
        vec![
            ("date", date),
            ("v-c-merchant-id", MERCHANT.into()),
            ("signature", field),
        ]
    }

    fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) async fn control(&self, target: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}/_sandbox/{target}", self.url))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{target}");
        answer.json().await.unwrap()
    }

    /// One JSON object a line.
    pub(crate) async fn lines(&self, target: &str) -> Vec<Value> {
        let answer = self.http.get(format!("{}/_sandbox/{target}", self.url));
        let told = answer.send().await.unwrap().text().await.unwrap();
        let lines = told.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    pub(crate) async fn steer(&self, target: &str, order: Value) -> Response {
        let request = self.http.post(format!("{}/_sandbox/{target}", self.url));
        request.json(&order).send().await.unwrap()
    }

    /// Makes a batch and gives its id.
    pub(crate) async fn batch(&self, order: Value) -> String {
        let answer = self.steer("batches", order).await;
        assert_eq!(answer.status(), 201);
        answer.json::<Value>().await.unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn fault(&self, matches: Value, then: Value) {
        let answer = self
            .steer("faults", json!({ "match": matches, "then": then }))
            .await;
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn advance(&self, by: &str) {
        assert_eq!(
            self.steer("clock", json!({ "advance": by })).await.status(),
            200
        );
    }
}

/// The ids of a page, and where its next one is.
pub(crate) fn page(body: &Value) -> (Vec<String>, Option<String>) {
    let ids = body["_embedded"]["batches"].as_array().unwrap().iter();
    let next = body["_links"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["rel"] == "next");
    (
        ids.map(|batch| batch["batchId"].as_str().unwrap().to_owned())
            .collect(),
        next.map(|link| link["href"].as_str().unwrap().to_owned()),
    )
}

/// Tokens and signatures are checked against the wall clock.
#[expect(clippy::disallowed_methods, reason = "the only place in these tests")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn mac(secret: &str, message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(secret).unwrap()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
