//! Requests go out and answers come back; what breaks, ends or is not text is a fault.

use reissue_connector_api::testkit::{Answer, FakeDaemon};
use reissue_connector_api::*;
use serde_json::{Value, json};

use crate::everything::MANIFEST;
use crate::said;

/// Does what the batch's job says, and tells what came of it as the text of a failed batch.
struct Asking;

impl Connector for Asking {
    const MANIFEST: Manifest = MANIFEST;
    type Settings = Value;

    fn open(_: Value, _: &Account) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn collect(&self, run: &Run<'_>, batch: &Batch) -> Result<Collected, Fault> {
        let get = |template| run.http(&Request::get(template));
        let text = match batch.job.as_str() {
            "post" => {
                let request =
                    Request::post("/v1/{id}", "application/octet-stream", vec![0, 255, b'"'])
                        .param("id", "a/b ü")
                        .query("q", "x&y")
                        .header("X-Signed", "yes");
                let mut answer = run.http(&request)?;
                let head = format!(
                    "{} {:?} {:?}",
                    answer.status(),
                    answer.header("x-one"),
                    answer.header("x-two")
                );
                format!("{head} {}", answer.text()?)
            }
            "older" => {
                let mut older = get("/first")?;
                get("/second")?;
                older.text()?
            }
            "pieces" => {
                let mut answer = get("/first")?;
                let first = answer.read_into(&mut Vec::new())?;
                format!("{first} of {}", first + answer.text()?.len())
            }
            "text" => get("/first")?.text()?,
            "json" => get("/first")?.json::<Value>()?.to_string(),
            "emit" => {
                run.emit(&Update::new(Outcome::Valid))?;
                String::new()
            }
            "asks" => run.cancelled().to_string(),
            "host" => {
                run.log(Level::Warn, "a line – ü");
                format!("{} {:?}", run.now(), run.random::<4>())
            }
            other => panic!("no job `{other}`"),
        };
        Ok(Collected::Failed(text))
    }
}

fn daemon() -> FakeDaemon {
    FakeDaemon::open::<Asking>(json!({}), &[]).unwrap()
}

fn collect(daemon: &mut FakeDaemon, job: &str) -> Result<String, Fault> {
    match daemon.collect(&said::batch(job))? {
        Collected::Failed(text) => Ok(text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_and_its_answer_cross_unchanged() {
    let mut daemon = daemon();
    let answer = Answer::new(503, "later – ü").header("x-one", "1 – ü");
    daemon.expect("POST /v1/a%2Fb%20%C3%BC?q=x%26y", answer);
    assert_eq!(
        collect(&mut daemon, "post").unwrap(),
        "503 Some(\"1 – ü\") None later – ü"
    );
    let [request] = daemon.requests() else {
        panic!("{:?}", daemon.requests());
    };
    assert_eq!(request.method, "POST");
    assert_eq!(request.template, "/v1/{id}");
    assert_eq!(
        request.headers,
        [
            ("Content-Type".into(), "application/octet-stream".to_owned()),
            ("X-Signed".into(), "yes".to_owned())
        ]
    );
    assert_eq!(request.body.as_ref().unwrap().as_slice(), [0, 255, b'"']);
}

#[test]
fn reading_an_older_answer_after_a_newer_request_is_a_fault() {
    let mut daemon = daemon();
    daemon
        .expect("GET /first", Answer::ok("first"))
        .expect("GET /second", Answer::ok("second"));
    assert_eq!(
        collect(&mut daemon, "older"),
        Err(Fault::refused("a later request ended this answer"))
    );
}

#[test]
fn a_long_body_comes_in_pieces_and_whole() {
    let mut daemon = daemon();
    daemon.expect("GET /first", Answer::ok("x".repeat(5_000)));
    assert_eq!(collect(&mut daemon, "pieces").unwrap(), "1009 of 5000");
}

#[test]
fn a_body_that_breaks_off_is_never_the_whole_body() {
    for body in ["", "half a", &"x".repeat(5_000)] {
        let mut daemon = daemon();
        daemon.expect("GET /first", Answer::ok(body).broken_off());
        let fault = collect(&mut daemon, "text").unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
    }
}

#[test]
fn a_body_that_is_not_text_is_garbled() {
    let mut daemon = daemon();
    daemon.expect("GET /first", Answer::ok(*b"caf\xe9"));
    assert_eq!(
        collect(&mut daemon, "text"),
        Err(Fault::garbled("the answer is not UTF-8"))
    );
}

#[test]
fn a_body_that_is_not_json_is_garbled_and_not_repeated() {
    let mut daemon = daemon();
    let answer = Answer::ok("{\"pan\": 4111111111111111").header("content-type", "text/html");
    daemon.expect("GET /first", answer);
    assert_eq!(
        collect(&mut daemon, "json"),
        Err(Fault::garbled(
            "the answer is not the JSON that is documented: EOF while parsing an object at line 1 \
             column 24 (24 bytes, content type text/html)"
        ))
    );
}

#[test]
fn a_daemon_that_stops_ends_requests_and_reports() {
    for job in ["text", "emit"] {
        let mut daemon = daemon();
        daemon.cancel();
        let fault = collect(&mut daemon, job).unwrap_err();
        assert_eq!(fault.kind, Kind::Cancelled);
        assert_eq!(daemon.requests(), []);
        assert_eq!(daemon.updates(), []);
    }
}

#[test]
fn a_connector_can_ask_whether_to_go_on() {
    let mut daemon = daemon();
    assert_eq!(collect(&mut daemon, "asks").unwrap(), "false");
    daemon.cancel();
    assert_eq!(collect(&mut daemon, "asks").unwrap(), "true");
}

#[test]
fn the_clock_chance_and_the_log_are_the_daemons() {
    let mut daemon = daemon();
    daemon.set_now(said::instant("2026-11-22T06:30:00.000001Z"));
    assert_eq!(
        collect(&mut daemon, "host").unwrap(),
        "2026-11-22 06:30:00.000001 UTC [90, 90, 90, 90]"
    );
    assert_eq!(daemon.log(), [(Level::Warn, "a line – ü".to_owned())]);
}
