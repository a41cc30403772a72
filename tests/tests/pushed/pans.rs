//! Full card numbers: they reach a receiver encrypted, or not at all.

use std::io::Read;

use age::x25519::Identity;
use reissue_tests::{Asks, Config, World};
use serde_json::{Value, json};

/// Test cards that CardSync publishes, one for each answer.
const CARDS: [&str; 6] = [
    "4012000000000016",
    "4012000000000024",
    "4012000000000032",
    "4012000000000040",
    "4012000000000057",
    "4012000000000065",
];

/// Asks CardSync about the cards, and gives what was received.
fn asked(lines: &str) -> (World, Vec<Value>) {
    let config = Config::default()
        .pushes(lines)
        .asks(Asks::CardSync, "")
        .in_sink("plaintext = \"i-accept\"");
    let world = World::with(&config);
    let mut daemon = world.daemon();
    let rows = CARDS.map(|card| format!("order-{},{card},2027-04\n", &card[12..]));
    let cards = format!("reference,pan,expiry\n{}", rows.concat());
    world.put_cards(Asks::CardSync, "cards.csv", cards);
    world.run(Asks::CardSync.name());
    world.sandbox.advance("6d");
    for _sink in ["billing", "push"] {
        daemon.until("The batch was delivered.");
    }
    let updates = world.sandbox.receiver("push").updates_seen();
    (world, updates)
}

/// The lines of the files beside it, which hold the full numbers.
fn in_files(world: &World) -> Vec<Value> {
    let folder = world.path("updates/cardsync/inquiry");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn without_include_pan_no_full_number_is_sent() {
    let (world, received) = asked("");
    let mut kept = in_files(&world);
    let full = |update: &Value| {
        ["old", "new"]
            .iter()
            .any(|card| update[card]["pan"].is_string())
    };
    assert!(kept.iter().any(full), "{kept:?}");
    for update in &mut kept {
        for card in ["old", "new"] {
            if let Some(card) = update.get_mut(card).and_then(Value::as_object_mut) {
                card.remove("pan");
            }
        }
    }
    assert_eq!(received, kept);
    let told = world.sandbox.receiver("push").told();
    assert_eq!(told["refused"], json!([]));
}

#[test]
fn with_include_pan_the_recipient_reads_what_the_files_hold() {
    let identity = Identity::generate();
    let recipient = identity.to_public();
    let (world, received) = asked(&format!(
        "include_pan = true\nrecipients = [\"{recipient}\"]"
    ));
    let [page] = received.as_slice() else {
        panic!("{received:?}");
    };
    let armored = page["encrypted"].as_str().unwrap();
    let reader = age::armor::ArmoredReader::new(armored.as_bytes());
    let decryptor = age::Decryptor::new(reader).unwrap();
    let identity = &identity as &dyn age::Identity;
    let mut text = String::new();
    let mut reader = decryptor.decrypt(std::iter::once(identity)).unwrap();
    reader.read_to_string(&mut text).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(lines, in_files(&world));
}
