//! Calls that do not end by themselves.

use reissue_tests::ZOO;
use rustix::process::Signal;
use serde_json::Value;

use crate::{needs_a_person, run, serves_others, text, with};

const HANGS: &str = "A connector's call hangs: its time is up, and it does not return. Restart the \
                     daemon when it suits.";

#[test]
fn a_call_that_hangs_is_shown_and_holds_up_nobody() {
    let world = with("hangs", &[], "limits = { call_timeout = \"1s\" }");
    let mut daemon = world.daemon();
    world.reissue(&["run", ZOO]).ok();

    let line = daemon.until(HANGS);
    let told = ["connector", "account", "verb"].map(|key| text(&line[key]));
    assert_eq!(told, ["zoo", ZOO, "discover"]);
    let since = text(&line["since"]);
    let [sentence] = <[_; 1]>::try_from(needs_a_person(&world, ZOO)).unwrap();
    let (before, after) = sentence.split_once(&since[..19]).unwrap();
    assert_eq!(
        (before, after),
        (
            "has a call that hangs: `discover` of the connector `zoo` has not returned since ",
            " UTC, and its time is up. Restart the daemon"
        )
    );
    let status = world.reissue(&["status", "--json"]).ok().json();
    let schedules = status["schedules"].as_array().unwrap();
    let zoo = schedules.iter().find(|one| one["name"] == ZOO).unwrap();
    assert_eq!(zoo["open"]["running"], true, "{zoo}");
    serves_others(&world);
    world.reissue(&["reload"]).ok();
    // The configuration is another one, and the call hangs all the same.
    assert_eq!(needs_a_person(&world, ZOO), [sentence]);

    daemon.signal(Signal::TERM);
    assert!(daemon.ended().success());
    let left = daemon.said("Runs did not end in time; the next start takes them up.");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["left"], 1);
}

#[test]
fn updates_without_end_are_ended_by_the_deadline() {
    let world = with("emits", &[], "limits = { call_timeout = \"1s\" }");
    let _daemon = world.daemon();
    let batch = world.run(ZOO)["batches"][0].clone();
    assert_eq!(batch["state"], "waiting");
    assert_eq!(
        batch["waits"]["fault"],
        "the call took longer than 1s (limits.call_timeout of the account)"
    );
    assert_eq!(world.delivered().files, Vec::<std::path::PathBuf>::new());
    serves_others(&world);
}

#[test]
fn requests_without_end_are_ended_whatever_the_connector_makes_of_it() {
    let world = with(
        "requests",
        &[],
        "limits = { requests_per_second = 1000000 }",
    );
    let _daemon = world.daemon();
    let run = run(&world);
    assert_eq!(run["served"], Value::Bool(false));
    assert_eq!(
        run["fault"]["message"],
        "the call already made 1000 requests; the daemon ends it, because the provider's pages do \
         not seem to"
    );
    serves_others(&world);
}
