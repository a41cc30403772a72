//! All the way to an account that asks about cards.

use chrono::TimeDelta;
use reissue_tests::{Asks, Pinned, World};

use super::*;

#[test]
fn an_account_is_enrolled_by_and_by_and_then_asks() {
    let world = world(&[]);
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    let mut pinned = Pinned::new("enrolment");
    let daemon = world.daemon();
    let mut say = |heading: &str, arguments: &[&str], code: i32| {
        let said = world.reissue(arguments);
        assert_eq!(said.code, Some(code), "{said:?}");
        pinned.add(heading, &format!("{}{}", said.out, said.err));
    };

    say(
        "a slot of an account that is not enrolled",
        &["run", "cardsync"],
        1,
    );
    say("without the terms", &["enrol", "cardsync"], 79);
    assert_eq!(asked(&world, "merchant"), 0);
    let terms = ["--accept-terms", "--name", "Ada Adams", "--title", "CFO"];
    let accepting = [&["enrol", "cardsync"], &terms[..]].concat();
    say("with the terms", &accepting, 0);
    say("at once again", &accepting, 0);
    say("a slot while the provider works", &["run", "cardsync"], 1);
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("enrolment pending since 2"), "{status}");
    assert!(status.contains("nothing needs a person"), "{status}");
    assert_eq!(
        world.sandbox.merchants("Acme")[0]["terms_accepted_by"],
        "Ada Adams / CFO"
    );
    world.sandbox.advance("5d");
    say("once the provider has done it", &["enrol", "cardsync"], 0);
    say("and again", &accepting, 0);
    say("an account that needs none", &["enrol", "barclays-uk"], 0);
    say("an account that is not there", &["enrol", "cardsink"], 1);
    pinned.compare();

    let ran = world.run("cardsync");
    assert_eq!(ran["batches"][0]["state"], "waiting");
    for endpoint in ["merchant", "terms", "enrol"] {
        assert_eq!(asked(&world, endpoint), 1, "{endpoint}");
    }
    // What was handed out once is there after a restart.
    drop(daemon);
    let _daemon = world.daemon();
    world.put_cards(Asks::CardSync, "august.csv", CARD);
    assert_eq!(world.run("cardsync")["batches"][0]["state"], "waiting");
}

#[test]
fn with_interim_activation_it_is_enrolled_at_once() {
    let world = world(&INTERIM);
    let _daemon = world.daemon();

    let said = enrol(&world).ok();

    assert_eq!(said.out, "account `cardsync` is enrolled\n");
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    assert_eq!(world.run("cardsync")["batches"][0]["state"], "waiting");
    world.reissue(&["reload"]).ok();
    world.put_cards(Asks::CardSync, "august.csv", CARD);
    assert_eq!(world.run("cardsync")["batches"][0]["state"], "waiting");
}

#[test]
fn the_provider_is_asked_every_day() {
    let (world, clock) = World::with_clock(&config());
    unenrolled(&world, "Acme");
    let mut daemon = world.start_with(&clock.environment()).ready();
    enrol(&world).ok();
    let answered = || world.until_events("enrolment_stepped", 1).len();
    let before = answered();

    clock.set(TimeDelta::hours(25));
    world.until_events("enrolment_stepped", before + 1);
    assert_eq!(asked(&world, "enrolment"), 1);
    // At the start, too, if a day has passed.
    daemon.kill();
    clock.set(TimeDelta::hours(5 * 24 + 1));
    let _daemon = world.start_with(&clock.environment()).ready();
    let events = world.until_events("enrolment_stepped", before + 2);

    assert_eq!(events.last().unwrap()["state"], "active");
    let said = enrol_again(&world, &[]).ok();
    assert_eq!(said.out, "account `cardsync` is enrolled\n");
    assert_eq!(asked(&world, "enrolment"), 2);
}

#[test]
fn nobody_enrols_while_the_daemon_is_down() {
    let world = world(&[]);
    let said = enrol(&world);
    assert_eq!(said.code, Some(69), "{said:?}");
    assert!(said.err.contains("the daemon does not answer"), "{said:?}");
}
