//! The billing system that a sink posts to: a receiver of the sandbox's, which verifies every message.

use std::time::Instant;

use serde_json::{Value, json};

use crate::PATIENCE;
use crate::sandbox::Sandbox;

/// A receiver by its name.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) name: &'a str,
}

impl Receiver<'_> {
    /// What came, in counts (`pages`, `updates`, `complete` batches, `alarms`, `repeated` …), and every id, refusal
    /// and problem.
    pub fn told(&self) -> Value {
        self.sandbox.get(&self.path(""))
    }

    /// Every update, once, in the order in which they came.
    pub fn updates_seen(&self) -> Vec<Value> {
        self.sandbox.lines(&self.path("/updates"))
    }

    /// Every page, once, without what is on it.
    pub fn pages(&self) -> Vec<Value> {
        self.sandbox.lines(&self.path("/pages"))
    }

    /// Every alarm, once.
    pub fn alarms(&self) -> Vec<Value> {
        self.sandbox.lines(&self.path("/alarms"))
    }

    /// Believes messages that are signed with these secrets, and no others.
    pub fn believes(&self, secrets: &[&str]) {
        let order = json!({ "secrets": secrets });
        self.sandbox.post(&self.path("/secrets"), &order);
    }

    /// Scripts a fault for its next messages, such as `{"kind": "status", "status": 503}`; 0 times is for ever.
    pub fn fails(&self, times: u64, then: Value) {
        let matches = json!({ "endpoint": "receiver", "batch": self.name, "times": times });
        self.sandbox.fault(matches, then);
    }

    /// Waits until one of its counts is at least this, and gives all that is told.
    #[track_caller]
    pub fn until(&self, count: &str, least: u64) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let told = self.told();
            if told[count].as_u64() >= Some(least) {
                return told;
            }
            assert!(Instant::now() < until, "no {least} {count}: {told}");
        }
    }

    fn path(&self, what: &str) -> String {
        format!("receiver/{}{what}", self.name)
    }
}
