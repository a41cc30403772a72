//! Cards go out, answers come back: a file of cards becomes submissions, and these become updates.

use reissue_tests::{Asks, Config, World};

/// Test cards that CardSync publishes, one for each answer, and one that it has nothing to say about.
const CARDS: &str = "reference,pan,expiry
order-1,4012000000000016,2027-04
order-2,4012000000000024,2027-04
order-3,4012000000000032,2027-04
order-4,4012000000000040,2027-04
order-5,4012000000000057,2027-04
order-6,4012000000000065,2027-04
order-7,4111111111111111,2027-04
";

const IN_THE_CLEAR: &str = "plaintext = \"i-accept\"";

#[test]
fn a_file_of_cards_is_asked_about_once_and_answered() {
    let config = Config::default()
        .in_sink(IN_THE_CLEAR)
        .asks(Asks::CardSync, "");
    let world = World::with(&config);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let _daemon = world.daemon();

    let ran = world.run("cardsync");

    assert_eq!(ran["batches"][0]["state"], "waiting");
    assert_eq!(ran["batches"][0]["cards"], 7);
    assert!(!world.path("cards/cardsync/july.csv").exists());
}
