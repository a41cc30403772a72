//! The same where full card numbers are the very matter: files of cards in, answers out.
//!
//! They lie in the file that is handed over, until it is read, and in the encrypted one that is delivered.
//! The providers repeat numbers wherever they write text and refuse with numbers in their words, and rows
//! are rejected.

use std::fs;
use std::io::Read;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use reissue_tests::{Asks, Collector, Config, World};
use serde_json::{Value, json};

use crate::scan::Scanner;
use crate::{end, masked};

/// Cards with answers of every kind at both providers.
const CARDS: [&str; 7] = [
    "4012000000000016",
    "4012000000000024",
    "4012000000000032",
    "4012000000000065",
    "4111111111111111",
    "4012888888881881",
    "6304939304310009610",
];
/// With a wrong check digit, so that it is rejected.
const REJECTED: &str = "4012000000000017";
/// Wherever a provider writes text.
const IN_A_TEXT: &str = "5105105105105100";
/// In the words of a refusal.
const IN_A_REFUSAL: &str = "6011000990139424";

#[test]
fn no_card_number_of_an_inquiry_is_anywhere_but_where_it_belongs() {
    let collector = Collector::new();
    let identity = Identity::generate();
    let recipient = identity.to_public();
    let config = Asks::ALL.into_iter().fold(
        Config::default()
            .in_sink(&format!("recipients = [\"{recipient}\"]"))
            .pushes(""),
        |config, asks| config.asks(asks, ""),
    );
    let world = World::with(&config);
    world.edit(
        "log",
        &format!("log = \"trace\"\n{}", collector.telemetry()),
    );
    let mut daemon = world.daemon();
    let mut outputs = Vec::new();

    for asks in Asks::ALL {
        let mut ask = |arguments: &[&str]| {
            let said = world.reissue(arguments);
            outputs.push((format!("{arguments:?}"), said.out + &said.err));
        };
        refuse(&world, asks);
        hand_over(&world, asks, "refused.csv");
        ask(&["run", asks.name(), "--wait"]);
        leak(&world);
        hand_over(&world, asks, "july.csv");
        ask(&["run", asks.name(), "--wait", "--json"]);
        world.sandbox.advance("6d");
        for _sink in ["billing", "push"] {
            daemon.until("The batch was delivered.");
        }
        world.sandbox.heal();
        look_at_everything(&world, &mut ask);
    }
    end(daemon);

    let received = world.sandbox.receiver("push").updates_seen();
    assert!(received.len() > CARDS.len(), "{received:?}");
    outputs.push(("the receiver".into(), format!("{received:?}")));
    let delivered = delivered(&world, &identity);
    let mut scanner = scanner(&world, &delivered, &identity);
    for (place, text) in &outputs {
        scanner.look(place, text.as_bytes());
    }
    scanner.look("the log", world.log().as_bytes());
    for body in &collector.bodies() {
        scanner.look("the traces", body);
    }
    for directory in ["updates", "cards", "state"] {
        assert!(
            scanner.look_below(&world.path(directory)) > 1,
            "{directory}"
        );
    }
    assert_eq!(scanner.found, Vec::<String>::new());

    came_all_the_way(&world, &outputs, &delivered);
}

/// Hands over cards of the sort that a provider takes, with a row that is rejected.
fn hand_over(world: &World, asks: Asks, name: &str) {
    let mut file = String::new();
    match asks {
        Asks::SmartpayFuse => {
            file += "reference,token,token_kind\n";
            file += "a,AAE3DD3DED844001E05341588E0AD0D6,payment_instrument\n";
            file += &format!("b,{REJECTED} x,payment_instrument\n");
        }
        _ => {
            file += "reference,pan,expiry\n";
            for card in CARDS.iter().chain([&REJECTED]) {
                file += &format!("order-{},{card},2027-04\n", &card[12..]);
            }
        }
    }
    world.put_cards(asks, name, file);
}

/// The next submission is refused, in words that hold a number.
fn refuse(world: &World, asks: Asks) {
    let words = format!("card {IN_A_REFUSAL} is odd");
    let body = match asks {
        Asks::CardSync | Asks::Amex => json!({ "status": "error", "msg": words }).to_string(),
        Asks::SmartpayFuse => json!({ "code": "VALIDATION_ERROR", "detail": words }).to_string(),
        Asks::BlueSnap => format!(
            "<messages xmlns=\"http://ws.plimus.com\"><message><error-name>INVALID</error-name>\
             <code>1</code><description>{words}</description></message></messages>"
        ),
    };
    world.sandbox.fault(
        json!({ "endpoint": "submit" }),
        json!({ "kind": "status", "status": 400, "body": body }),
    );
}

/// Whatever is answered from now on holds a number wherever there is text.
fn leak(world: &World) {
    for endpoint in ["submit", "status", "report"] {
        world.sandbox.fault(
            json!({ "endpoint": endpoint, "times": 0 }),
            json!({ "kind": "leak", "text": IN_A_TEXT }),
        );
    }
}

/// Every question that shows something of batches.
fn look_at_everything(world: &World, ask: &mut impl FnMut(&[&str])) {
    let mut both = |arguments: &[&str]| {
        ask(arguments);
        ask(&[arguments, &["--json"]].concat());
    };
    both(&["status"]);
    both(&["batch", "list"]);
    both(&["updates"]);
    let list = world.reissue(&["batch", "list", "--json"]).ok().json();
    for batch in list.as_array().unwrap() {
        let key = batch["key"].as_str().unwrap();
        both(&["batch", "show", key]);
        both(&["updates", key]);
        both(&["updates", key, "--aside"]);
    }
}

/// The delivered updates, as a consumer reads them who holds the key.
fn delivered(world: &World, identity: &Identity) -> Vec<Value> {
    let mut updates = Vec::new();
    for asks in Asks::ALL {
        let account = world.path("updates").join(asks.name());
        for job in fs::read_dir(account).unwrap() {
            for file in fs::read_dir(job.unwrap().path()).unwrap() {
                let file = fs::File::open(file.unwrap().path()).unwrap();
                let decryptor = age::Decryptor::new(file).unwrap();
                let keys = std::iter::once(identity as &dyn age::Identity);
                let mut text = String::new();
                let mut plain = decryptor.decrypt(keys).unwrap();
                plain.read_to_string(&mut text).unwrap();
                updates.extend(
                    text.lines()
                        .map(|line| serde_json::from_str::<Value>(line).unwrap()),
                );
            }
        }
    }
    updates
}

/// Looks for every number that went in or came out.
fn scanner(world: &World, delivered: &[Value], identity: &Identity) -> Scanner {
    let new = delivered.iter().filter_map(|it| it["new"]["pan"].as_str());
    let new: Vec<&str> = new.collect();
    assert!(new.len() >= 2, "{delivered:?}");
    let key = fs::read_to_string(world.path("key")).unwrap();
    Scanner::default()
        .numbers(CARDS)
        .numbers([REJECTED, IN_A_TEXT, IN_A_REFUSAL])
        .numbers(new)
        .secret("the key", key.trim())
        .text("the identity", identity.to_string().expose_secret())
        .text("CardSync's key", "api_1sandboxMerchantOfCardSync1")
        .text("BlueSnap's password", "sandbox-Password-of-BlueSnap")
}

/// Fails unless what must not be seen was there to be seen.
#[track_caller]
fn came_all_the_way(world: &World, outputs: &[(String, String)], delivered: &[Value]) {
    let changed = |it: &&Value| it["old"]["pan"] == CARDS[0] && it["new"]["pan"].is_string();
    assert!(delivered.iter().filter(changed).count() >= 1);
    let refusals = outputs
        .iter()
        .filter(|(_, text)| text.contains(&masked(IN_A_REFUSAL)));
    assert!(refusals.count() >= 3);
    assert!(world.log().contains(&masked(IN_A_REFUSAL)));
    let texts = delivered
        .iter()
        .filter(|it| it.to_string().contains(&masked(IN_A_TEXT)));
    assert!(texts.count() >= 1);
    let rejects: Vec<String> = Asks::ALL
        .into_iter()
        .flat_map(|asks| fs::read_dir(world.path("cards").join(asks.name())).unwrap())
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(rejects.len(), 6, "inputs are gone, and rejects are there");
    assert!(rejects.iter().all(|it| it.contains(&masked(REJECTED))));
}
