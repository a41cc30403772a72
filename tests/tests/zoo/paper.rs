//! A connector in plain C, from its source to delivered updates: the boundary is one that any
//! language can speak.

use mockito::{Matcher, Server, ServerGuard};
use reissue_tests::{Config, World};
use serde_json::json;

const REPORT: &str = "\
r1 tok-1 NEW tok-9 411111XXXXXX1111 2031-04
r2 tok-2 CLO
r3 tok-3 ODD
";

/// A world whose account `post` is at this provider.
fn world(provider: &ServerGuard) -> World {
    let world = World::new();
    let library = world.bred("paper", &[]);
    std::fs::rename(library, world.path("connectors/libpaper.so")).unwrap();
    let account = format!(
        r#"[accounts.post]
connector = "paper"
base_url = "{}"
secrets = {{ api_key = {{ file = "{}" }} }}
sinks = ["billing"]

[schedules.letters]
account = "post"
job = "letters"
cron = "0 0 29 2 *"
"#,
        provider.url(),
        world.path("secret").display()
    );
    world.configure(&Config::default().more(&account));
    world
}

#[test]
fn its_updates_are_delivered() {
    let mut provider = Server::new();
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let list = provider
        .mock("GET", "/letters")
        .match_query(Matcher::AllOf(vec![
            Matcher::Regex("from=[0-9TZ:.-]+".into()),
            Matcher::Regex("to=[0-9TZ:.-]+".into()),
        ]))
        .match_header("x-api-key", secret)
        .with_body("L-1 ready\nL-2 working\n")
        .create();
    let report = provider
        .mock("GET", "/letters/L-1")
        .match_header("x-api-key", secret)
        .with_chunked_body(|writer| {
            // In pieces that end in the middle of a line.
            REPORT
                .as_bytes()
                .chunks(17)
                .try_for_each(|piece| writer.write_all(piece))
        })
        .create();
    let world = world(&provider);
    let _daemon = world.daemon();
    let run = world.run("letters");
    assert_eq!(
        (run["listed"].as_u64(), run["served"].as_bool()),
        (Some(2), Some(true))
    );

    let delivered = world.delivered();
    let updates = &delivered.batches["L-1"];
    let told: Vec<_> = updates
        .iter()
        .map(|it| {
            json!([
                it["id"],
                it["outcome"],
                it["provider_code"],
                it["old"]["token"],
                it["new"]
            ])
        })
        .collect();
    let new = json!({ "token": "tok-9", "pan_masked": "411111XXXXXX1111", "expiry": "2031-04" });
    assert_eq!(
        told,
        [
            json!(["post/L-1/r1", "new_number", "NEW", "tok-1", new]),
            json!(["post/L-1/r2", "closed", "CLO", "tok-2", null]),
            json!(["post/L-1/r3", "unknown", "ODD", "tok-3", null]),
        ]
    );
    list.assert();
    report.assert();
}

#[test]
fn a_report_that_breaks_off_is_not_delivered() {
    let mut provider = Server::new();
    provider
        .mock("GET", "/letters")
        .match_query(Matcher::Any)
        .with_body("L-1 ready\n")
        .create();
    provider
        .mock("GET", "/letters/L-1")
        .with_chunked_body(|writer| {
            writer.write_all(REPORT.as_bytes())?;
            Err(std::io::Error::other("the line is dead"))
        })
        .create();
    let world = world(&provider);
    let _daemon = world.daemon();
    let batch = world.run("letters")["batches"][0].clone();
    assert_eq!(batch["state"], "waiting");
    let fault = batch["fault"]["message"].as_str().unwrap();
    assert!(fault.starts_with("the answer broke off: "), "{fault}");
    assert!(world.delivered().files.is_empty());
}
