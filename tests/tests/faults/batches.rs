//! A status or a report that cannot be read.

use chrono::DateTime;
use reissue_tests::{ACCOUNT, Config, Pinned, World};
use serde_json::{Value, json};

use crate::answers::{
    ANOTHER_DOCUMENT, INVALID, answer, bare, kind, later, redirect, status, truncated,
};
use crate::{attention, batch, daily, neutral, recovers};

/// Requests without number: pace is tested elsewhere.
const MANY: &str = "limits = { requests_per_second = 1000 }";

/// An answer, and what becomes of the batch: its state and the kind of the fault.
type Row = (&'static str, Value, &'static str, &'static str);

#[test]
fn a_status_that_cannot_be_read_stops_one_batch_and_loses_nothing() {
    each_stops_one_batch("status", answers([]));
}

#[test]
fn a_report_that_cannot_be_read_stops_one_batch_and_loses_nothing() {
    // The same credentials were good enough for the status, so this is about the batch.
    let unauthorized = ("401", status(401), "held", "refused");
    each_stops_one_batch("report", answers([unauthorized]));
}

fn answers<const N: usize>(more: [Row; N]) -> Vec<Row> {
    let mut rows = vec![
        ("403", status(403), "held", "refused"),
        ("404", bare(404), "held", "refused"),
        ("422", answer(422, INVALID), "held", "refused"),
        ("429", status(429), "waiting", "busy"),
        ("500", status(500), "waiting", "busy"),
        ("503 from a gateway", bare(503), "waiting", "busy"),
        ("a web page", kind("html"), "held", "garbled"),
        ("nothing", kind("empty"), "held", "garbled"),
        ("no JSON", kind("garbage"), "held", "garbled"),
        (
            "another document",
            answer(200, ANOTHER_DOCUMENT),
            "held",
            "garbled",
        ),
        ("a part", truncated(300), "waiting", "unreachable"),
        (
            "less than announced",
            kind("wrong_length"),
            "waiting",
            "unreachable",
        ),
        ("no answer", kind("drop"), "waiting", "unreachable"),
        (
            "another place",
            redirect("https://example.com/x?y=z"),
            "held",
            "garbled",
        ),
    ];
    rows.extend(more);
    rows
}

/// A batch for each row whose requests go wrong, and one beside them that is delivered at once.
#[track_caller]
fn each_stops_one_batch(endpoint: &'static str, rows: Vec<Row>) {
    let world = World::with(&Config::default().in_accounts(MANY));
    let beside = daily(&world, "100");
    let batches: Vec<String> = (101..)
        .zip(&rows)
        .map(|(id, _)| daily(&world, &id.to_string()))
        .collect();
    for (batch, (_, then, ..)) in batches.iter().zip(&rows) {
        let matches = json!({ "endpoint": endpoint, "batch": batch, "times": 0 });
        world.sandbox.fault(matches, then.clone());
    }
    let daemon = world.daemon();

    world.run("amex-daily");

    let mut pinned = Pinned::new(match endpoint {
        "status" => "faults_of_a_status",
        _ => "faults_of_a_report",
    });
    let told = attention(&world);
    assert_eq!(told.len(), rows.len(), "{told:?}");
    let shown = world.reissue(&["status"]).ok().out;
    for (id, (fault, _, state, kind)) in batches.iter().zip(&rows) {
        let view = batch(&world, id);
        assert_eq!(
            (&view["state"], &view["fault"]["kind"]),
            (&json!(state), &json!(kind)),
            "{fault}"
        );
        let key = format!("{ACCOUNT}/{id}");
        assert!(
            shown.contains(&format!("\n  {key} {}\n", told[&key])),
            "{fault}: {shown}"
        );
        let sentence = view["fault"]["message"].as_str().unwrap();
        assert!(told[&key].ends_with(sentence), "{fault}: {}", told[&key]);
        let page = world.reissue(&["batch", "show", id]).ok().out;
        assert!(
            page.contains(&format!("{kind}: {sentence}\n")),
            "{fault}: {page}"
        );
        pinned.add(fault, &neutral(&told[&key]));
        let updates = world.reissue(&["updates", id]).err;
        assert_eq!(
            updates,
            format!("error: {key} was not collected: it is {state}\n")
        );
    }
    pinned.compare();
    let beside = [beside];
    world.assert_delivered(&beside);
    assert_eq!(spools(&world), beside);

    recovers(&world, daemon, &batches, &beside);
}

/// The names of all spools, also of those that are not complete.
fn spools(world: &World) -> Vec<String> {
    let directory = world.path(&format!("state/spool/{ACCOUNT}"));
    let entries = std::fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_large_report_that_breaks_off_leaves_nothing_of_it() {
    let world = World::new();
    let order = json!({ "source": "AMEX_MAINTENANCE", "records": 5000, "id": "100" });
    let large = world.sandbox.batch(order);
    world.sandbox.fault(
        json!({ "endpoint": "report", "times": 0 }),
        truncated(2_000_000),
    );
    let daemon = world.daemon();

    world.run("amex-daily");

    assert_eq!(batch(&world, &large)["state"], "waiting");
    assert_eq!(batch(&world, &large)["collected"], Value::Null);
    assert_eq!(world.reissue(&["updates"]).ok().out, "no updates yet\n");
    world.assert_delivered(&[]);
    assert_eq!(spools(&world), [""; 0]);
    recovers(&world, daemon, &[large], &[]);
}

#[test]
fn a_status_that_is_refused_with_401_is_taken_for_wrong_credentials() {
    let world = World::new();
    let one = daily(&world, "100");
    world
        .sandbox
        .fault(json!({ "endpoint": "status", "times": 0 }), status(401));
    let daemon = world.daemon();

    world.run("amex-daily");

    assert_eq!(batch(&world, &one)["state"], "waiting");
    assert_eq!(
        neutral(&attention(&world)[&format!("{ACCOUNT}/100")]),
        "fails and is tried again: reading the status of batch 100: HTTP 401: FORBIDDEN_RESPONSE; You \
         are not authorized to access this resource; correlation id ID; check `merchant_id`, `key_id`, \
         `shared_secret`, the clock, and that Account Updater is enabled for the merchant"
    );
    recovers(&world, daemon, &[one], &[]);
}

#[test]
fn only_a_provider_that_says_gone_ends_a_batch_and_then_a_person_is_told() {
    let world = World::new();
    let one = daily(&world, "100");
    world
        .sandbox
        .fault(json!({ "endpoint": "report" }), bare(410));
    let daemon = world.daemon();

    world.run("amex-daily");

    assert_eq!(batch(&world, &one)["state"], "expired");
    let sentence = "was purged before it was collected (reading the report of batch 100: HTTP 410); ask \
                    the provider for its results";
    assert_eq!(attention(&world)[&format!("{ACCOUNT}/100")], sentence);

    drop(daemon);
    let _daemon = world.daemon();
    world.run("amex-daily");
    assert_eq!(batch(&world, &one)["state"], "expired");
    assert_eq!(attention(&world)[&format!("{ACCOUNT}/100")], sentence);
    world.assert_delivered(&[]);
}

#[test]
fn a_batch_that_the_provider_declined_is_refused_with_its_reason() {
    let world = World::new();
    for (id, status) in [("100", "REJECTED"), ("101", "DECLINED")] {
        world
            .sandbox
            .batch(json!({ "source": "AMEX_MAINTENANCE", "id": id, "status": status }));
    }
    let unknown = json!({ "source": "AMEX_MAINTENANCE", "id": "102", "status": "PONDERING" });
    world.sandbox.batch(unknown);
    let _daemon = world.daemon();

    world.run("amex-daily");

    assert_eq!(batch(&world, "100")["state"], "refused");
    assert_eq!(batch(&world, "100")["ended"], "REJECTED");
    assert_eq!(batch(&world, "101")["state"], "refused");
    assert_eq!(
        batch(&world, "102")["state"],
        "waiting",
        "an unknown word concludes nothing"
    );
    world.assert_delivered(&[]);
}

#[test]
fn the_provider_says_when_to_come_back() {
    let world = World::new();
    // A wish for a year is heard as one for a day.
    let wishes =
        ["7200", "Fri, 31 Dec 2049 23:59:59 GMT"].map(|when| [429, 503].map(|it| (it, when)));
    let mut batches = Vec::new();
    for (id, (status, when)) in (100..).zip(wishes.into_iter().flatten()) {
        let batch = daily(&world, &id.to_string());
        let matches = json!({ "endpoint": "report", "batch": batch, "times": 0 });
        world.sandbox.fault(matches, later(status, when));
        batches.push(batch);
    }
    let daemon = world.daemon();

    world.run("amex-daily");

    let time = |text: &Value| DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
    let waits = batches.iter().map(|id| {
        let view = batch(&world, id);
        (time(&view["waits"]["until"]) - time(&view["known_since"])).num_hours()
    });
    assert_eq!(waits.collect::<Vec<_>>(), [2, 2, 24, 24]);
    recovers(&world, daemon, &batches, &[]);
}
