//! What the source wants, and what a source says that lacks something.

use super::*;

#[test]
fn the_books_follow_what_the_source_wants() {
    let (world, _daemon) = begin(&config());
    want(&world, "monday.csv", 0..10);
    let before = subscriptions(&world);
    assert_eq!(
        (&before["next"]["add"], &before["wanted"]),
        (&json!(10), &json!(0))
    );
    assert_eq!(booked(&world), BTreeSet::new(), "to show it sends nothing");

    run(&world);

    assert_eq!(booked(&world), cards(0..10));
    assert!(!world.path("cards/amex/monday.csv").exists());
    assert_eq!(subscriptions(&world)["pairs"], json!({ "subscribed": 10 }));

    want(&world, "tuesday.csv", 2..12);
    run(&world);
    assert_eq!(booked(&world), cards(2..12));

    // What was wanted still is.
    let requests = world.sandbox.requests()["counts"].clone();
    run(&world);
    run(&world);
    assert_eq!(booked(&world), cards(2..12));
    assert_eq!(world.sandbox.requests()["counts"], requests);
    let view = subscriptions(&world);
    assert_eq!(
        (&view["wanted"], &view["pairs"]),
        (&json!(10), &json!({ "subscribed": 10 }))
    );
    for pair in world.sandbox.subscriptions() {
        assert_eq!(
            (&pair["added"], &pair["added_again"]),
            (&json!(1), &json!(0)),
            "{pair}"
        );
    }
}

#[test]
fn one_card_under_two_merchant_numbers_is_two_pairs() {
    let (world, _daemon) = begin(&config());
    let card = amex(1);
    let both = format!(
        "reference,pan,expiry,se_number\na,{card},2027-04,{SE}\nb,{card},2027-04,9876543210\nc,{card},2027-04,{SE}\n"
    );
    world.put_cards(Asks::Amex, "both.csv", both);
    run(&world);
    let taken = &world.until_events("cards_taken", 1)[0];
    assert_eq!(taken["verdicts"], json!({ "add": 2, "doubled": 1 }));
    assert_eq!(world.sandbox.subscriptions().len(), 2);
    let one = format!("reference,pan,expiry,se_number\nb,{card},2027-04,9876543210\n");
    world.put_cards(Asks::Amex, "one.csv", one);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "1"])
        .ok();
    run(&world);
    let books = world.sandbox.subscriptions();
    for pair in books {
        assert_eq!(
            pair["subscribed"],
            pair["se_number"] == "9876543210",
            "{pair}"
        );
    }
}

#[test]
fn a_source_that_suddenly_lacks_pairs_waits_for_a_person() {
    let (world, _daemon) = begin(&config());
    want(&world, "whole.csv", 0..10);
    run(&world);

    want(&world, "broken-off.csv", 0..7);
    let said = world.reissue(&["run", "amex", "--wait"]);
    assert_ne!(said.code, Some(0));
    assert!(
        said.out.contains(
            "the source lacks 3 pairs that it had before, of 10: nothing is changed. Hand in all that is \
             wanted; or, if it is right, `reissue subscriptions amex --may-lack 3`"
        ),
        "{}",
        said.out
    );
    assert_eq!(booked(&world), cards(0..10));
    assert!(world.path("cards/amex/broken-off.csv").exists());
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains("amex cannot be served: the source lacks 3 pairs"),
        "{status}"
    );
    assert_eq!(subscriptions(&world)["next"]["waits"], true);

    // Another number than the one that a person saw is not this decision.
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "2"])
        .ok();
    assert_eq!(subscriptions(&world)["next"]["waits"], true);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    world.until_events("subscriptions_written", 2);
    run(&world);
    assert_eq!(booked(&world), cards(0..7));
    let accepted = world.until_events("missing_accepted", 2);
    assert!(accepted[1]["by"].as_str().unwrap().starts_with("uid "));

    // It was for that file alone.
    want(&world, "again.csv", 0..4);
    assert_eq!(subscriptions(&world)["next"]["waits"], true);
}

#[test]
fn a_file_that_cannot_be_read_makes_the_set_none() {
    let (world, _daemon) = begin(&config());
    want(&world, "whole.csv", 0..10);
    run(&world);

    want(&world, "a.csv", 0..9);
    world.put_cards(Asks::Amex, "b.csv", "reference,pam\n1,2\n");
    let said = world.reissue(&["run", "amex", "--wait"]);
    assert!(said.out.contains("cards/amex/b.csv"), "{}", said.out);
    assert_eq!(booked(&world), cards(0..10));
    let shown = world.reissue(&["subscriptions", "amex"]).ok().out;
    assert!(
        shown.contains("changes nothing while a file of its source cannot be read"),
        "{shown}"
    );

    std::fs::remove_file(world.path("cards/amex/b.csv")).unwrap();
    world.reissue(&["reload"]).ok();
    world.until_events("subscriptions_written", 2);
    run(&world);
    assert_eq!(booked(&world), cards(0..9));
}

#[test]
fn additions_wait_for_another_days_budget() {
    let config = config();
    let world = World::with(&config);
    world.edit("cards_per_day", "cards_per_day = 4");
    let _daemon = world.daemon();
    world.reissue(&["enrol", "amex"]).ok();
    want(&world, "all.csv", 0..10);
    run(&world);
    assert_eq!(booked(&world), cards(0..4));
    let view = subscriptions(&world);
    assert_eq!(view["pairs"], json!({ "subscribed": 4, "absent": 6 }));
    assert_eq!(
        (&view["next"]["add"], &view["next"]["over_budget"]),
        (&json!(0), &json!(6))
    );

    world.edit("cards_per_day", "cards_per_day = 100");
    world.reissue(&["reload"]).ok();
    run(&world);
    assert_eq!(booked(&world), cards(0..10));
}

#[test]
fn what_costs_money_cannot_be_forgotten_by_an_edit() {
    let (world, _daemon) = begin(&config());
    want(&world, "all.csv", 0..3);
    run(&world);
    let toml = world.config();
    let without = toml.split("[schedules.amex]").next().unwrap();
    world.set_config(without);
    let said = world.reissue(&["reload"]);
    assert!(
        said.err.contains(
            "schedule `amex` is not configured any more, and keeps 3 pairs at the provider or on the way \
             there, which cost money until they are removed"
        ),
        "{}",
        said.err
    );
    // It keeps them no more if it does something else, or for somebody else.
    let job = toml.replace("job = \"amex-subscription\"", "job = \"inquiry\"");
    let account = toml.replace("[accounts.amex]", "[accounts.other]");
    let account = account.replace("account = \"amex\"", "account = \"other\"");
    for edited in [job, account] {
        assert_ne!(edited, toml);
        world.set_config(&edited);
        let said = world.reissue(&["reload"]);
        assert!(
            said.err.contains(
                "schedule `amex` does not keep the subscriptions of account `amex` any more, and keeps 3 \
                 pairs at the provider"
            ),
            "{}",
            said.err
        );
    }
    world.set_config(&toml);
    want(&world, "none.csv", 0..0);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    run(&world);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::new());
    world.set_config(without);
    world.reissue(&["reload"]).ok();
}
