//! The merchant's key is nowhere but in a sealed file.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reissue_tests::Collector;

use super::*;

#[test]
fn the_key_that_enrolment_yields_is_nowhere() {
    let collector = Collector::new();
    let world = world(&INTERIM);
    world.edit(
        "log",
        &format!("log = \"trace\"\n{}", collector.telemetry()),
    );
    let daemon = world.daemon();
    let mut texts = Vec::new();
    let mut ask = |arguments: &[&str]| {
        let said = world.reissue(arguments);
        texts.push(format!("{}{}", said.out, said.err));
    };
    let terms = ["--accept-terms", "--name", "Ada Adams", "--title", "CFO"];
    ask(&[&["enrol", "cardsync", "--json"], &terms[..]].concat());
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    ask(&["run", "cardsync", "--wait"]);
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["enrol", "cardsync", "--json"],
        &["batch", "list", "--json"],
        &["check"],
        &["connectors", "inspect", "cardsync"],
        &["reload"],
    ] {
        ask(arguments);
    }
    daemon.stop();
    ask(&["status", "--json"]);
    texts.push(world.log());
    let bodies = collector.bodies();
    texts.extend(
        bodies
            .iter()
            .map(|body| String::from_utf8_lossy(body).into()),
    );

    let merchant = world.sandbox.merchants("Acme").remove(0);
    let key = merchant["key"].as_str().unwrap();
    // It came all the way: cards were taken with it.
    assert_eq!(asked(&world, "submit"), 1);
    assert!(world.path("state/enrolment/cardsync").exists());
    files(&world.path("state"), &mut texts);
    files(&world.path("updates"), &mut texts);
    let partner = fs::read_to_string(world.path("partner-key")).unwrap();
    for secret in [key, partner.trim()] {
        let encoded = BASE64_STANDARD.encode(secret);
        for form in [secret, encoded.trim_end_matches('=')] {
            let found: Vec<&String> = texts.iter().filter(|text| text.contains(form)).collect();
            assert!(found.is_empty(), "{found:?}");
        }
    }
    let id = merchant["id"].as_str().unwrap();
    let journal = world
        .events()
        .iter()
        .map(ToString::to_string)
        .collect::<String>();
    assert!(!journal.contains(id), "{journal}");
    assert!(journal.contains("Ada Adams"), "{journal}");
}

/// Every file below a directory, as text.
fn files(directory: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, texts);
        } else if path.is_file() {
            texts.push(String::from_utf8_lossy(&fs::read(&path).unwrap()).into());
        }
    }
}
