//! Answers that do not come.

use reissue_tests::{ACCOUNT, Config, World};
use serde_json::json;

use crate::answers::kind;
use crate::{attention, batch, daily, recovers};

/// So that a test need not wait for the idle limit of a minute.
const SHORT: &str = "limits = { call_timeout = \"1s\" }";

#[test]
fn a_status_or_a_report_that_stops_coming_ends_with_the_calls_time() {
    for endpoint in ["status", "report"] {
        let world = World::with(&Config::default().in_accounts(SHORT));
        let one = daily(&world, "100");
        let matches = json!({ "endpoint": endpoint, "times": 0 });
        world.sandbox.fault(matches, kind("stall"));
        let daemon = world.daemon();

        world.run("amex-daily");

        assert_eq!(batch(&world, &one)["state"], "waiting");
        assert_eq!(
            attention(&world)[&format!("{ACCOUNT}/100")],
            format!(
                "fails and is tried again: reading the {endpoint} of batch 100: reading the answer: the \
                 call took longer than 1s (limits.call_timeout of the account)"
            )
        );
        world.configure(&Config::default());
        recovers(&world, daemon, &[one], &[]);
    }
}

#[test]
fn a_list_that_stops_coming_ends_with_the_calls_time() {
    let world = World::with(&Config::default().in_accounts(SHORT));
    let one = daily(&world, "100");
    world
        .sandbox
        .fault(json!({ "endpoint": "list", "times": 0 }), kind("stall"));
    let daemon = world.daemon();

    let run = world.reissue(&["run", "amex-daily", "--wait", "--json"]);

    assert_eq!(
        run.json()["fault"]["message"],
        "listing the batches: reading the answer: the call took longer than 1s (limits.call_timeout of the account)"
    );
    world.configure(&Config::default());
    recovers(&world, daemon, &[one], &[]);
}
