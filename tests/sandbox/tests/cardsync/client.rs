//! The least client that the provider accepts, and the control interface beside it.

use clap::Parser;
use reissue_sandbox::{Options, Sandbox};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const PARTNER: &str = "api_0sandboxPartnerOfCardSync00";
pub(crate) const MERCHANT: &str = "api_1sandboxMerchantOfCardSync1";
pub(crate) const BATCH: &str = "/api/cardsync/batch";
pub(crate) const ENROLLMENT: &str = "/api/cardsync/enrollment";

/// A running sandbox and who talks to it.
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

/// Starts a sandbox on a free port.
pub(crate) async fn sandbox(arguments: &[&str]) -> Client {
    let fixed = ["reissue-sandbox", "--listen", "127.0.0.1:0", "--empty"];
    let arguments = fixed.iter().chain(arguments);
    let sandbox = Sandbox::bind(Options::parse_from(arguments)).await.unwrap();
    let url = sandbox.url();
    tokio::spawn(sandbox.serve(std::future::pending()));
    let http = reqwest::Client::builder().no_proxy();
    Client {
        url,
        http: http.build().unwrap(),
    }
}

impl Client {
    /// A request with the documented headers.
    pub(crate) fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        request
            .header("authorization", key)
            .header("accept", "application/json")
    }

    /// Like [`Client::post`], with the merchant's key.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.request(method, path, MERCHANT).json(body);
        json_of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        json_of(
            self.request(Method::GET, path, MERCHANT)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: Value) -> Value {
        let request = self.request(Method::POST, path, key).json(&body);
        json_of(request.send().await.unwrap()).await
    }

    /// Sends cards, expiring in December 2024, and gives the batch's id.
    pub(crate) async fn submit(&self, cards: &[(&str, &str)]) -> String {
        let answer = self.post(BATCH, MERCHANT, questions(cards)).await;
        assert_eq!(answer["status"], "success", "{answer}");
        answer["data"]["batch_id"].as_str().unwrap().to_owned()
    }

    /// The results of a batch.
    pub(crate) async fn results(&self, batch: &str) -> Value {
        let mut answer = self.get(&format!("{BATCH}/{batch}/results")).await;
        assert_eq!(answer["status"], "success", "{answer}");
        answer["data"].take()
    }

    pub(crate) async fn control(&self, path: &str) -> Value {
        json_of(self.steered(path).await).await
    }

    /// One JSON object a line.
    pub(crate) async fn lines(&self, path: &str) -> Vec<Value> {
        let lines = self.steered(path).await.text().await.unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    async fn steered(&self, path: &str) -> Response {
        let url = format!("{}/_sandbox/{path}", self.url);
        let answer = self.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer
    }

    pub(crate) async fn steer(&self, path: &str, order: Value) -> Response {
        let request = self.http.post(format!("{}/_sandbox/{path}", self.url));
        request.json(&order).send().await.unwrap()
    }

    pub(crate) async fn fault(&self, endpoint: &str, then: Value) {
        let order = json!({ "match": { "endpoint": endpoint }, "then": then });
        let answer = self.steer("faults", order).await;
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn advance(&self, by: &str) {
        let answer = self.steer("clock", json!({ "advance": by })).await;
        assert_eq!(answer.status(), 200);
    }
}

/// The body of a submission.
pub(crate) fn questions(cards: &[(&str, &str)]) -> Value {
    let card = |(id, card): &(&str, &str)| json!({ "id": id, "card": card, "exp": "12/24" });
    json!({ "cards": cards.iter().map(card).collect::<Vec<_>>() })
}

async fn json_of(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}
