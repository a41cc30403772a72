//! One call of the connector, over the same table as in the daemon, and all that was seen of it.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::Value;

use super::super::host::FakeHost;
use super::super::{Answer, FakeCard, Reported, account};
use super::invariants;
use super::provider::{Call, Provider, Script};
use crate::Connector;
use crate::abi::host::{Host, Instance, Loaded};
use crate::batch::{Batch, Found, FoundState, Origin, Window};
use crate::card::{Expiry, Pan};
use crate::enrolment::{EnrolState, Progress};
use crate::fault::Fault;
use crate::manifest::{Manifest, Pans, Verb};
use crate::run::Request;
use crate::submission::Submission;

/// Where the provider may call, told to a connector with a job that needs it.
const WEBHOOK_URL: &str = "https://billing.test/hooks/test-account/0penSesame-7d1";
/// What nobody else may know of it.
pub(super) const WEBHOOK_SECRET: (&str, &str) = ("webhook_url", "0penSesame-7d1");
/// How long a call may take whose every loan is there at once.
const PROMPT: Duration = Duration::from_secs(1);
/// A machine that stalls is no fault of the connector's.
const ATTEMPTS: usize = 3;

/// A connector and its provider.
pub(super) struct Stage<'p> {
    pub(super) loaded: Loaded,
    pub(super) provider: &'p Provider,
}

/// A call that has ended.
pub(super) struct Played {
    /// What the verb returned, as the document that crosses the boundary.
    pub(super) outcome: Result<Value, Fault>,
    pub(super) requests: Vec<Request>,
    pub(super) updates: Vec<Reported>,
    pub(super) log: Vec<String>,
    /// How many of the scripted exchanges were not asked for.
    pub(super) left: usize,
    /// How many cards were not taken.
    pub(super) cards_left: usize,
    pub(super) loans: usize,
    pub(super) panicked: bool,
}

impl<'p> Stage<'p> {
    pub(super) fn of<C: Connector>(provider: &'p Provider) -> Self {
        Self {
            loaded: Loaded::of::<C>(),
            provider,
        }
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.loaded.description().manifest
    }

    /// Whether such an answer to that request stands in any script.
    pub(super) fn documents(&self, line: &str, such: impl Fn(&Answer) -> bool) -> bool {
        let mut exchanges = self.provider.scripts.iter().flat_map(|it| &it.exchanges);
        exchanges.any(|(documented, answer)| documented == line && such(answer))
    }

    /// Opens the connector for the scripted account.
    pub(super) fn open(&self) -> Result<Arc<Instance>, String> {
        let settings = self.provider.settings.clone();
        self.loaded
            .open(settings, &account(&self.provider.secrets))
            .map(Arc::new)
            .map_err(|fault| {
                format!("the scripted account cannot be opened: {fault}; give `Provider` settings and secrets that are right")
            })
    }

    /// Plays a script on an instance of its own.
    pub(super) fn play(&self, script: &Script) -> Result<Played, String> {
        self.play_on(&self.open()?, script)
    }

    /// Plays a script, and makes sure of what must hold in every call whatever happens in it.
    pub(super) fn play_on(
        &self,
        instance: &Arc<Instance>,
        script: &Script,
    ) -> Result<Played, String> {
        for _ in 0..ATTEMPTS {
            if let Some(played) = self.attempt(instance, script) {
                invariants::check(self, script, &played)?;
                return Ok(played);
            }
        }
        Err(format!(
            "{script} took longer than a second, though nothing kept it waiting: a connector never \
             sleeps and never loops until something happens; return `Collected::NotReady` or the \
             fault, and the ledger calls again"
        ))
    }

    /// None if it took too long. The thread is left behind then: it cannot be stopped.
    fn attempt(&self, instance: &Arc<Instance>, script: &Script) -> Option<Played> {
        let mut host = FakeHost::default();
        host.script.extend(script.exchanges.iter().cloned());
        host.cards.extend(cards(self.manifest().pans));
        host.cancelled_after = script.cancelled_after;
        let (instance, call) = (Arc::clone(instance), script.call.clone());
        let manifest = *self.manifest();
        let (ended, end) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let outcome = perform(&instance, &mut host, &call, &manifest);
            // Nobody waits any more for one that took too long.
            let _ = ended.send(Played {
                outcome,
                requests: host.requests,
                updates: host.updates,
                log: host.log.into_iter().map(|(_, line)| line).collect(),
                left: host.script.len(),
                cards_left: host.cards.len(),
                loans: host.loans.get(),
                panicked: instance.is_poisoned(),
            });
        });
        end.recv_timeout(PROMPT).ok()
    }
}

fn perform(
    instance: &Instance,
    host: &mut FakeHost,
    call: &Call,
    manifest: &Manifest,
) -> Result<Value, Fault> {
    let submission = Submission {
        id: "sub-1".into(),
        cards: 3,
    };
    let now = host.now();
    match call {
        Call::Discover(job) => {
            let window = Window {
                from: now - TimeDelta::days(7),
                to: now,
            };
            document(instance.discover(host, job, window))
        }
        Call::Collect(job, batch) => {
            let origin = match manifest.job(job).map(|job| job.verb) {
                Some(Verb::Submit) => Origin::Submitted,
                Some(Verb::Subscribe) => Origin::Announced,
                _ => Origin::Found,
            };
            let mut found = Found::new(batch, FoundState::Ready);
            found.submission = (origin == Origin::Submitted).then_some(submission.id);
            let batch = Batch {
                job: job.clone(),
                origin,
                found,
            };
            document(instance.collect(host, &batch))
        }
        Call::Submit(job) => document(instance.submit(host, job, &submission)),
        Call::Reconcile(job) => document(instance.reconcile(host, job, &submission)),
        Call::Subscribe(job) => document(instance.subscribe(host, job, &submission)),
        Call::Unsubscribe(job) => document(instance.unsubscribe(host, job, &submission)),
        Call::Receive(notification) => document(instance.receive(host, notification.clone())),
        Call::Enrol => {
            let so_far = Progress {
                state: EnrolState::NotEnrolled,
                webhook_url: needs_webhook(manifest).then(|| WEBHOOK_URL.to_owned()),
                ..Progress::default()
            };
            document(instance.enrol(host, so_far))
        }
    }
}

fn needs_webhook(manifest: &Manifest) -> bool {
    manifest.jobs.iter().any(|job| job.needs_webhook)
}

fn document(outcome: Result<impl Serialize, Fault>) -> Result<Value, Fault> {
    outcome.map(|value| serde_json::to_value(value).unwrap_or_default())
}

/// The cards of a submission; with numbers only for a connector that says that it sends them.
fn cards(pans: Pans) -> Vec<FakeCard> {
    let numbered = matches!(pans, Pans::Sent | Pans::Both);
    let card = |key: &str, token: &str, pan: &str| FakeCard {
        key: key.into(),
        token: token.into(),
        token_kind: "customer".into(),
        pan: Pan::parse(pan).ok().filter(|_| numbered),
        expiry: Expiry::new(2027, 4).ok(),
        se_number: "1234567890".into(),
    };
    vec![
        card("k1", "tok-1", "4111111111111111"),
        card("k2", "tok-2", "5555555555554444"),
        card("k3", "tok-3", "378282246310005"),
    ]
}
