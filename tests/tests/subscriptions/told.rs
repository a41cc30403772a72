//! What events tell of subscribed cards.

use super::*;

/// Cards that CardSync publishes: one gets a new number, one a new expiry, one is closed.
const PUBLISHED: [&str; 3] = ["342132335566772", "376655111122997", "349900006577234"];

/// Waits until the daemon has said this of an event.
fn until(daemon: &mut Daemon, message: &str, event: &str) {
    let batch = format!("amex/{event}");
    daemon.until_line(message, |line| {
        line["message"] == message && line["batch"] == batch
    });
}

/// Hands in the published cards.
fn want_published(world: &World) {
    let mut csv = "reference,pan,expiry,se_number\n".to_owned();
    for (at, card) in PUBLISHED.iter().enumerate() {
        csv.push_str(&format!("order-{at},{card},2027-04,{SE}\n"));
    }
    world.put_cards(Asks::Amex, "published.csv", csv);
}

#[test]
fn a_new_number_takes_the_place_of_the_old_one() {
    let (world, mut daemon) = begin(&config());
    want_published(&world);
    run(&world);

    let event = world.sandbox.make_event(json!({}));

    until(&mut daemon, "The batch was delivered.", &event);
    let updates = world.delivered().batches.remove(&event).unwrap();
    let of = |reference: &str| {
        let mut found = updates
            .iter()
            .filter(|update| update["reference"] == reference);
        found.next().unwrap().clone()
    };
    assert_eq!(updates.len(), 3);
    let [number, expiry, closed] = ["order-0", "order-1", "order-2"].map(of);
    assert_eq!(number["outcome"], "new_number");
    assert_eq!(
        number["id"],
        format!("amex/{event}/{}", number["record"].as_str().unwrap())
    );
    assert_eq!(number["old"]["pan"], PUBLISHED[0]);
    assert_eq!(number["se_number"], SE);
    assert_eq!(
        (&expiry["outcome"], &closed["outcome"]),
        (&json!("new_expiry"), &json!("closed"))
    );

    run(&world);
    let new = number["new"]["pan"].as_str().unwrap();
    let expected = [new, PUBLISHED[1], PUBLISHED[2]].map(ToOwned::to_owned);
    assert_eq!(booked(&world), BTreeSet::from(expected.clone()));

    // The source goes on naming the old number for a while, and then the new one.
    want_published(&world);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::from(expected.clone()));
    let csv = format!(
        "reference,pan,expiry,se_number\norder-0,{new},2029-12,{SE}\norder-1,{},2027-04,{SE}\norder-2,{},2027-04,{SE}\n",
        PUBLISHED[1], PUBLISHED[2]
    );
    world.put_cards(Asks::Amex, "known.csv", csv);
    run(&world);
    assert_eq!(booked(&world), BTreeSet::from(expected));
    assert_eq!(subscriptions(&world)["pairs"], json!({ "subscribed": 3 }));
}

#[test]
fn a_provider_that_follows_a_card_is_left_to_it() {
    let (world, mut daemon) = begin(&config());
    world.edit("source = ", "source = \"amex\"\nfollow_updates = false");
    world.reissue(&["reload"]).ok();
    want_published(&world);
    run(&world);
    let event = world.sandbox.make_event(json!({}));
    until(&mut daemon, "The batch was delivered.", &event);
    run(&world);
    assert_eq!(
        booked(&world),
        BTreeSet::from(PUBLISHED.map(ToOwned::to_owned))
    );
}

#[test]
fn what_is_reported_of_a_pair_that_is_no_longer_ours_is_set_aside() {
    let (world, mut daemon) = begin(&config());
    want_published(&world);
    run(&world);
    let event = world.sandbox.make_event(json!({ "deliver": false }));
    want(&world, "others.csv", 0..1);
    world
        .reissue(&["subscriptions", "amex", "--may-lack", "3"])
        .ok();
    run(&world);
    run(&world);
    world.sandbox.announce(json!({ "events": [event] }));
    until(&mut daemon, "The batch was collected.", &event);
    assert!(!world.delivered().batches.contains_key(&event));
    let batch = format!("amex/{event}");
    let aside = world
        .reissue(&["updates", &batch, "--aside", "--json"])
        .ok();
    assert!(aside.out.contains("new_number"), "{}", aside.out);
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains(&batch), "{status}");
}
