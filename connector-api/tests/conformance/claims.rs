//! Claims that nothing exercises, and verbs that nobody claims.

use std::sync::atomic::{AtomicU32, Ordering};

use reissue_connector_api::testkit::{Answer, Provider, violations};
use reissue_connector_api::*;

use crate::model::{DONE, Flaw, Good, KEY, Listed, MANIFEST, With, ask, complete, refused};

/// Claims the daily job alone.
struct Modest;

impl Flaw for Modest {
    const MANIFEST: Manifest = Manifest {
        jobs: &[MANIFEST.jobs[0]],
        ..MANIFEST
    };
}

/// The daily job's scripts alone.
fn daily() -> Provider {
    let list = r#"{"batches":[{"id":"b-1","state":"done"}]}"#;
    listing(list).collect("daily", "b-1", [("GET /batches/b-1", Answer::ok(DONE))])
}

fn listing(list: &str) -> Provider {
    Provider::new(serde_json::json!({ "merchant": "acme" }))
        .secret("key", KEY)
        .ready_word("done")
        .discover("daily", [("GET /batches", Answer::ok(list))])
}

#[track_caller]
fn told<F: Flaw>(provider: &Provider, sentence: &str) {
    assert_eq!(violations::<With<F>>(provider), [sentence]);
}

#[test]
fn every_claim_is_exercised() {
    told::<Good>(
        &daily(),
        "the manifest claims the job `inquiry`, and nothing exercises it: add \
         `.collect(\"inquiry\", …)` to the `Provider`",
    );
    let mut provider = listing("{}");
    told::<Modest>(
        &provider,
        "the manifest claims the job `daily`, and nothing exercises it: add `.collect(\"daily\", \
         …)` to the `Provider`",
    );
    provider = daily().submit("inquiry", [("POST /batches", Answer::ok("{}"))]);
    told::<Modest>(
        &provider,
        "`submit` of `inquiry` is scripted, and no job of the manifest claims it: add the job, \
         or take the script away",
    );
}

#[test]
fn what_nobody_claims_is_not_supported() {
    told::<Modest>(
        &daily(),
        "`submit` does something, and nothing claims it: leave the verb to the trait's default, \
         or claim a job for it in the manifest and script it",
    );
}

/// Asks once more than is scripted, or not at all.
struct Other<const TIMES: u32>;

impl<const TIMES: u32> Flaw for Other<TIMES> {
    fn discover(run: &Run<'_>) -> Result<Vec<Found>, Fault> {
        for _ in 0..TIMES {
            ask::<serde_json::Value>(run, Request::get("/batches"))?;
        }
        Ok(vec![Found::new("b-1", FoundState::Ready)])
    }
}

#[test]
fn scripts_lead_where_they_should() {
    refused::<Other<2>>(
        "`discover` of `daily` fails although everything is as scripted: refused: not scripted: \
         GET /batches",
    );
    refused::<Other<0>>(
        "`discover` of `daily` never asked for `GET /batches`: take the exchange away, or ask \
         for it",
    );
}

struct FindsNothing;

impl Flaw for FindsNothing {
    fn discover(run: &Run<'_>) -> Result<Vec<Found>, Fault> {
        ask::<serde_json::Value>(run, Request::get("/batches"))?;
        Ok(Vec::new())
    }
}

struct NeverComplete;

impl Flaw for NeverComplete {
    fn collect(run: &Run<'_>, _: &Batch) -> Result<Collected, Fault> {
        ask::<Listed>(run, Request::get("/batches/b-1"))?;
        Ok(Collected::not_ready())
    }
}

#[test]
fn something_is_found_and_something_completes() {
    refused::<FindsNothing>(
        "`discover` of `daily` found no batch: script an answer that names one",
    );
    refused::<NeverComplete>(
        "no `collect` of the job `daily` ends in `Complete`: script a batch whose results are \
         ready",
    );
}

struct LeavesCards;

impl Flaw for LeavesCards {
    fn subscribe(run: &Run<'_>, _: &Submission) -> Result<Vec<Refused>, Fault> {
        let request = Request::post("/subscriptions", "text/plain", b"all".to_vec());
        crate::model::send(run, request)?;
        Ok(Vec::new())
    }
}

#[test]
fn every_card_is_taken() {
    refused::<LeavesCards>(
        "`subscribe` of `standing` did not take every card: walk them with \
         `Submission::for_each` and send all",
    );
}

/// Remembers what it has seen.
struct Remembers;

static SEEN: AtomicU32 = AtomicU32::new(0);

impl Flaw for Remembers {
    fn collect(run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let request = Request::get("/batches/{id}").param("id", batch.id());
        let listed: Listed = ask(run, request)?;
        if SEEN.fetch_add(1, Ordering::Relaxed) == 0 {
            return crate::model::report(run, &listed, Self::update);
        }
        Ok(complete())
    }
}

#[test]
fn nothing_is_kept_between_calls() {
    refused::<Remembers>(
        "`collect` of batch `b-1` (`daily`) came to something else the second time: a connector \
         keeps nothing between calls; what must be remembered is the ledger's",
    );
}
