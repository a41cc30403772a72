//! A connector that can do everything and does it right, and the places where it can be given a flaw.

use std::marker::PhantomData;

use reissue_connector_api::testkit::{Answer, Provider, violations};
use reissue_connector_api::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// What may differ from the good connector.
pub(crate) trait Flaw: Send + Sync + 'static {
    const MANIFEST: Manifest = MANIFEST;

    fn open(account: &Account) -> Result<(), Fault> {
        account.secret("key").map(drop)
    }
    fn enrol(run: &Run<'_>, _: &Progress) -> Result<EnrolStep, Fault> {
        send(run, Request::post("/enrolment", JSON, b"{}".to_vec()))?;
        Ok(EnrolStep::active())
    }
    fn discover(run: &Run<'_>) -> Result<Vec<Found>, Fault> {
        let list: List = ask(run, Request::get("/batches"))?;
        Ok(list.batches.iter().map(found).collect())
    }
    fn submit(run: &Run<'_>, submission: &Submission) -> Result<Receipt, Fault> {
        let batch: Listed = ask(
            run,
            Request::post("/batches", JSON, cards(run, submission)?),
        )?;
        Ok(receipt(&batch))
    }
    fn reconcile(run: &Run<'_>, submission: &Submission) -> Result<Reconciled, Fault> {
        let request = Request::get("/batches").query("reference", &submission.id);
        Ok(Reconciled::Accepted(receipt(&ask(run, request)?)))
    }
    fn subscribe(run: &Run<'_>, add: &Submission) -> Result<Vec<Refused>, Fault> {
        send(run, Request::post("/subscriptions", JSON, cards(run, add)?))?;
        Ok(Vec::new())
    }
    fn unsubscribe(run: &Run<'_>, remove: &Submission) -> Result<Vec<Refused>, Fault> {
        let mut request = Request::new("DELETE", "/subscriptions");
        request.body = Some(cards(run, remove)?.into());
        send(run, request)?;
        Ok(Vec::new())
    }
    fn receive(notification: &Notification) -> Result<Vec<Announced>, Fault> {
        let batch = serde_json::from_str(&notification.body)
            .map_err(|_| Fault::garbled("the notification is not JSON"))?;
        Ok(vec![announced(found(&batch))])
    }
    fn collect(run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let request = Request::get("/batches/{id}").param("id", batch.id());
        let listed: Listed = ask(run, request)?;
        report(run, &listed, Self::update)
    }
    fn update(answer: &CardAnswer) -> Update<'_> {
        update(answer)
    }
}

/// No flaw.
pub(crate) struct Good;

impl Flaw for Good {}

/// The good connector with a flaw.
pub(crate) struct With<F>(PhantomData<F>);

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whose account it is.
    #[serde(rename = "merchant")]
    _merchant: String,
}

impl<F: Flaw> Connector for With<F> {
    const MANIFEST: Manifest = F::MANIFEST;
    type Settings = Settings;

    fn open(_: Settings, account: &Account) -> Result<Self, Fault> {
        F::open(account)?;
        Ok(Self(PhantomData))
    }
    fn enrol(&self, run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        F::enrol(run, so_far)
    }
    fn discover(&self, run: &Run<'_>, _: &str, _: Window) -> Result<Vec<Found>, Fault> {
        F::discover(run)
    }
    fn submit(&self, run: &Run<'_>, _: &str, submission: &Submission) -> Result<Receipt, Fault> {
        F::submit(run, submission)
    }
    fn reconcile(
        &self,
        run: &Run<'_>,
        _: &str,
        submission: &Submission,
    ) -> Result<Reconciled, Fault> {
        F::reconcile(run, submission)
    }
    fn subscribe(&self, run: &Run<'_>, _: &str, add: &Submission) -> Result<Vec<Refused>, Fault> {
        F::subscribe(run, add)
    }
    fn unsubscribe(
        &self,
        run: &Run<'_>,
        _: &str,
        remove: &Submission,
    ) -> Result<Vec<Refused>, Fault> {
        F::unsubscribe(run, remove)
    }
    fn receive(&self, notification: &Notification) -> Result<Vec<Announced>, Fault> {
        F::receive(notification)
    }
    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        F::collect(run, batch)
    }
}

/// The account's key.
pub(crate) const KEY: &str = "key-7f3a";
/// The provider's answer to a batch that is done.
pub(crate) const DONE: &str = r#"{"id":"b-1","state":"done","cards":[{"id":"1","card":"k1","code":"CHANGED","token":"t-2"}]}"#;
pub(crate) const JSON: &str = "application/json";

/// The provider on its best day.
pub(crate) fn provider() -> Provider {
    let batch = r#"{"id":"b-1","state":"done"}"#;
    let done = || [("GET /batches/b-1", Answer::ok(DONE))];
    let list = format!(r#"{{"batches":[{batch}]}}"#);
    Provider::new(json!({ "merchant": "acme" }))
        .secret("key", KEY)
        .ready_word("done")
        .discover("daily", [("GET /batches", Answer::ok(list))])
        .collect("daily", "b-1", done())
        .submit("inquiry", [("POST /batches", Answer::new(201, batch))])
        .reconcile(
            "inquiry",
            [("GET /batches?reference=sub-1", Answer::ok(batch))],
        )
        .collect("inquiry", "b-1", done())
        .subscribe("standing", [("POST /subscriptions", Answer::new(204, ""))])
        .unsubscribe(
            "standing",
            [("DELETE /subscriptions", Answer::new(204, ""))],
        )
        .receive(Notification {
            headers: [].into(),
            body: batch.into(),
        })
        .collect("standing", "b-1", done())
        .enrol([("POST /enrolment", Answer::new(204, ""))])
}

/// Asserts that the good connector with this flaw violates one rule, and how that is told.
#[track_caller]
pub(crate) fn refused<F: Flaw>(sentence: &str) {
    assert_eq!(violations::<With<F>>(&provider()), [sentence]);
}

pub(crate) const DAILY: Job = job("daily", Verb::Discover);

pub(crate) const MANIFEST: Manifest = Manifest {
    name: "model",
    version: "1.2.3",
    summary: "A provider that can do everything",
    environments: &[Environment {
        name: "production",
        base_url: "https://provider.test",
    }],
    secrets: &[SecretName {
        name: "key",
        summary: "The key that the portal shows",
        optional: false,
        from_enrolment: false,
    }],
    pans: Pans::Sent,
    jobs: &[
        DAILY,
        job("inquiry", Verb::Submit),
        Job {
            needs_enrolment: true,
            needs_webhook: true,
            ..job("standing", Verb::Subscribe)
        },
    ],
};

const fn job(name: &'static str, verb: Verb) -> Job {
    Job {
        name,
        verb,
        summary: "What it does",
        suggested_cron: "30 6 * * *",
        first_lookback: days(7),
        largest_submission: 1000,
        needs_enrolment: false,
        needs_webhook: false,
        timing: Timing {
            first_poll: minutes(5),
            poll_every: hours(1),
            kept_for: None,
            overdue_after: hours(26),
        },
    }
}

#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) batches: Vec<Listed>,
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) cards: Vec<CardAnswer>,
}

#[derive(Deserialize)]
pub(crate) struct CardAnswer {
    pub(crate) id: String,
    pub(crate) card: String,
    pub(crate) code: String,
    pub(crate) token: String,
}

/// Sends with the key and takes a success.
pub(crate) fn send<'r>(run: &'r Run<'_>, request: Request) -> Result<Response<'r>, Fault> {
    let response = run.http(&request.header("X-Key", KEY))?;
    if response.is_success() {
        return Ok(response);
    }
    Err(response.fault("asking", ""))
}

pub(crate) fn ask<T: DeserializeOwned>(run: &Run<'_>, request: Request) -> Result<T, Fault> {
    send(run, request)?.json()
}

pub(crate) fn cards(run: &Run<'_>, submission: &Submission) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    submission.for_each(run, |card| {
        body.extend_from_slice(card.pan.map_or("", Pan::expose).as_bytes());
        Ok(())
    })?;
    Ok(body)
}

pub(crate) fn found(listed: &Listed) -> Found {
    let state = match listed.state.as_str() {
        "done" => FoundState::Ready,
        _ => FoundState::Running,
    };
    Found::new(&listed.id, state)
}

pub(crate) fn announced(found: Found) -> Announced {
    let job = "standing".into();
    Announced { job, found }
}

fn receipt(listed: &Listed) -> Receipt {
    Receipt {
        found: found(listed),
        accepted: None,
        refused: Vec::new(),
    }
}

pub(crate) fn report(
    run: &Run<'_>,
    listed: &Listed,
    update: fn(&CardAnswer) -> Update<'_>,
) -> Result<Collected, Fault> {
    if listed.state != "done" {
        return Ok(Collected::not_ready());
    }
    for answer in &listed.cards {
        run.emit(&update(answer))?;
    }
    Ok(complete())
}

pub(crate) fn complete() -> Collected {
    Collected::Complete {
        totals: Totals::default(),
    }
}

pub(crate) fn update(answer: &CardAnswer) -> Update<'_> {
    let new = Card {
        token: &answer.token,
        ..Card::default()
    };
    Update {
        record: &answer.id,
        reference: &answer.card,
        provider_code: &answer.code,
        ..Update::new(match answer.code.as_str() {
            "CHANGED" => Outcome::NewNumber(new),
            _ => Outcome::Unknown,
        })
    }
}
