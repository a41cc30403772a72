//! What once went wrong, each in the fewest steps.

use std::fs;
use std::process::Command;

use reissue_tests::{Asks, Daemon, World, amex};
use serde_json::{Value, json};

use crate::books::{is_subscribed, pairs, shown};
use crate::subject::{AMEX, run, world};

pub(crate) const A: &str = "a,371449635398431,2031-04,9876543210";
pub(crate) const B: &str = "b,378282246310005,2031-04,9876543210";
/// No connector takes it: there is no merchant number.
const REFUSED: &str = "c,371449635398431,2031-04,";

/// What may have been removed is unknown, and not subscribed, once a removal is given up.
#[test]
fn a_removal_that_is_given_up_may_have_been_done() {
    let (world, _daemon) = enrolled();
    slot(&world, &[A, B]);
    fault(&world, "unsubscribe");
    may_lack(&world);
    slot(&world, &[A]);
    assert_eq!(books(&world), ["9876543210 371449635398431"]);
    give_up(&world);
    assert_eq!(stands(&world), ["a subscribed", "b unknown"]);

    slot(&world, &[A, B]);
    run(&world).unwrap();
    let both = ["9876543210 371449635398431", "9876543210 378282246310005"];
    assert_eq!(books(&world), both);
    assert_eq!(stands(&world), ["a subscribed", "b subscribed"]);
}

/// A connector that cannot remove what it never took leaves nothing behind that counts as subscribed.
#[test]
fn what_cannot_be_removed_because_it_cannot_be_there_is_not_subscribed() {
    let (world, _daemon) = enrolled();
    fault(&world, "subscribe");
    slot(&world, &[A, REFUSED]);
    give_up(&world);
    assert_eq!(stands(&world), ["a unknown", "c unknown"]);

    run(&world).unwrap();
    run(&world).unwrap();
    assert_eq!(stands(&world), ["a subscribed", "c refused"]);
    let rejected = world.delivered().batches.into_values().flatten();
    let rejected: Vec<Value> = rejected.map(|mut it| it["reference"].take()).collect();
    assert_eq!(rejected, ["c"]);
}

/// The provider refuses a request that holds one bad pair as a whole.
#[test]
fn a_merchant_number_that_was_mistyped_keeps_nobody_else_from_being_added() {
    let (world, _daemon) = enrolled();
    slot(&world, &[A, "d,378282246310005,2031-04,987654321"]);
    run(&world).unwrap();
    assert_eq!(stands(&world), ["a subscribed", "d refused"]);
}

/// What an older state does not know of is at the provider all the same, and reports of it are no other card's.
#[test]
fn a_state_that_was_put_back_gives_no_pair_the_key_of_another() {
    const C: &str = "c,376655111122997,2031-04,9876543210";
    let (world, daemon) = enrolled();
    slot(&world, &[A]);
    daemon.stop();
    let (state, backup) = (world.path("state"), world.path("backup"));
    let copied = Command::new("cp")
        .arg("-a")
        .args([&state, &backup])
        .status();
    assert!(copied.unwrap().success());
    let daemon = world.daemon();
    slot(&world, &[A, B]);
    daemon.stop();
    fs::remove_dir_all(&state).unwrap();
    fs::rename(&backup, &state).unwrap();

    let mut daemon = world.daemon();
    slot(&world, &[A, C]);
    world.sandbox.becomes("378282246310005", &amex(7));
    let event = json!({ "cards": ["378282246310005"] });
    let batch = format!("amex/{}", world.sandbox.make_event(event));
    daemon.until_line("the event is collected", |line| {
        line["message"] == "The batch was collected." && line["batch"] == batch
    });
    let aside = world.reissue(&["updates", &batch, "--aside", "--json"]);
    assert!(aside.ok().out.contains("new_number"), "it is nobody's");
}

pub(crate) fn enrolled() -> (World, Daemon) {
    let world = world();
    let daemon = world.daemon();
    world.reissue(&["enrol", AMEX]).ok();
    (world, daemon)
}

/// A slot that finds these rows.
pub(crate) fn slot(world: &World, rows: &[&str]) {
    let file = format!("reference,pan,expiry,se_number\n{}\n", rows.join("\n"));
    world.put_cards(Asks::Amex, "wanted.csv", file);
    run(world).unwrap();
}

/// The next such request is done, and its answer is lost.
fn fault(world: &World, endpoint: &str) {
    let lost = json!({ "kind": "served", "then": { "kind": "drop" } });
    world.sandbox.fault(json!({ "endpoint": endpoint }), lost);
}

fn may_lack(world: &World) {
    let may_lack = ["subscriptions", AMEX, "--may-lack", "1"];
    world.reissue(&may_lack).ok();
}

/// Gives up the one submission that is open.
fn give_up(world: &World) {
    let listed = world.reissue(&["batch", "list", "--json"]).ok().json();
    let mut open = listed.as_array().unwrap().iter();
    let open = open.find(|batch| batch["state"] != "delivered").unwrap();
    let key = open["key"].as_str().unwrap();
    world
        .reissue(&["batch", "resolve", key, "--as", "abandon"])
        .ok();
}

/// What the provider has.
pub(crate) fn books(world: &World) -> Vec<String> {
    let books = world.sandbox.subscriptions();
    let subscribed = books.iter().filter(is_subscribed);
    let mut names: Vec<String> = subscribed
        .map(|row| texts([&row["se_number"], &row["card"]]))
        .collect();
    names.sort();
    names
}

/// Where each pair stands.
pub(crate) fn stands(world: &World) -> Vec<String> {
    let shown = shown(world);
    let mut stands: Vec<String> = pairs(&shown)
        .map(|pair| texts([&pair["reference"], &pair["stands"]]))
        .collect();
    stands.sort();
    stands
}

fn texts(values: [&Value; 2]) -> String {
    values.map(|value| value.as_str().unwrap()).join(" ")
}
