//! Each genuine event is collected once.

use serde_json::json;

use super::*;

#[test]
fn an_event_of_a_subscribed_card_arrives_in_billing() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);

    let event = world.sandbox.make_event(json!({}));

    daemon.until("The batch was delivered.");
    let delivered = world.delivered();
    let outcomes = delivered.batches[&event]
        .iter()
        .map(|update| update["outcome"].clone());
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        ["new_number", "closed", "new_expiry"]
    );
}
