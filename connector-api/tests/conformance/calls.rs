//! What must hold in every call: no panic, no waiting, nothing sent twice, nothing shown.

use std::time::Duration;

use reissue_connector_api::testkit::violations;
use reissue_connector_api::*;

use crate::model::{
    Flaw, JSON, KEY, Listed, With, ask, cards, complete, provider, refused, report, send, update,
};

/// Declares a flaw of `collect`.
macro_rules! collects {
    ($name:ident, $run:ident => $collect:block) => {
        struct $name;

        impl Flaw for $name {
            fn collect($run: &Run<'_>, _: &Batch) -> Result<Collected, Fault> {
                $collect
            }
        }
    };
}

fn batch(run: &Run<'_>) -> Result<Listed, Fault> {
    ask(run, Request::get("/batches/b-1"))
}

collects!(Panics, run => {
    let text = send(run, Request::get("/batches/b-1"))?.text()?;
    let listed: Listed = serde_json::from_str(&text).unwrap();
    report(run, &listed, update)
});
collects!(Sleeps, run => {
    std::thread::sleep(Duration::from_secs(60));
    report(run, &batch(run)?, update)
});
collects!(Persists, run => {
    let mut last = batch(run);
    for _ in 0..9 {
        if last.is_err() && run.cancelled() {
            last = batch(run);
        }
    }
    report(run, &last?, update)
});
collects!(PostsInCollect, run => {
    send(run, Request::post("/batches/b-1", JSON, Vec::new()))?;
    Ok(complete())
});
collects!(AsksElsewhere, run => {
    let request = Request::get("https://elsewhere.test/batches/b-1");
    report(run, &ask(run, request)?, update)
});
collects!(LeavesPlaceholders, run => {
    let request = Request::get("/batches/{id}").param("batch", "b-1");
    report(run, &ask(run, request)?, update)
});
collects!(KeyInTheQuery, run => {
    let request = Request::get("/batches/b-1").query("key", KEY);
    report(run, &ask(run, request)?, update)
});
collects!(KeyInTheLog, run => {
    run.log(Level::Debug, format_args!("asking with {KEY}"));
    report(run, &batch(run)?, update)
});
collects!(NumberInTheLog, run => {
    run.log(Level::Debug, "asking about 4111 1111 1111 1111");
    report(run, &batch(run)?, update)
});

/// Sends card by card.
struct OneByOne;

impl Flaw for OneByOne {
    fn subscribe(run: &Run<'_>, add: &Submission) -> Result<Vec<Refused>, Fault> {
        let body = cards(run, add)?;
        send(run, Request::post("/subscriptions", JSON, body.clone()))?;
        run.http(&Request::post("/subscriptions", JSON, body))?;
        Ok(Vec::new())
    }
}

/// Removes card by card.
struct RemovesOneByOne;

impl Flaw for RemovesOneByOne {
    fn unsubscribe(run: &Run<'_>, remove: &Submission) -> Result<Vec<Refused>, Fault> {
        let mut request = Request::new("DELETE", "/subscriptions");
        request.body = Some(cards(run, remove)?.into());
        send(run, request.clone())?;
        run.http(&request)?;
        Ok(Vec::new())
    }
}

#[test]
fn a_connector_does_not_panic() {
    let said = violations::<With<Panics>>(&provider());
    let (before, place, after) = (
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by a page of HTML, \
         panicked (the connector panicked at connector-api/tests/conformance/calls.rs:",
        ": called `Result::unwrap()` on an `Err` value: ",
        "): return a fault instead, `garbled` for an answer that is not as documented",
    );
    assert!(said[0].starts_with(before), "{said:?}");
    assert!(
        said[0].contains(place) && said[0].ends_with(after),
        "{said:?}"
    );
}

#[test]
fn a_connector_does_not_wait() {
    refused::<Sleeps>(
        "`collect` of batch `b-1` (`daily`) took longer than a second, though nothing kept it \
         waiting: a connector never sleeps and never loops until something happens; return \
         `Collected::NotReady` or the fault, and the ledger calls again",
    );
    refused::<Persists>(
        "`collect` of batch `b-1` (`daily`), when the daemon stops after 0 loans, tried 10 more: \
         pass on the first fault of `http`, reading and `emit` with `?`",
    );
}

#[test]
fn a_call_sends_one_request_that_may_cost_money() {
    refused::<PostsInCollect>(
        "`collect` of batch `b-1` (`daily`) sent a POST to `/batches/b-1`: this verb only reads; \
         what changes something at the provider belongs into `submit`, `subscribe`, \
         `unsubscribe` or `enrol`",
    );
    refused::<OneByOne>(
        "`subscribe` of `standing` sent a second request other than GET, a POST to \
         `/subscriptions`: a call may send one, because the daemon holds a durable intent for one; \
         send all cards in it",
    );
    refused::<RemovesOneByOne>(
        "`unsubscribe` of `standing` sent a second request other than GET, a DELETE to \
         `/subscriptions`: a call may send one, because the daemon holds a durable intent for one; \
         send all cards in it",
    );
}

#[test]
fn requests_stay_below_the_origin() {
    refused::<AsksElsewhere>(
        "`collect` of batch `b-1` (`daily`) asked for `https://elsewhere.test/batches/b-1`: a \
         request names a path below the account's origin, `/` first, and never another host",
    );
    refused::<LeavesPlaceholders>(
        "`collect` of batch `b-1` (`daily`) asked for `/batches/{id}`: fill in every placeholder \
         with `Request::param` and the query with `Request::query`, which encode",
    );
}

#[test]
fn secrets_and_numbers_are_not_shown() {
    refused::<KeyInTheQuery>(
        "`collect` of batch `b-1` (`daily`) put the secret `key` into the path or query of a \
         request: a secret goes into a header or a body and nowhere else",
    );
    refused::<KeyInTheLog>(
        "`collect` of batch `b-1` (`daily`) put the secret `key` into a line of the log: a \
         secret goes into a header or a body and nowhere else",
    );
    refused::<NumberInTheLog>(
        "`collect` of batch `b-1` (`daily`) put a full card number into a line of the log: it \
         belongs into `Card::pan` or a request's body and nowhere else",
    );
}
