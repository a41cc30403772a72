//! Two schedules of one account fall due together: neither asks what the other has asked a moment ago, and
//! they share one day's budget.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fmt::Write;
use std::fs;
use std::thread;

use reissue_tests::{Asks, Config, World, pan};

/// Enough that both slots are read before either is planned.
const CARDS: u64 = 5_000;

#[test]
fn a_card_that_two_schedules_name_is_asked_about_once() {
    let world = world("1000000");
    put_the_same_twice(&world);
    let _daemon = world.daemon();

    run_both(&world);

    let asked = world.sandbox.submitted("cardsync");
    assert_eq!(asked["cards"], CARDS);
    assert_eq!(asked["questions"], CARDS, "each card once");
}

#[test]
fn two_schedules_share_the_budget_of_a_day() {
    let budget = CARDS / 2;
    let world = world(&budget.to_string());
    put_the_same_twice(&world);
    let _daemon = world.daemon();

    run_both(&world);

    let asked = world.sandbox.submitted("cardsync");
    assert_eq!(asked["questions"], budget);
}

fn world(cards_per_day: &str) -> World {
    let config = Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .timings("first_poll = \"1d\"")
        .asks(Asks::CardSync, "")
        .more(
            r#"
[sources.other]
kind = "csv"
path = "/cards/other/*.csv"
settle = "0s"

[schedules.other]
account = "cardsync"
job = "inquiry"
source = "other"
cron = "0 0 29 2 *"
not_asked_within = "25d""#,
        );
    let world = World::with(&config);
    world.edit("cards_per_day", &format!("cards_per_day = {cards_per_day}"));
    world.edit("settle", "settle = \"0s\"");
    world.edit("path = \"/cards/", "path = \"WORLD/cards/other/*.csv\"");
    let chooses = "source = \"cardsync\"\nnot_asked_within = \"25d\"";
    world.edit("source = ", chooses);
    world
}

fn put_the_same_twice(world: &World) {
    let mut cards = "reference,pan,expiry\n".to_owned();
    for number in 0..CARDS {
        writeln!(cards, "order-{number},{},2031-04", pan(number)).unwrap();
    }
    world.put_cards(Asks::CardSync, "july.csv", &cards);
    fs::create_dir_all(world.path("cards/other")).unwrap();
    fs::write(world.path("cards/other/july.csv"), &cards).unwrap();
}

fn run_both(world: &World) {
    thread::scope(|scope| {
        for schedule in ["cardsync", "other"] {
            scope.spawn(move || world.run(schedule));
        }
    });
}
