//! Answers that are lost: nothing is sent twice, and what only the provider can say a person asks.

use serde_json::json;

use super::*;

/// The provider does what it is asked here once, and its answer is lost.
fn lose(world: &World, endpoint: &str) {
    world.sandbox.fault(
        json!({ "endpoint": endpoint }),
        json!({ "kind": "served", "then": { "kind": "drop" } }),
    );
}

const HELD: &str = "the enrolment of account `cardsync` is held: it is not known whether CardSync created \
    the merchant `Acme`, and it shows a merchant's key only once: ask it whether this merchant exists; \
    if it does, for its id and a new API key, and give them as `merchant_id` and the secret \
    `merchant_key`; if it does not, going on creates it. Once that is settled, `reissue enrol cardsync \
    --settled` goes on\n";

#[test]
fn a_merchant_is_not_created_twice() {
    let world = world(&INTERIM);
    lose(&world, "merchant");
    let daemon = world.daemon();

    let said = enrol(&world);

    assert_eq!((said.code, said.out.as_str()), (Some(79), HELD));
    let status = world.reissue(&["status"]).ok().out;
    assert!(
        status.contains("cardsync is held in its enrolment: it is not known"),
        "{status}"
    );
    // However often it is repeated, and after a restart.
    assert_eq!(enrol(&world).out, HELD);
    drop(daemon);
    let _daemon = world.daemon();
    assert_eq!(enrol(&world).out, HELD);
    assert_eq!(asked(&world, "merchant"), 1);

    // CardSync says that it exists, and gives a person what it is called and a key.
    let merchant = world.sandbox.merchants("Acme").remove(0);
    std::fs::write(
        world.path("merchant-key"),
        merchant["key"].as_str().unwrap(),
    )
    .unwrap();
    let id = merchant["id"].as_str().unwrap();
    world.edit(
        "secrets = { partner_key",
        &format!(
            "secrets = {{ merchant_key = {{ file = \"WORLD/merchant-key\" }} }}\nsettings.merchant_id = \"{id}\""
        ),
    );
    world.reissue(&["reload"]).ok();
    let said = enrol_again(&world, &["--settled"]).ok();

    assert_eq!(said.out, "account `cardsync` is enrolled\n");
    assert_eq!(world.sandbox.merchants("Acme").len(), 1);
    assert_eq!(asked(&world, "merchant"), 1);
    world.put_cards(Asks::CardSync, "july.csv", CARD);
    assert_eq!(world.run("cardsync")["batches"][0]["state"], "waiting");
}

#[test]
fn a_merchant_that_was_not_created_is_once_that_is_settled() {
    let world = world(&INTERIM);
    world
        .sandbox
        .fault(json!({ "endpoint": "merchant" }), json!({ "kind": "drop" }));
    let _daemon = world.daemon();
    assert_eq!(enrol(&world).out, HELD);
    assert!(world.sandbox.merchants("Acme").is_empty());

    enrol_again(&world, &["--settled"]).ok();

    assert_eq!(world.sandbox.merchants("Acme").len(), 1);
}

#[test]
fn terms_are_told_once_more_for_a_person_alone() {
    let world = world(&INTERIM);
    lose(&world, "terms");
    let _daemon = world.daemon();

    let said = enrol(&world);

    assert_eq!(said.code, Some(79), "{said:?}");
    let id = world.sandbox.merchants("Acme")[0]["id"].clone();
    assert_eq!(
        said.out,
        format!(
            "the enrolment of account `cardsync` is held: it is not known whether CardSync noted that Ada \
             Adams accepted its terms for the merchant {}: ask it; going on tells it once more. Once that \
             is settled, `reissue enrol cardsync --settled` goes on\n",
            id.as_str().unwrap()
        )
    );
    assert_eq!(enrol_again(&world, &[]).code, Some(79));
    assert_eq!(asked(&world, "terms"), 1);
    let said = enrol_again(&world, &["--settled"]).ok();
    assert_eq!(said.out, "account `cardsync` is enrolled\n");
    assert_eq!(asked(&world, "terms"), 2);
    assert_eq!(world.sandbox.merchants("Acme").len(), 1);
}

#[test]
fn an_enrolment_whose_answer_was_lost_is_found() {
    let world = world(&[]);
    lose(&world, "enrol");
    let _daemon = world.daemon();

    let said = enrol(&world).ok();

    assert_eq!(
        said.out,
        "account `cardsync` is not enrolled yet: the provider works on it, and is asked every day\n"
    );
    assert_eq!(asked(&world, "enrol"), 1);
    world.sandbox.advance("5d");
    enrol_again(&world, &[]).ok();
    assert_eq!(asked(&world, "enrol"), 1);
}

#[test]
fn an_enrolment_that_cannot_be_looked_for_yet_is_looked_for_later() {
    let world = world(&[]);
    lose(&world, "enrol");
    let all = |endpoint| {
        world.sandbox.fault(
            json!({ "endpoint": endpoint, "times": 0 }),
            json!({ "kind": "status", "status": 503 }),
        );
    };
    all("enrolment");
    let daemon = world.daemon();

    let said = enrol(&world);

    assert_eq!(said.code, Some(69), "{said:?}");
    assert!(
        said.out
            .starts_with("the answer to a step of the enrolment of account `cardsync` was lost"),
        "{said:?}"
    );
    let status = world.reissue(&["status"]).ok().out;
    let sent = "cardsync sent something for its enrolment whose answer was lost, and does not send it again";
    assert!(status.contains(sent), "{status}");
    // The daemon looks by itself, and sends nothing.
    world.sandbox.heal();
    drop(daemon);
    let before = world.events().len();
    let _daemon = world.daemon();
    let steps = world.until_events("enrolment_stepped", 3);
    assert_eq!(steps.last().unwrap()["state"], "pending");
    assert!(world.events().len() > before);
    assert_eq!(asked(&world, "enrol"), 1);
}
