//! The sandbox that plays the provider, and its control interface.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use reqwest::blocking::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::PATIENCE;
use crate::programs::built;
use crate::receiver::Receiver;

/// A running sandbox without any batch; killed when dropped.
#[derive(Debug)]
pub struct Sandbox {
    process: Child,
    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub url: String,
    http: Client,
}

impl Sandbox {
    pub(crate) fn start(environment: &[(String, String)], arguments: &[&str]) -> Self {
        let mut process = Command::new(built("reissue-sandbox"))
            .envs(environment.iter().cloned())
            .args(["--empty", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("listening on ");
        Self {
            url: url.expect("the sandbox says where it listens").to_owned(),
            process,
            http: Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()
                .unwrap(),
        }
    }

    /// Makes a batch, such as `{"source": "SCHEDULER", "records": 1000}`, and gives its id.
    pub fn batch(&self, order: Value) -> String {
        self.post("batches", &order)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What a client should get out of a batch, in counts.
    pub fn expected(&self, batch: &str) -> Value {
        self.get(&format!("expected/{batch}"))
    }

    /// The same record by record: `id`, `token`, `response`, `reason`.
    pub fn records(&self, batch: &str) -> Vec<Value> {
        self.lines(&format!("expected/{batch}/ids"))
    }

    /// Moves the provider's clock on, by a duration such as `26h`.
    pub fn advance(&self, by: &str) {
        self.post("clock", &json!({ "advance": by }));
    }

    /// Scripts a fault, such as `{"endpoint": "report", "nth": 2}`, `{"kind": "drop"}`.
    pub fn fault(&self, matches: Value, then: Value) {
        self.post("faults", &json!({ "match": matches, "then": then }));
    }

    /// Forgets all scripted faults, also those that are still to come.
    pub fn heal(&self) {
        let answer = self.http.delete(self.control("faults")).send().unwrap();
        answer.error_for_status().unwrap();
    }

    /// Every request that came, in order.
    pub fn requests(&self) -> Value {
        self.get("requests")
    }

    /// How often cards were asked about at one provider, in counts; nothing before the first question.
    /// A provider's folder of the sandbox is its name here.
    pub fn submitted(&self, provider: &str) -> Value {
        let merchants = self.get(&format!("{provider}/submitted"));
        let mut counts = merchants.as_object().unwrap().values();
        counts.next().cloned().unwrap_or_default()
    }

    /// The batches that one provider has, where it shows them.
    pub fn batches_of(&self, provider: &str) -> Vec<Value> {
        let mut state = self.get(provider);
        std::mem::take(state["batches"].as_array_mut().unwrap())
    }

    /// Stops it where it stands: connections to it are made, and nobody reads or answers.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Waits until a `list`, `status` or `report` was asked for.
    #[track_caller]
    pub fn until_asked_for(&self, endpoint: &str) {
        let until = Instant::now() + PATIENCE;
        while self.requests()["counts"][endpoint].is_null() {
            assert!(Instant::now() < until, "nobody asks for a {endpoint}");
        }
    }

    /// The cards that a provider with this name was asked about, as it got them: numbers or tokens.
    pub fn asked_about(&self, provider: &str) -> Vec<String> {
        let cards = self.lines(&format!("{provider}/submitted/cards"));
        let number = |card: Value| card["card"].as_str().unwrap().to_owned();
        cards.into_iter().map(number).collect()
    }

    /// The merchants of CardSync with this name, with their keys and where their enrolment stands.
    pub fn merchants(&self, name: &str) -> Vec<Value> {
        let merchants = self.get("cardsync")["merchants"].take();
        let mut merchants: Vec<Value> = serde_json::from_value(merchants).unwrap();
        merchants.retain(|merchant| merchant["name"] == name);
        merchants
    }

    /// CardSync's books of subscribed pairs, also of those that are so no longer: `card`, `se_number`, `id`,
    /// `subscribed`, and how often each was `added`, `added_again`, `removed`, `removed_unknown`.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.lines("cardsync/subscriptions")
    }

    /// Says what becomes of a card at CardSync, such as `{"card": "…", "status": "updated_card",
    /// "new": {"card": "…", "exp": "12/30"}}`.
    pub fn answer(&self, order: Value) {
        self.post("cardsync/answers", &order);
    }

    /// Makes an event of CardSync's, such as `{}` of all published cards that are subscribed, and gives its
    /// id. The webhook is called with it unless the order says `"deliver": false`.
    pub fn make_event(&self, order: Value) -> String {
        let event = self.post("cardsync/events", &order);
        event["id"].as_str().unwrap().to_owned()
    }

    /// Says what becomes of a card at CardSync: it is this one from now on.
    pub fn becomes(&self, card: &str, new: &str) {
        let new = json!({ "card": new, "exp": "12/31" });
        let answer = json!({ "card": card, "status": "updated_card", "new": new });
        self.post("cardsync/answers", &answer);
    }

    /// Has CardSync call the webhook again or at last, such as `{"events": [ID], "times": 100}` or
    /// `{"forged": 10}`, and gives the ids in the order of the calls. Returns before they are made.
    pub fn announce(&self, order: Value) -> Vec<String> {
        let called = self.post("cardsync/calls", &order);
        serde_json::from_value(called["events"].clone()).unwrap()
    }

    /// Every event of CardSync's, also forged ones: `id`, `state`, and what its calls were answered.
    pub fn events(&self) -> Vec<Value> {
        serde_json::from_value(self.get("cardsync/events")).unwrap()
    }

    /// Waits until CardSync has made every call that it was to make, and gives the events.
    #[track_caller]
    pub fn until_announced(&self) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let events = self.events();
            if events.iter().all(|event| event["under_way"] == 0) {
                return events;
            }
            assert!(Instant::now() < until, "calls are under way: {events:?}");
        }
    }

    /// The receiver of this name, to which a sink posts `/_receiver/NAME`.
    pub fn receiver<'a>(&'a self, name: &'a str) -> Receiver<'a> {
        Receiver {
            sandbox: self,
            name,
        }
    }

    /// Time, batches and scripted faults.
    pub fn state(&self) -> Value {
        self.get("state")
    }

    pub(crate) fn lines(&self, path: &str) -> Vec<Value> {
        let answer = self.http.get(self.control(path)).send().unwrap();
        let lines = answer.error_for_status().unwrap().text().unwrap();
        let lines = lines.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.control(path)).send().unwrap();
        let text = answer.error_for_status().unwrap().text().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn post(&self, path: &str, order: &Value) -> Value {
        let request = self
            .http
            .post(self.control(path))
            .header("content-type", "application/json")
            .body(order.to_string());
        let answer = request.send().unwrap();
        let status = answer.status();
        let text = answer.text().unwrap();
        assert!(status.is_success(), "{path} {order}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.url)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
