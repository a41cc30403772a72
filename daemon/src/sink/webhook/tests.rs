//! What a receiver gets: pages within their limits, under ids that stay, with the card numbers that it is to
//! have and no others.

use std::io::Read;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use chrono::{DateTime, Utc};
use mockito::{Mock, ServerGuard};
use reissue_connector_api::{Found, FoundState, Kind, Origin, SecretString, Totals};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::egress::{Egress, Limits, Way, Whose};
use crate::ledger::Event;
use crate::seal::{Keyring, MasterKey, SealedWriter};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PAN: &str = "4111111111111111";

/// A spool on a disk.
struct Place {
    directory: TempDir,
    keyring: Keyring,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let keyring = directory.path().join("keyring.json");
        Self {
            keyring: Keyring::create(&keyring, &master, now()).unwrap(),
            directory,
        }
    }

    /// The spool of these lines, so many in a frame.
    fn spool(&self, lines: &[String], in_frame: usize) -> SealedFrames {
        let path = self.directory.path().join("sealed");
        let mut writer = SealedWriter::create(&path, &self.keyring, "spool/test").unwrap();
        for frame in lines.chunks(in_frame) {
            let mut frame = frame.concat().into_bytes();
            writer.write_frame(&mut frame).unwrap();
        }
        writer.finish().unwrap();
        SealedFrames::open(&path, &self.keyring, "spool/test").unwrap()
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T06:30:04Z".parse().unwrap()
}

fn batch() -> Batch {
    let found = Event::BatchFound {
        batch: "acme/17".parse().unwrap(),
        job: "daily".into(),
        origin: Origin::Found,
        schedule: "daily".into(),
        found: Found::new("17", FoundState::Ready),
        first_poll: now(),
        purge: None,
        overdue: now(),
    };
    let collected = Event::Collected {
        batch: "acme/17".parse().unwrap(),
        updates: 1,
        counts: Vec::new(),
        totals: Totals::default(),
        mismatches: Vec::new(),
        cards: None,
        braked: None,
        sinks: vec!["push".into()],
    };
    let batch = Batch::apply(None, &found, now());
    Batch::apply(batch, &collected, now()).unwrap()
}

/// A sink that posts nowhere, or to a server.
fn sink(server: Option<&ServerGuard>, recipients: Vec<Recipient>) -> WebhookSink {
    let origin = server.map_or_else(|| "https://billing.example.com".to_owned(), |it| it.url());
    let way = Way {
        whose: Whose::Webhook,
        ..Way::default()
    };
    let limits = Limits {
        requests_per_second: 1_000.0,
        response_bytes: 64 * 1024,
        idle: std::time::Duration::from_secs(30),
        call: std::time::Duration::from_secs(60),
    };
    let runtime = Box::leak(Box::new(tokio::runtime::Runtime::new().unwrap()));
    let egress = Egress::new(&origin, way, limits, runtime.handle().clone()).unwrap();
    let signer = Signer::new(&[SecretString::from(SECRET)]).unwrap();
    WebhookSink::new(
        "push",
        Sender::new(egress, "/hooks?token=hunter2", signer),
        recipients,
    )
}

fn lines(count: usize, padding: usize) -> Vec<String> {
    let line = |number| {
        let padding = "x".repeat(padding);
        format!(
            "{{\"id\":\"acme/17/{number}\",\"note\":\"{padding}\",\"new\":{{\"pan\":\"{PAN}\"}}}}\n"
        )
    };
    (1..=count).map(line).collect()
}

/// The pages of a spool after a position.
fn pages(sink: &WebhookSink, spool: SealedFrames, position: Position) -> Vec<Page> {
    let mut pages = sink.pages(&batch(), position, spool).unwrap();
    std::iter::from_fn(|| pages.next_page().unwrap()).collect()
}

fn numbers(pages: &[Page]) -> Vec<(u64, u64, bool)> {
    let number = |page: &Page| (page.position().pages, page.updates, page.last);
    pages.iter().map(number).collect()
}

#[test]
fn a_page_has_a_hundred_updates_wherever_the_frames_end() {
    let (place, sink) = (Place::new(), sink(None, Vec::new()));
    for in_frame in [1, 99, 100, 256] {
        let all = pages(
            &sink,
            place.spool(&lines(250, 0), in_frame),
            Position::default(),
        );
        assert_eq!(
            numbers(&all),
            [(1, 100, false), (2, 100, false), (3, 50, true)]
        );
    }
    let all = pages(&sink, place.spool(&lines(200, 0), 64), Position::default());
    assert_eq!(numbers(&all), [(1, 100, false), (2, 100, true)]);
    assert_eq!(
        numbers(&pages(&sink, place.spool(&[], 1), Position::default())),
        []
    );
}

#[test]
fn a_position_goes_on_where_it_was_with_the_same_pages_and_ids() {
    let (place, sink) = (Place::new(), sink(None, Vec::new()));
    let lines = lines(250, 0);
    let all = pages(&sink, place.spool(&lines, 7), Position::default());
    let after = pages(&sink, place.spool(&lines, 7), all[0].position());
    let ids = |pages: &[Page]| {
        let ids = pages.iter().map(|page| sink.id(&batch(), page));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&all)[1..]);
    let mut different = ids(&all);
    different.dedup();
    assert_eq!(different.len(), 3);
    assert!(
        different.iter().all(|id| !id.contains('.')),
        "{different:?}"
    );
    assert_eq!(after[0].lines, all[1].lines);
}

#[test]
fn a_body_keeps_within_its_limit_and_a_huge_update_goes_alone() {
    let identities: Vec<Identity> = (0..3).map(|_| Identity::generate()).collect();
    let recipients: Vec<Recipient> = identities.iter().map(Identity::to_public).collect();
    let place = Place::new();
    for sink in [sink(None, Vec::new()), sink(None, recipients)] {
        let all = pages(
            &sink,
            place.spool(&lines(100, 10_000), 30),
            Position::default(),
        );
        assert!(all.len() > 3, "they do not fit one page");
        assert_eq!(all.iter().map(|page| page.updates).sum::<u64>(), 100);
        for page in &all {
            let body = sink.body(&batch(), page).unwrap();
            assert!(body.len() <= LARGEST, "{}", body.len());
        }
        // Not by being cautious to no end.
        let body = sink.body(&batch(), &all[0]).unwrap();
        assert!(body.len() > LARGEST * 8 / 10, "{}", body.len());

        let mut with_one = lines(2, 0);
        with_one.insert(1, lines(1, 300_000).remove(0));
        let all = pages(&sink, place.spool(&with_one, 256), Position::default());
        assert_eq!(numbers(&all), [(1, 1, false), (2, 1, false), (3, 1, true)]);
    }
}

#[test]
fn without_recipients_no_card_number_leaves() {
    let (place, sink) = (Place::new(), sink(None, Vec::new()));
    let all = pages(&sink, place.spool(&lines(2, 1), 256), Position::default());
    let body = String::from_utf8(sink.body(&batch(), &all[0]).unwrap()).unwrap();
    assert!(!body.contains(PAN), "{body}");
    assert_eq!(
        body,
        r#"{"type":"reissue.updates","timestamp":"2026-11-22T06:30:04Z","data":{"account":"acme","job":"daily","batch":"17","page":1,"last":true,"updates":[{"id":"acme/17/1","note":"x","new":{}},{"id":"acme/17/2","note":"x","new":{}}]}}"#
    );
}

#[test]
fn a_recipient_reads_the_whole_updates() {
    let identity = Identity::generate();
    let text = identity.to_string();
    assert!(text.expose_secret().starts_with("AGE-SECRET-KEY-"));
    let (place, sink) = (Place::new(), sink(None, vec![identity.to_public()]));
    let lines = lines(2, 1);
    let all = pages(&sink, place.spool(&lines, 256), Position::default());
    let body = sink.body(&batch(), &all[0]).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["data"]["updates"], Value::Null);
    let armored = body["data"]["encrypted"].as_str().unwrap();
    assert!(
        armored.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"),
        "{armored}"
    );
    let reader = age::armor::ArmoredReader::new(armored.as_bytes());
    let decryptor = age::Decryptor::new(reader).unwrap();
    let mut plain = String::new();
    let identity = &identity as &dyn age::Identity;
    let mut reader = decryptor.decrypt(std::iter::once(identity)).unwrap();
    reader.read_to_string(&mut plain).unwrap();
    assert_eq!(plain, lines.concat());
}

/// A receiver that answers so.
fn receiver(change: impl FnOnce(Mock) -> Mock) -> ServerGuard {
    let mut server = mockito::Server::new();
    change(server.mock("POST", "/hooks?token=hunter2")).create();
    server
}

fn posted_to(server: &ServerGuard) -> Result<(), Fault> {
    let (place, sink) = (Place::new(), sink(Some(server), Vec::new()));
    let all = pages(&sink, place.spool(&lines(1, 1), 256), Position::default());
    sink.post(&batch(), &all[0], &Stop::default())
}

#[test]
fn what_is_posted_bears_the_headers_and_any_2xx_acknowledges_it() {
    for status in [200, 202, 204] {
        let mut server = mockito::Server::new();
        let mock = server
            .mock("POST", "/hooks?token=hunter2")
            .match_header("content-type", "application/json")
            .match_header(
                "webhook-id",
                mockito::Matcher::Regex("^upd_[0-9a-f]{32}$".into()),
            )
            .match_header(
                "webhook-timestamp",
                mockito::Matcher::Regex("^[0-9]{10}$".into()),
            )
            .match_header(
                "webhook-signature",
                mockito::Matcher::Regex("^v1,[^ ]{44}$".into()),
            )
            .match_body(mockito::Matcher::PartialJson(json!({"data": {"page": 1}})))
            .with_status(status)
            .with_body("anything")
            .create();
        assert_eq!(posted_to(&server), Ok(()));
        mock.assert();
    }
}

#[test]
fn every_other_answer_is_a_failure_that_shows_no_path_and_no_card_number() {
    for (status, kind) in [
        (400, Kind::Refused),
        (401, Kind::Refused),
        (408, Kind::Busy),
        (410, Kind::Refused),
        (429, Kind::Busy),
        (500, Kind::Busy),
        (503, Kind::Busy),
    ] {
        let body = format!("<html>\n no room for {PAN} \u{7}{}", "long ".repeat(1_000));
        let server = receiver(|mock| {
            let mock = mock.with_status(status).with_body(body);
            mock.with_header("retry-after", "7")
        });
        let fault = posted_to(&server).unwrap_err();
        assert_eq!(fault.kind, kind, "{status}");
        assert_eq!(fault.retry_after, Some(std::time::Duration::from_secs(7)));
        let authority = server.host_with_port();
        let begins = format!(
            "{authority} answered HTTP {status}: <html> no room for 411111XXXXXX1111 long long"
        );
        assert!(fault.message.starts_with(&begins), "{}", fault.message);
        assert!(fault.message.len() < 300, "{}", fault.message);
        assert!(!fault.message.contains("hunter2"));
    }
    let server = receiver(|mock| {
        mock.with_status(307)
            .with_header("location", "http://127.0.0.1:1/hooks?token=hunter2")
    });
    let fault = posted_to(&server).unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled);
    let authority = server.host_with_port();
    assert_eq!(
        fault.message,
        format!(
            "POST {authority}: HTTP 307 sends us to 127.0.0.1; the daemon follows no redirect: check \
             the webhook's address"
        )
    );
}
