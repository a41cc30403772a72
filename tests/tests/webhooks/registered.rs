//! What is told by webhook waits until the provider knows where to call us.

use super::caller::post;
use super::*;

const WHY: &str = "the webhook of account `amex` is not registered with its provider yet: run `reissue enrol amex`";

#[test]
fn a_job_waits_until_its_webhook_is_registered() {
    let world = world();
    let daemon = world.daemon();
    waits(&world);
    let status = world.reissue(&["status"]).ok().out;
    let alarm =
        "amex has a webhook that is not registered with its provider yet: run `reissue enrol amex`";
    assert!(status.contains(alarm), "{status}");

    let said = world.reissue(&["enrol", AMEX]).ok();

    assert_eq!(
        said.out,
        "account `amex` is enrolled, and its webhook is registered\n"
    );
    let status = world.reissue(&["status"]).ok().out;
    assert!(status.contains("nothing needs a person"), "{status}");
    subscribe(&world);
    assert_eq!(post(&world, &path(&world), "{}").status, 200);
    drop(daemon);

    // Another place to be called at has to be registered too; the proxy may leave its path to us.
    let elsewhere = format!("public_url = \"{}/reissue\"", world.webhooks());
    world.edit("public_url", &elsewhere);
    let _daemon = world.daemon();
    waits(&world);
    world.reissue(&["enrol", AMEX]).ok();
    let path = path(&world);
    assert!(path.starts_with("/reissue/hooks/amex/"));
    assert_eq!(post(&world, &path, "{}").status, 200);
    let stripped = path.strip_prefix("/reissue").unwrap();
    assert_eq!(post(&world, stripped, "{}").status, 200);
}

#[track_caller]
fn waits(world: &World) {
    let ran = world.reissue(&["run", AMEX]);
    assert_eq!((ran.code, ran.err), (Some(1), format!("error: {WHY}\n")));
}

#[test]
fn a_job_that_is_called_needs_a_place_where() {
    let world = world();
    let config = world.config();
    let (before, rest) = config.split_once("[webhooks]").unwrap();
    let (_, after) = rest.split_once("\n[").unwrap();
    world.set_config(&format!("{before}\n[{after}"));
    let checked = world.reissue(&["check"]);
    assert_eq!(checked.code, Some(78));
    for sentence in [
        "error: the provider calls us for job `amex-subscription`, and nobody says where",
        "help: add [webhooks] with `listen` and `public_url`; reissue.toml explains them",
    ] {
        assert!(checked.err.contains(sentence), "{checked:?}");
    }
}

#[test]
fn where_we_are_called_changes_at_a_restart_only() {
    let world = world();
    let _daemon = world.daemon();
    world.edit("public_url", "public_url = \"https://billing.example.com\"");
    let reloaded = world.reissue(&["reload"]);
    assert_eq!(reloaded.code, Some(78));
    assert!(reloaded.err.contains("[webhooks]"), "{reloaded:?}");
}
