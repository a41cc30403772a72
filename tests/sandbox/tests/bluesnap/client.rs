//! The least client that the provider accepts, and the control interface beside it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use reissue_sandbox::{Options, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

pub(crate) const PATH: &str = "/services/2/account-updater";
const PASSWORD: &str = "sandbox-Password-of-BlueSnap";

/// A running sandbox and a user who talks to it.
pub(crate) struct Client {
    url: String,
    http: reqwest::Client,
    pub(crate) authorization: String,
}

/// Starts a sandbox on a free port.
pub(crate) async fn sandbox(arguments: &[&str]) -> Client {
    let arguments = ["reissue-sandbox", "--listen", "127.0.0.1:0", "--empty"]
        .iter()
        .chain(arguments);
    let sandbox = Sandbox::bind(Options::parse_from(arguments)).await.unwrap();
    let url = sandbox.url();
    tokio::spawn(sandbox.serve(std::future::pending()));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Client {
        url,
        http,
        authorization: String::new(),
    }
    .by("API_17000000000001")
}

impl Client {
    /// The same sandbox as another user sees it.
    pub(crate) fn by(self, user: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{user}:{PASSWORD}")));
        Self {
            authorization,
            ..self
        }
    }

    /// Asks about these cards, `(number, month, year)`, with the keys `k1`, `k2` and so on.
    pub(crate) async fn create(&self, batch: &str, cards: &[(&str, &str, &str)]) -> Response {
        self.post(&question(batch, cards)).await
    }

    pub(crate) async fn post(&self, body: &str) -> Response {
        self.try_send(Method::POST, PATH, body).await.unwrap()
    }

    pub(crate) async fn retrieve(&self, batch: &str) -> Response {
        let target = format!("{PATH}/{batch}");
        self.try_send(Method::GET, &target, "").await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        target: &str,
        body: &str,
    ) -> reqwest::Result<Response> {
        let request = self.http.request(method, format!("{}{target}", self.url));
        let request = request
            .header("authorization", &self.authorization)
            .header("content-type", "application/xml");
        request.body(body.to_owned()).send().await
    }

    /// A request that is not as the provider wants it.
    pub(crate) async fn odd(&self, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = self.http.get(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn control(&self, target: &str) -> Value {
        serde_json::from_str(&self.told(target).await).unwrap()
    }

    /// One JSON object a line.
    pub(crate) async fn lines(&self, target: &str) -> Vec<Value> {
        let told = self.told(target).await;
        let lines = told.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    async fn told(&self, target: &str) -> String {
        let answer = self.http.get(format!("{}/_sandbox/{target}", self.url));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{target}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn steer(&self, target: &str, order: Value) -> u16 {
        let request = self.http.post(format!("{}/_sandbox/{target}", self.url));
        request.json(&order).send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn fault(&self, endpoint: &str, then: Value) {
        let order = json!({ "match": { "endpoint": endpoint }, "then": then });
        assert_eq!(self.steer("faults", order).await, 201);
    }

    pub(crate) async fn advance(&self, by: &str) {
        assert_eq!(self.steer("clock", json!({ "advance": by })).await, 200);
    }
}

/// The documented request for these cards.
pub(crate) fn question(batch: &str, cards: &[(&str, &str, &str)]) -> String {
    let cards: String = cards
        .iter()
        .enumerate()
        .map(|(at, (number, month, year))| {
            format!(
                "<account-update><merchant-updater-id>k{}</merchant-updater-id><original-card><credit-card>\
                 <card-number>{number}</card-number><expiration-month>{month}</expiration-month>\
                 <expiration-year>{year}</expiration-year></credit-card></original-card></account-update>",
                at + 1
            )
        })
        .collect();
    format!(
        "<batch-account-update xmlns=\"http://ws.plimus.com\">\
         <account-update-batch-id>{batch}</account-update-batch-id>{cards}</batch-account-update>"
    )
}

/// The texts of every element of that name, in order.
pub(crate) fn texts<'a>(document: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = document.split(&*start).skip(1);
    parts
        .map(|part| part.split_once(&*end).unwrap().0)
        .collect()
}
