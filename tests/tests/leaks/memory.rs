//! Card numbers in the daemon's own memory: none is left once the provider has the question, and none once
//! the answers are delivered.
//!
//! This is without TLS and about memory that the process can write to. What the system holds of a file or
//! of a connection is its own.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Instant;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use reissue_tests::{Asks, Config, Memory, PATIENCE, World};

/// The first digits of all cards here, which nothing else begins with.
const BANK: &str = "46817325";
/// More than two frames of a sealed file.
const CARDS: usize = 600;

#[test]
fn no_card_number_stays_in_memory_when_cardsync_is_asked() {
    is_wiped(Asks::CardSync);
}

#[test]
fn no_card_number_stays_in_memory_when_bluesnap_is_asked() {
    is_wiped(Asks::BlueSnap);
}

fn is_wiped(asks: Asks) {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(asks, "");
    let world = World::with(&config);
    let identity = Identity::generate();
    world.secret("age-key", identity.to_string().expose_secret());
    world.edit(
        "path = ",
        &format!(
            "path = \"WORLD/cards/{}/*\"\nidentity = {{ file = \"WORLD/age-key\" }}",
            asks.name()
        ),
    );
    let memory = Memory::new(&world);
    let (plain, rest) = (cards(0..CARDS / 2), cards(CARDS / 2..CARDS));
    // One that has an answer at every provider, so that there is something to deliver.
    let plain = plain + "changed,4012000000000016,2027-04\n";
    let rest = age::encrypt(&identity.to_public(), rest.as_bytes()).unwrap();
    world.put_cards(asks, "july.csv", plain);
    world.put_cards(asks, "july.csv.age", rest);
    let mut daemon = world.start_with(memory.environment()).ready();

    // Whoever sends then waits for an answer, with all of the question in hand.
    world.sandbox.pause();
    world.reissue(&["run", asks.name()]).ok();
    world.until_events("submission_sending", 1);
    while numbers_in(&memory.read()).len() < CARDS {}

    world.sandbox.go_on();
    daemon.until("The provider has the submission.");
    until_wiped(&memory);

    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    until_wiped(&memory);
}

/// Waits until there is no card number in memory. A connection's buffers are wiped with it, which is
/// kept for some seconds.
#[track_caller]
fn until_wiped(memory: &Memory) {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = numbers_in(&memory.read());
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{} numbers: {left:?}", left.len());
    }
}

fn cards(numbers: Range<usize>) -> String {
    let mut file = "reference,pan,expiry\n".to_owned();
    for number in numbers {
        let digits = format!("{BANK}{number:07}");
        let check = check_digit(&digits);
        file += &format!("order-{number},{digits}{check},2027-04\n");
    }
    file
}

fn check_digit(digits: &str) -> u32 {
    let weighed = digits.bytes().rev().enumerate().map(|(at, digit)| {
        match (at % 2, u32::from(digit - b'0')) {
            (0, digit @ 5..) => digit * 2 - 9,
            (0, digit) => digit * 2,
            (_, digit) => digit,
        }
    });
    (10 - weighed.sum::<u32>() % 10) % 10
}

/// The card numbers among these bytes.
fn numbers_in(bytes: &[u8]) -> BTreeSet<String> {
    let length = 16;
    let bank = BANK.as_bytes();
    let mut numbers = BTreeSet::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == bank[0]) {
        at += next;
        if let Some(number) = bytes.get(at..at + length)
            && number.starts_with(bank)
            && number.iter().all(u8::is_ascii_digit)
        {
            numbers.insert(String::from_utf8(number.to_vec()).unwrap());
        }
        at += 1;
    }
    numbers
}
