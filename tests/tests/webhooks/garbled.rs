//! Notifications that nobody understands are taken, counted and thrown away.

use super::caller::post;
use super::*;

#[test]
fn what_the_provider_never_sends_is_thrown_away() {
    let world = world();
    let mut daemon = world.daemon();
    subscribe(&world);
    let good = path(&world);
    let before = world.records().len();
    let event = "5f3bc3d2-14eb-4bf4-8c8e-2ef9273738a5";
    let bodies = [
        "".to_owned(),
        "no JSON".into(),
        "[]".into(),
        "{}".into(),
        body("no UUID"),
        body(event).replace("\"trigger_id\":23", "\"trigger_id\":24"),
        body("4012000000000016"),
    ];

    for body in &bodies {
        assert_eq!(post(&world, &good, body).status, 200, "{body}");
    }

    let line = daemon.until("Notifications that nobody understands were thrown away.");
    assert!(
        !line["why"].as_str().unwrap().contains("4012000000000016"),
        "{line}"
    );
    until(&world, "all are read", |world| {
        webhook(world)["garbled"] == bodies.len()
    });
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("webhook: 7 garbled"), "{status}");
    assert_eq!(asked(&world), 0);
    assert_eq!(world.records().len(), before);
    assert_eq!(
        std::fs::read_dir(world.path("state/inbox/amex"))
            .unwrap()
            .count(),
        0
    );
}
