//! The secret, and what a notification holds, are nowhere but in sealed files.

use std::fs;
use std::path::Path;

use reissue_tests::Collector;
use serde_json::json;

use super::caller::{call, post};
use super::*;

const PAN: &str = "4012000000000016";

#[test]
fn neither_secrets_nor_bodies_are_told() {
    let collector = Collector::new();
    let world = world();
    world.edit(
        "log",
        &format!("log = \"trace\"\n{}", collector.telemetry()),
    );
    let mut daemon = world.daemon();
    subscribe(&world);
    let mut texts = Vec::new();
    let mut ask = |arguments: &[&str]| {
        let said = world.reissue(arguments);
        texts.push(format!("{}{}", said.out, said.err));
    };
    let first = path(&world);
    ask(&["enrol", AMEX, "--rotate-webhook", "--json"]);
    let second = path(&world);
    let forged = body("5f3bc3d2-14eb-4bf4-8c8e-2ef9273738a5").replace("3f2504e0", PAN);
    for path in [&first, &second] {
        post(&world, path, PAN);
        post(&world, path, &format!("{{\"event_id\":\"{PAN}\"}}"));
        post(&world, path, &forged);
        call(&world, "GET", path, "", "");
        call(&world, "GET", &format!("{path}x"), "", "");
    }
    world.sandbox.make_event(json!({}));
    daemon.until("The batch was delivered.");
    // One waits while everything is looked through.
    world.edit("cards_per_day", "cards_per_day = 1000000\nenabled = false");
    ask(&["reload"]);
    post(&world, &second, PAN);
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["enrol", AMEX, "--json"],
        &["batch", "list", "--json"],
        &["check"],
    ] {
        ask(arguments);
    }
    daemon.stop();
    texts.push(world.log());
    let bodies = collector.bodies();
    texts.extend(
        bodies
            .iter()
            .map(|body| String::from_utf8_lossy(body).into()),
    );
    assert!(world.path("state/webhooks/amex").exists());
    assert_eq!(
        fs::read_dir(world.path("state/inbox/amex"))
            .unwrap()
            .count(),
        1
    );
    files(&world.path("state"), &mut texts);

    for path in [&first, &second] {
        let (_, secret) = path.rsplit_once('/').unwrap();
        for text in &texts {
            assert!(!text.contains(secret), "{text}");
        }
    }
    for text in &texts {
        assert!(!text.contains(PAN), "{text}");
    }
}

/// What every file below a directory holds.
fn files(directory: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, texts);
        } else if path.extension().is_none_or(|it| it != "so") {
            texts.push(String::from_utf8_lossy(&fs::read(&path).unwrap()).into());
        }
    }
}
