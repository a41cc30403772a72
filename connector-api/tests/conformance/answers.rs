//! Answers that are not as documented, and what bad connectors make of them.

use reissue_connector_api::testkit::violations;
use reissue_connector_api::*;

use crate::model::{
    CardAnswer, Flaw, JSON, KEY, Listed, With, ask, cards, complete, found, provider, refused,
    report, send, update,
};

/// The answer to the batch, whatever its status.
fn get<'r>(run: &'r Run<'_>) -> Result<Response<'r>, Fault> {
    run.http(&Request::get("/batches/b-1").header("X-Key", KEY))
}

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

collects!(BlindToStatus, run => {
    report(run, &get(run)?.json()?, update)
});
collects!(TakesStatusForLater, run => {
    let mut response = get(run)?;
    if !response.is_success() {
        return Ok(Collected::not_ready());
    }
    report(run, &response.json()?, update)
});
collects!(TriesAgain, run => {
    let mut response = get(run)?;
    if response.status() >= 500 {
        response = get(run)?;
    }
    if !response.is_success() {
        return Err(response.fault("asking", ""));
    }
    report(run, &response.json()?, update)
});
collects!(TakesBusyForRefused, run => {
    let mut response = get(run)?;
    if !response.is_success() {
        return Err(Fault::refused("no"));
    }
    report(run, &response.json()?, update)
});
collects!(ForgetsWhen, run => {
    let mut response = get(run)?;
    if !response.is_success() {
        return Err(response.fault("asking", "").retry_after(None));
    }
    report(run, &response.json()?, update)
});
collects!(QuotesTheBody, run => {
    let mut response = get(run)?;
    if !response.is_success() {
        let body = response.text()?;
        return Err(response.fault("asking", &body));
    }
    report(run, &response.json()?, update)
});
collects!(TakesGarbageForRefusal, run => {
    let listed: Listed = send(run, Request::get("/batches/b-1"))?
        .json()
        .map_err(|why| Fault::refused(why.message))?;
    report(run, &listed, update)
});
collects!(TakesGarbageForLater, run => {
    match send(run, Request::get("/batches/b-1"))?.json::<Listed>() {
        Ok(listed) => report(run, &listed, update),
        Err(_) => Ok(Collected::not_ready()),
    }
});

#[test]
fn an_error_status_is_a_fault_of_its_kind() {
    refused::<BlindToStatus>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 401, \
         ended in a fault of the kind `garbled`: this status means `credentials` or `refused` \
         (`Response::fault` knows), and the ledger decides by the kind alone",
    );
    refused::<TakesStatusForLater>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 401, \
         went on as if it were an answer: return a fault (`Response::fault` knows which); a \
         status that is documented for this request belongs into a script",
    );
    refused::<TakesBusyForRefused>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 429, \
         ended in a fault of the kind `refused`: this status means `busy` (`Response::fault` \
         knows), and the ledger decides by the kind alone",
    );
    refused::<ForgetsWhen>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 429, \
         forgot the provider's `Retry-After`: `Response::fault` reads it, or use \
         `Fault::retry_after`",
    );
    refused::<QuotesTheBody>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 401, \
         put the provider's body into the fault: say what was expected instead; a body may hold \
         card numbers",
    );
}

#[test]
fn nothing_is_tried_again() {
    refused::<TriesAgain>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by HTTP 500, \
         went on to ask for `GET /batches/b-1`: return the fault that `Response::fault` makes of \
         the status; only the ledger tries again",
    );
}

#[test]
fn garbage_is_garbled() {
    refused::<TakesGarbageForRefusal>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by a page of \
         HTML, ended in a fault of the kind `refused`: an answer that is not as documented is \
         `garbled`, which holds the batch and loses nothing",
    );
    // And, for the same reason, half an answer for a whole one.
    let said = violations::<With<TakesGarbageForLater>>(&provider());
    assert_eq!(
        said[0],
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by a page of \
         HTML, went on as if it were an answer: return a fault (`garbled`); a status that is \
         documented for this request belongs into a script"
    );
}

/// Says that nothing was sent when something was.
struct Denies;

impl Flaw for Denies {
    fn submit(run: &Run<'_>, submission: &Submission) -> Result<Receipt, Fault> {
        let request = Request::post("/batches", JSON, cards(run, submission)?);
        let batch: Listed = ask(run, request).map_err(|mut fault| {
            fault.sent = false;
            fault
        })?;
        Ok(Receipt {
            found: found(&batch),
            accepted: None,
            refused: Vec::new(),
        })
    }
}

#[test]
fn what_was_sent_is_owned_up_to() {
    refused::<Denies>(
        "`submit` of `inquiry`, when `POST /batches` is answered by HTTP 401, said that nothing \
         was sent, and a request that may cost money had left: mark the fault with \
         `Fault::sent`",
    );
}

// Reads only as far as it must.
collects!(ReadsTheStart, run => {
    let mut response = send(run, Request::get("/batches/b-1"))?;
    let mut body = Vec::new();
    response.read_into(&mut body)?;
    let text = String::from_utf8(body).map_err(|_| Fault::garbled("no text"))?;
    if !text.starts_with(r#"{"id""#) {
        return Err(Fault::garbled("not a batch"));
    }
    if !text.contains(r#""state":"done""#) {
        return Ok(Collected::not_ready());
    }
    let code = text.split(r#""code":""#).nth(1).and_then(|rest| rest.split('"').next());
    let answer = CardAnswer {
        id: "1".into(),
        card: "k1".into(),
        code: code.unwrap_or_default().into(),
        token: "t-2".into(),
    };
    run.emit(&update(&answer))?;
    Ok(complete())
});

// Takes nothing for a report without records.
collects!(BelievesInNothing, run => {
    let text = send(run, Request::get("/batches/b-1"))?.text()?;
    if text.is_empty() {
        return Ok(complete());
    }
    let listed: Listed = serde_json::from_str(&text).map_err(|_| Fault::garbled("not JSON"))?;
    report(run, &listed, update)
});

#[test]
fn half_an_answer_is_none() {
    refused::<ReadsTheStart>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by the first 22 \
         of 91 bytes, took half an answer for a whole one: read it to its end \
         (`Response::json`, `JsonReader` and its `end`, `LineReader`, `xml::read`), and take an \
         empty one only where the provider counts no records",
    );
    refused::<BelievesInNothing>(
        "`collect` of batch `b-1` (`daily`), when `GET /batches/b-1` is answered by an empty body, \
         took half an answer for a whole one: read it to its end (`Response::json`, \
         `JsonReader` and its `end`, `LineReader`, `xml::read`), and take an empty one only where \
         the provider counts no records",
    );
}
