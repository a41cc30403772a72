//! The connector that authors copy, under the configuration that they copy: it works as they find it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use mockito::{Server, ServerGuard};
use reissue_tests::World;
use serde_json::Value;

const CONFIGURATION: &str = include_str!("../../connectors/example/examples/reissue.toml");
const RECORDS: &str = include_str!("../../connectors/example/src/tests/data/records.jsonl");

#[test]
fn its_report_is_delivered() {
    let provider = provider(RECORDS);
    let world = world(&provider);
    let _daemon = world.daemon();

    let run = world.run("daily");

    assert_eq!(run["batches"][0]["state"], "delivered");
    assert_eq!(outcomes(&world), ["new_number", "new_expiry", "closed"]);
}

#[test]
fn what_it_says_through_tracing_is_a_line_of_the_log_inside_the_run() {
    let provider = provider(&format!("{RECORDS}{{\"id\":\"4\"}}\n"));
    let world = world(&provider);
    let mut daemon = world.daemon();

    world.run("daily");

    assert_eq!(outcomes(&world)[3], "unknown");
    let line = daemon.until_line("what the connector said", |line| {
        line.get("connector_says").is_some()
    });
    let expected = "A record is not as documented. line=4";
    assert_eq!(line["connector_says"], expected);
    assert_eq!(line["level"], "WARN");
    // The innermost span, in which the connector was called.
    assert_eq!(line["span"]["verb"], "collect");
}

/// The provider of the connector's documentation, with one report that has these records.
fn provider(records: &str) -> ServerGuard {
    const REPORT: &str = r#"{"id":"r-7","state":"ready"}"#;
    let mut server = Server::new();
    let page = format!(r#"{{"reports":[{REPORT}],"more":false}}"#);
    for (path, query, body) in [
        ("/v1/reports", "merchant=acme", page.as_str()),
        ("/v1/reports/r-7", "", REPORT),
        ("/v1/reports/r-7/records", "", records),
    ] {
        let mock = server.mock("GET", path).with_body(body);
        mock.match_query(mockito::Matcher::Regex(query.into()))
            .match_header("x-api-key", "k-0123456789")
            .create();
    }
    server
}

fn world(provider: &ServerGuard) -> World {
    let world = World::new();
    world.install("libreissue_example.so");
    let secret = world.path("api-key");
    fs::write(&secret, "k-0123456789\n").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    let folder = world.path("").display().to_string();
    let configuration = CONFIGURATION
        .replace("/tmp/reissue-example/", &folder)
        .replace("http://127.0.0.1:9100", &provider.url());
    world.set_config(&configuration);
    world
}

fn outcomes(world: &World) -> Vec<Value> {
    let file = fs::read_to_string(world.path("updates/example/daily/r-7.jsonl")).unwrap();
    let lines = file.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.map(|line: Value| line["outcome"].clone()).collect()
}
