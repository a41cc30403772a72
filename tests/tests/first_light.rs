//! The narrow path once through: a schedule's slot, a listing, a collected batch, a delivered file.

use reissue_tests::World;
use serde_json::json;

#[test]
fn a_second_run_delivers_nothing_new() {
    let world = World::new();
    let daily = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE", "records": 25 }));
    let harvest = world.sandbox.batch(json!({ "source": "SCHEDULER", "records": 600 }));
    let _daemon = world.daemon();

    world.run("amex-daily");
    world.run("harvest");
    world.assert_delivered(&[daily.clone(), harvest.clone()]);

    let again = world.run("harvest");
    assert_eq!(again["listed"], 1);
    world.assert_delivered(&[daily, harvest]);
}
