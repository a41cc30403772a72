//! Traces as a collector gets them: one for each run, what nests in what, and which attributes say so.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod span;

use reissue_tests::{ACCOUNT, Collector, Config, Daemon, World};
use rustix::process::Signal;
use serde_json::json;

use span::{Span, spans, trees};

#[test]
fn a_run_is_a_trace() {
    let (collector, world) = world();
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 600 }));
    let daemon = world.daemon();
    world.run("amex-daily");
    world.run("harvest");
    end(daemon);
    world.assert_delivered(&[batch]);

    assert_eq!(
        trees(&spans(&collector)),
        [
            "\
run amex-daily
  discover
    GET /accountupdater/v1/batches
",
            "\
run amex-daily
  collect
    GET /accountupdater/v1/batches/{batch}/status
    GET /accountupdater/v1/batches/{batch}/report
    seal
",
            "\
run amex-daily
  deliver
",
            "\
run harvest
  discover
    GET /accountupdater/v1/batches
",
        ]
    );
}

#[test]
fn attributes_say_what_was_done_and_hold_no_query_and_no_path() {
    let (collector, world) = world();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let daemon = world.daemon();
    world.run("amex-daily");
    end(daemon);

    let spans = spans(&collector);
    let [slot, collected, delivery] = roots(&spans);
    assert_eq!(slot.attribute("account"), ACCOUNT);
    assert_eq!(slot.attribute("schedule"), "amex-daily");
    assert_eq!(collected.attribute("account"), ACCOUNT);
    assert_eq!(collected.attribute("batch"), format!("{ACCOUNT}/{batch}"));
    assert_eq!(delivery.attribute("batch"), format!("{ACCOUNT}/{batch}"));
    let delivered = spans.iter().find(|span| span.name == "deliver").unwrap();
    assert_eq!(delivered.attribute("sink"), "billing");

    let requests: Vec<&Span> = spans.iter().filter(|span| span.is_client).collect();
    assert_eq!(requests.len(), 3);
    let (_, port) = world.sandbox.url.rsplit_once(':').unwrap();
    for request in requests {
        assert_eq!(request.attribute("http.request.method"), "GET");
        assert_eq!(request.attribute("server.address"), "127.0.0.1");
        assert_eq!(request.attribute("server.port"), port);
        assert_eq!(request.attribute("http.response.status_code"), "200");
        let template = request.attribute("url.template");
        assert_eq!(request.name, format!("GET {template}"));
        for (key, value) in &request.attributes {
            assert!(
                !value.contains(&batch) && !value.contains('?'),
                "{key}: {value}"
            );
        }
        assert!(!request.is_error);
    }
    assert!(spans.iter().all(|span| !span.name.contains(&batch)));
}

#[test]
fn a_failure_is_an_error_from_the_request_to_the_run() {
    for (then, attribute, value) in [
        (
            json!({ "kind": "status", "status": 503 }),
            "http.response.status_code",
            "503",
        ),
        (
            json!({ "kind": "status", "status": 403 }),
            "http.response.status_code",
            "403",
        ),
        (json!({ "kind": "drop" }), "error.type", "unreachable"),
    ] {
        let (collector, world) = world();
        world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
        world
            .sandbox
            .fault(json!({ "endpoint": "report", "times": 0 }), then.clone());
        let daemon = world.daemon();
        world.run("amex-daily");
        end(daemon);

        let spans = spans(&collector);
        let [slot, collected] = roots(&spans);
        assert!(!slot.is_error && collected.is_error, "{then}");
        let errors = spans.iter().filter(|span| span.is_client && span.is_error);
        let [request] = errors.collect::<Vec<_>>().try_into().unwrap();
        assert!(
            request.name.ends_with("/report"),
            "{then}: {}",
            request.name
        );
        assert_eq!(request.attribute(attribute), value, "{then}");
    }
}

#[test]
fn a_collector_that_is_not_there_keeps_nobody_from_work() {
    let world = World::new();
    // The port was free a moment ago, and nobody listens now.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    world.edit(
        "log",
        &format!("log = \"info\"\notlp = {{ endpoint = \"{endpoint}\" }}"),
    );
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let daemon = world.daemon();

    world.run("amex-daily");

    world.assert_delivered(&[batch]);
    end(daemon);
}

/// A world that sends its traces to a collector.
fn world() -> (Collector, World) {
    let collector = Collector::new();
    let world = World::with(&Config::default());
    world.edit("log", &format!("log = \"info\"\n{}", collector.telemetry()));
    (collector, world)
}

/// Ends the daemon, which sends what it still has of traces.
#[track_caller]
fn end(mut daemon: Daemon) {
    daemon.signal(Signal::TERM);
    assert!(daemon.ended().success());
}

/// The spans of the runs, oldest first.
#[track_caller]
fn roots<const N: usize>(spans: &[Span]) -> [&Span; N] {
    let roots = spans.iter().filter(|span| span.parent.is_none());
    roots.collect::<Vec<_>>().try_into().unwrap()
}
