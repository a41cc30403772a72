//! Pairs whose card gets a new number: each stays on the books once, whatever else the source wants.

use reissue_tests::{Daemon, World, amex};
use serde_json::json;

use crate::books::{pairs, shown};
use crate::cases::{A, B, books, enrolled, slot, stands};
use crate::subject::run;

/// The numbers of `A` and of `B`.
const OF_A: &str = "371449635398431";
const OF_B: &str = "378282246310005";

/// A customer whose new card is on file beside the old one pays for it once.
#[test]
fn a_card_that_becomes_another_one_on_file_is_not_added_twice() {
    let (world, mut daemon) = enrolled();
    slot(&world, &[A, B]);
    becomes(&world, &mut daemon, OF_A, OF_B);
    run(&world).unwrap();
    for _ in 0..3 {
        assert_eq!(books(&world), ["9876543210 378282246310005"]);
        slot(&world, &[A, B]);
    }
    added_once(&world);
    assert_eq!(stands(&world), ["b subscribed"]);
}

/// What stands for the old number does so as long as the source names it, also beside the new one.
#[test]
fn a_source_that_names_the_old_number_beside_the_new_one_does_not_add_it_anew() {
    let (world, mut daemon) = enrolled();
    slot(&world, &[A]);
    let new = amex(7);
    becomes(&world, &mut daemon, OF_A, &new);
    let both = [A, &format!("new,{new},2031-12,9876543210")];
    for _ in 0..4 {
        slot(&world, &both);
    }
    assert_eq!(books(&world), [format!("9876543210 {new}")]);
    added_once(&world);
}

/// Two cards that become one are two pairs until the source says so.
#[test]
fn two_cards_that_become_one_are_not_added_as_that_one_twice() {
    let (world, mut daemon) = enrolled();
    slot(&world, &[A, B]);
    let new = amex(7);
    becomes(&world, &mut daemon, OF_A, &new);
    becomes(&world, &mut daemon, OF_B, &new);
    for _ in 0..3 {
        slot(&world, &[A, B]);
    }
    added_once(&world);
    let mut keys: Vec<_> = pairs(&shown(&world))
        .map(|pair| pair["pan_masked"].to_string())
        .collect();
    keys.dedup();
    assert_eq!(keys.len(), pairs(&shown(&world)).count());
}

/// A provider may report what is no card's number, and refuses a request that holds one as a whole.
#[test]
fn a_new_number_that_is_none_keeps_nobody_else_from_being_added() {
    let (world, mut daemon) = enrolled();
    slot(&world, &[A]);
    becomes(&world, &mut daemon, OF_A, "371449635398432");
    slot(&world, &[A, B]);
    run(&world).unwrap();
    let both = ["9876543210 371449635398431", "9876543210 378282246310005"];
    assert_eq!(books(&world), both);
}

/// What a person does not let through to billing changes no subscription either.
#[test]
fn a_new_number_waits_for_the_person_that_its_event_waits_for() {
    let (world, mut daemon) = enrolled();
    world.edit("cards_per_day", "brake_updates = 1\ncards_per_day = 100");
    world.reissue(&["reload"]).ok();
    slot(&world, &[A, B]);
    let before = books(&world);
    let new = [amex(7), amex(8)];
    let event = |daemon: &mut Daemon| {
        for (card, new) in [OF_A, OF_B].iter().zip(&new) {
            world.sandbox.becomes(card, new);
        }
        let event = world.sandbox.make_event(json!({ "cards": [OF_A, OF_B] }));
        until_collected(daemon, &event)
    };
    let resolve = |batch: &str, how: &str| {
        let resolve = ["batch", "resolve", batch, "--as", how];
        world.reissue(&resolve).ok();
    };

    let given_up = event(&mut daemon);
    run(&world).unwrap();
    assert_eq!(books(&world), before);
    resolve(&given_up, "abandon");
    run(&world).unwrap();
    assert_eq!(books(&world), before);

    let delivered = event(&mut daemon);
    resolve(&delivered, "deliver");
    run(&world).unwrap();
    let after = new.map(|card| format!("9876543210 {card}"));
    assert_eq!(books(&world), after);
}

/// The provider reports that a card has another number, and the daemon has read it.
fn becomes(world: &World, daemon: &mut Daemon, card: &str, new: &str) {
    world.sandbox.becomes(card, new);
    let event = world.sandbox.make_event(json!({ "cards": [card] }));
    until_collected(daemon, &event);
}

/// Waits for the batch of an event, and says its name.
fn until_collected(daemon: &mut Daemon, event: &str) -> String {
    let batch = format!("amex/{event}");
    daemon.until_line("the event is collected", |line| {
        line["message"] == "The batch was collected." && line["batch"] == batch
    });
    batch
}

fn added_once(world: &World) {
    for pair in world.sandbox.subscriptions() {
        assert!(
            pair["added"].as_u64() <= Some(1),
            "{pair} was paid for more than once"
        );
    }
}
