//! No full card number and no secret in logs, spans, store, journal, spool, output and errors.
//!
//! The provider answers with known card numbers wherever it writes text, and where it would mask one.
//! Then every byte is looked through that the daemon and the command line left. That the masked numbers
//! are there shows that the full ones came all the way.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod inquiries;
mod memory;
mod scan;

use std::fs;

use reissue_tests::{Collector, Config, World};
use rustix::process::Signal;
use serde_json::{Value, json};

use scan::Scanner;

/// The sandbox's own default.
const SHARED_SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// In the merchant's reference, in the list.
const IN_A_ROW: &str = "4111 1111 1111 1111";
/// In the list's source.
const IN_A_SOURCE: &str = "6011-0009-9013-9424";
/// In the explanation of a list that is refused, between other digits.
const IN_A_REFUSED_LIST: &str = "5105105105105100";
/// In the report's unmasked number, and in a message there.
const IN_A_RECORD: &str = "5555555555554444";
/// In a code of the report.
const IN_A_REASON: &str = "4012888888881881";
/// In place of the report's records.
const IN_GARBLED_RECORDS: &str = "3530111333300000";
/// In the explanation of a report that is refused.
const IN_A_REFUSED_REPORT: &str = "378282246310005";
/// In place of the status document.
const IN_A_GARBLED_STATUS: &str = "3566002020360505";
/// In the status of a batch that was declined.
const IN_A_DESCRIPTION: &str = "371449635398431";
/// In the host of a redirect.
const IN_A_REDIRECT: &str = "6011111111111117";

const NUMBERS: [&str; 10] = [
    IN_A_ROW,
    IN_A_SOURCE,
    IN_A_REFUSED_LIST,
    IN_A_RECORD,
    IN_A_REASON,
    IN_GARBLED_RECORDS,
    IN_A_REFUSED_REPORT,
    IN_A_GARBLED_STATUS,
    IN_A_DESCRIPTION,
    IN_A_REDIRECT,
];

#[test]
fn no_card_number_and_no_secret_is_anywhere() {
    let collector = Collector::new();
    let world =
        World::with(&Config::default().in_accounts("limits = { requests_per_second = 1000 }"));
    world.edit(
        "log",
        &format!("log = \"trace\"\n{}", collector.telemetry()),
    );
    let batches = plant(&world);
    let daemon = world.daemon();

    let mut outputs = Vec::new();
    let mut ask = |arguments: &[&str]| {
        let said = world.reissue(arguments);
        let place = format!("the output of {arguments:?}");
        outputs.push((place, format!("{}{}", said.out, said.err)));
    };
    ask(&["run", "amex-daily", "--wait"]);
    refuse_the_list(&world);
    ask(&["run", "amex-daily", "--wait"]);
    ask(&["run", "amex-daily", "--wait", "--json"]);
    ask_everything(&batches, &mut ask);
    end(daemon);
    ask_everything(&batches, &mut ask);

    was_sent(&world);
    let mut scanner = scanner(&world);
    for (place, text) in &outputs {
        scanner.look(place, text.as_bytes());
    }
    scanner.look("the log", world.log().as_bytes());
    let bodies = collector.bodies();
    assert!(!bodies.is_empty(), "the daemon sent no traces");
    for body in &bodies {
        scanner.look("the traces", body);
    }
    assert!(scanner.look_below(&world.path("updates")) > 0);
    assert!(scanner.look_below(&world.path("state")) > 5);
    assert_eq!(scanner.found, Vec::<String>::new());

    let seen: String = outputs.iter().map(|(_, text)| text.as_str()).collect();
    came_all_the_way(&world, &(seen + &world.log()));
}

#[test]
fn the_scanner_finds_every_form_of_what_it_looks_for() {
    let world = World::new();
    let key = fs::read_to_string(world.path("key")).unwrap();
    let forms = [
        "card 4111111111111111",
        "card 4111-1111-1111-1111",
        "{\"pan\":\"4111.1111.1111.1111\"}",
        "NDExMTExMTExMTExMTExMQ==",
        "IDQxMTExMTExMTExMTExMTE=",
        "ICA0MTExMTExMTExMTExMTEx",
        SHARED_SECRET,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "QUFFQ0F3UUZCZ2NJQ1FvTERBME9EeEFSRWhNVUZSWVhHQmthR3h3ZEhoOD0=",
        "Bearer eyJhbGciOiJIUzI1NiJ9",
        key.trim(),
    ];
    let found = || {
        let mut scanner = scanner(&world);
        scanner.look_below(&world.path("state"));
        scanner.found
    };
    assert_eq!(found(), Vec::<String>::new());
    let planted = world.path("state/planted");
    let bytes: Vec<u8> = (0..32).collect();
    for form in forms
        .map(str::as_bytes)
        .into_iter()
        .chain([bytes.as_slice()])
    {
        fs::write(&planted, form).unwrap();
        assert!(!found().is_empty(), "{}", String::from_utf8_lossy(form));
    }
}

fn scanner(world: &World) -> Scanner {
    let key = fs::read_to_string(world.path("key")).unwrap();
    Scanner::default()
        .numbers(NUMBERS)
        .secret("the shared secret", SHARED_SECRET)
        .secret("the key", key.trim())
        .text("a token", "eyJhbGciOi")
}

/// Batches whose answers hold a number each, and a list that does.
fn plant(world: &World) -> Vec<String> {
    let order = |id: &str, more: Value| {
        let mut order = json!({ "source": "AMEX_MAINTENANCE", "records": 25, "id": id });
        let more = more.as_object().unwrap().clone();
        order.as_object_mut().unwrap().extend(more);
        world.sandbox.batch(order)
    };
    let on = |endpoint: &str, batch: &str, then: Value| {
        world.sandbox.fault(
            json!({ "endpoint": endpoint, "batch": batch, "times": 0 }),
            then,
        );
    };
    let answer = |status: u16, body: Value| json!({ "kind": "status", "status": status, "body": body.to_string() });
    let leak = json!({ "kind": "leak", "text": IN_A_ROW });
    world
        .sandbox
        .fault(json!({ "endpoint": "list", "times": 0 }), leak);

    let record = order("100", json!({}));
    on(
        "report",
        &record,
        json!({ "kind": "leak", "text": IN_A_RECORD }),
    );
    let reason = json!({ "batchId": "101", "totals": {}, "records": [{
        "id": "1", "sourceRecord": { "token": "7" },
        "responseRecord": { "response": "ERR", "reason": format!("card {IN_A_REASON}") },
    }] });
    let coded = order("101", json!({ "report_body": reason.to_string() }));
    let records = json!({ "batchId": "102", "records": IN_GARBLED_RECORDS });
    let garbled = order("102", json!({ "report_body": records.to_string() }));
    let refused = order("103", json!({}));
    let detail = format!("card {IN_A_REFUSED_REPORT} is odd");
    on(
        "report",
        &refused,
        answer(
            403,
            json!({ "code": "FORBIDDEN_RESPONSE", "detail": detail }),
        ),
    );
    let status = order("104", json!({}));
    on("status", &status, answer(200, json!(IN_A_GARBLED_STATUS)));
    let declined = order("105", json!({}));
    let description = json!({ "status": "REJECTED", "description": IN_A_DESCRIPTION });
    on("status", &declined, answer(200, description));
    let moved = order("106", json!({}));
    let to = format!("https://{IN_A_REDIRECT}.example.com/{IN_A_REDIRECT}");
    on("report", &moved, json!({ "kind": "redirect", "to": to }));
    vec![record, coded, garbled, refused, status, declined, moved]
}

/// The next list has a source that is a number, the ones after that are refused.
fn refuse_the_list(world: &World) {
    world.sandbox.heal();
    let row = json!({ "batchId": "7", "batchSource": format!("CARD {IN_A_SOURCE}") });
    let page = json!({ "_embedded": { "batches": [row] } });
    let detail = format!("order 7 {IN_A_REFUSED_LIST} 12/27");
    let refusal = json!({ "code": "VALIDATION_ERROR", "detail": detail });
    for (nth, times, status, body) in [(1, 1, 200, page), (2, 0, 422, refusal)] {
        world.sandbox.fault(
            json!({ "endpoint": "list", "nth": nth, "times": times }),
            json!({ "kind": "status", "status": status, "body": body.to_string() }),
        );
    }
}

/// Every question that shows something of batches or of the configuration.
fn ask_everything(batches: &[String], ask: &mut impl FnMut(&[&str])) {
    let listings: [&[&str]; 8] = [
        &["status"],
        &["batch", "list"],
        &["updates"],
        &["schedules"],
        &["check"],
        &["connectors", "list"],
        &["connectors", "inspect", "smartpayfuse"],
        &["keys", "status"],
    ];
    let mut both = |arguments: &[&str]| {
        ask(arguments);
        ask(&[arguments, &["--json"]].concat());
    };
    listings.into_iter().for_each(&mut both);
    for batch in batches {
        both(&["batch", "show", batch]);
        both(&["updates", batch]);
    }
}

/// Lets the daemon send what it has of traces.
fn end(mut daemon: reissue_tests::Daemon) {
    daemon.signal(Signal::TERM);
    assert!(daemon.ended().success());
}

/// Fails unless the sandbox played every fault that holds a number.
#[track_caller]
fn was_sent(world: &World) {
    let requests = world.sandbox.requests();
    let requests = requests["requests"].as_array().unwrap();
    let played = |endpoint: &str, fault: &str| {
        let so = |it: &&Value| it["endpoint"] == endpoint && it["fault"] == fault;
        requests.iter().filter(so).count()
    };
    assert_eq!(played("list", "leak"), 1);
    assert_eq!(played("list", "status"), 2);
    assert_eq!(played("report", "leak"), 1);
    assert_eq!(played("report", "status"), 1);
    assert_eq!(played("report", "redirect"), 1);
    assert_eq!(played("status", "status"), 2);
}

/// Fails unless every number can be seen masked, in the file that was delivered too.
#[track_caller]
fn came_all_the_way(world: &World, seen: &str) {
    let delivered = world.delivered();
    let [record, coded] = ["100", "101"].map(|batch| &delivered.batches[batch][0]);
    let masked = masked(IN_A_RECORD);
    assert_eq!(record["old"]["pan_masked"], masked);
    assert_eq!(record["related"][0]["message"], masked);
    assert_eq!(
        coded["provider_reason"],
        format!("card {}", self::masked(IN_A_REASON))
    );
    let unseen = NUMBERS
        .into_iter()
        .filter(|number| !seen.contains(&self::masked(number)));
    // Of a document of another shape nothing is quoted at all.
    assert_eq!(
        unseen.collect::<Vec<_>>(),
        [IN_GARBLED_RECORDS, IN_A_GARBLED_STATUS]
    );
}

/// The first six and the last four digits.
fn masked(number: &str) -> String {
    let digits = number.replace([' ', '-'], "");
    let (first, last) = (&digits[..6], &digits[digits.len() - 4..]);
    format!("{first}{}{last}", "X".repeat(digits.len() - 10))
}
