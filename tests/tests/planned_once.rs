//! A file of cards is planned once: what tells it from another is not its name, and a crash between the
//! record that plans it and its deletion neither loses a card nor doubles one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::os::unix::process::ExitStatusExt;

use reissue_tests::{Asks, Config, KillPoint, Moment, World, pan};
use serde_json::Value;

#[test]
fn a_file_with_the_name_of_an_earlier_one_is_another_file() {
    let world = world();
    let _daemon = world.daemon();
    for number in 0..3 {
        world.put_cards(Asks::CardSync, "cards.csv", card(number));
        world.run("cardsync");
    }
    assert_asked_about(&world, 3);
}

#[test]
fn a_file_that_is_replaced_before_it_is_deleted_is_another_file() {
    let world = world();
    let mut shim = KillPoint::new(&world);
    let mut daemon = world.start_with(&shim.on_order()).ready();
    // The first file makes directories besides.
    for number in 0..2 {
        shim.order(None);
        world.put_cards(Asks::CardSync, "cards.csv", card(number));
        world.run("cardsync");
    }
    let calls = shim.calls();
    // The deletion is made durable once; right before it the journal was, with the record of the plan.
    let deleted = calls
        .iter()
        .position(|it| it.path == "cards/cardsync")
        .unwrap();
    let planned = &calls[deleted - 1];
    assert_eq!(planned.name, "fdatasync", "{calls:?}");

    world.put_cards(Asks::CardSync, "cards.csv", card(2));
    shim.order(Some((planned.number, Moment::After)));
    world.reissue(&["run", "cardsync", "--wait"]);
    assert_eq!(daemon.ended().signal(), Some(9));
    assert_eq!(events(&world, "cards_taken").len(), 3);
    assert_eq!(events(&world, "inputs_finished").len(), 2);
    world.put_cards(Asks::CardSync, "cards.csv", card(3));

    let _daemon = world.daemon();
    for _ in ["what was left", "nothing new"] {
        world.run("cardsync");
        assert_asked_about(&world, 4);
    }
    let left = world.path("cards/cardsync").read_dir().unwrap();
    assert_eq!(left.count(), 0);
}

fn world() -> World {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .timings("first_poll = \"1d\"")
        .asks(Asks::CardSync, "");
    World::with(&config)
}

/// A file of one card.
fn card(number: u64) -> String {
    format!("reference,pan,expiry\norder,{},2031-04\n", pan(number))
}

#[track_caller]
fn assert_asked_about(world: &World, cards: u64) {
    let asked = world.sandbox.submitted("cardsync");
    assert_eq!(
        (&asked["cards"], &asked["questions"]),
        (&cards.into(), &cards.into())
    );
}

fn events(world: &World, name: &str) -> Vec<Value> {
    let mut events = world.events();
    events.retain(|event| event["event"] == name);
    events
}

#[test]
fn a_file_that_cannot_be_moved_away_keeps_no_card_numbers_there() {
    let world = world();
    world.edit("settle", "settle = \"0s\"\nkeep_done = \"/proc/kept\"");
    let tokens = "reference,token,token_kind\norder,token-1,customer\n";
    world.put_cards(Asks::CardSync, "a-tokens.csv", tokens);
    world.put_cards(Asks::CardSync, "b-numbers.csv", card(0));
    let _daemon = world.daemon();

    world.run("cardsync");

    let left = world.path("cards/cardsync").read_dir().unwrap();
    let left = left.map(|file| file.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["a-tokens.csv"]);
}
